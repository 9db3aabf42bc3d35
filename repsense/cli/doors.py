"""Bands that are no Bluetooth sensors: their sources, and the doors that feed these."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.sinks.base import Sink
    from repsense.sinks.mqtt.settings import BrokerSettings
    from repsense.sources.phone.phyphox_source import PhyphoxSource
    from repsense.sources.pushed import PushedSource
    from repsense.sources.settings import BandSettings
    from repsense.web.phones.app import Door

_PAGE_ADVICE = "Open the address for this phone in its browser ('repsense phones' shows it)."
_APP_ADVICE = "Press start in Sensor Logger ('repsense phones' shows where it has to push to)."
_GATEWAY_ADVICE = "Start 'repsense gateway' on the machine near the sensor."


class Doors:
    """Makes the sources of such bands, and afterwards the sinks that are their doors.

    Parameters
    ----------
    settings
        The configuration.
    folder
        Where phones' keys and the certificate are kept.
    """

    def __init__(self, settings: "Settings", folder: Path) -> None:
        from repsense.sinks.mqtt.topics import Topics

        self._settings = settings
        self._folder = folder
        self._topics = Topics(settings.broker.base_topic)
        self._routes: dict[str, Callable[[str], None]] = {}
        self._phones: dict[str, Door] = {}
        self._need_broker: list[str] = []

    def source(
        self, name: str, band: "BandSettings", *, origin_s: float
    ) -> "PushedSource | PhyphoxSource":
        """Return the source of a band that does not come via Bluetooth.

        Parameters
        ----------
        name
            What the band's samples go by.
        """
        from repsense.sources.phone.motion_page import MotionPageDecoder
        from repsense.sources.phone.phyphox_source import PhyphoxSource
        from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
        from repsense.sources.pushed import PushedSource
        from repsense.sources.remote import RemoteDecoder
        from repsense.sources.settings import Via

        if band.via is Via.PHYPHOX:
            return PhyphoxSource(band.address or "", origin_s=origin_s)
        if band.via is Via.PAGE:
            source = PushedSource(MotionPageDecoder(), advice=_PAGE_ADVICE, origin_s=origin_s)
            self._phones[name] = _door("page", source)
        elif band.via is Via.SENSOR_LOGGER:
            source = PushedSource(SensorLoggerDecoder(), advice=_APP_ADVICE, origin_s=origin_s)
            self._phones[name] = _door("sensor_logger", source)
            self._routes[self._topics.phone(name)] = source.put
        else:
            source = PushedSource(RemoteDecoder(), advice=_GATEWAY_ADVICE, origin_s=origin_s)
            self._routes[self._topics.samples_filter(name)] = source.put
            self._need_broker.append(name)
        return source

    def sinks(self, broker: "BrokerSettings", say: Callable[[str], None]) -> "list[Sink]":
        """Return the doors of all sources made so far, to be opened with the service.

        Raises
        ------
        ConfigError
            When there is no broker, and a source has no other way in.
        """
        from repsense.errors import ConfigError

        if self._need_broker and broker.host is None:
            raise ConfigError(
                f"The samples of {self._need_broker[0]!r} come from a gateway over MQTT, but no "
                f"broker is configured: set broker.host to the one that the gateway uses."
            )
        doors: list[Sink] = []
        if self._routes and broker.host is not None:
            from repsense.sinks.mqtt.inlet import MqttInlet

            doors.append(MqttInlet(broker, self._routes, on_status=say))
        return [*doors, *self.phone_sinks(say)]

    def phone_sinks(self, say: Callable[[str], None]) -> "list[Sink]":
        """Return the door for phones that send by themselves, if there are any."""
        if not self._phones:
            return []
        from repsense.web.phones.sink import PhoneSink

        return [PhoneSink(self._settings.phones, self._phones, folder=self._folder, on_status=say)]


def _door(way: str, source: "PushedSource") -> "Door":
    from repsense.errors import ConfigError

    try:
        from repsense.web.phones.address import Way
        from repsense.web.phones.app import Door
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"Phones need {error.name}, which is not installed. Install it with: "
            f"pip install 'repsense[phones]'"
        ) from error
    return Door(way=Way(way), put=source.put, gone=source.gone)
