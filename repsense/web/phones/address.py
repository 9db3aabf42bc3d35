"""The addresses that phones are told."""

from enum import StrEnum

from repsense.web.network import address_on_the_network, is_everywhere
from repsense.web.phones.settings import PhoneSettings


class Way(StrEnum):
    """How a phone sends."""

    PAGE = "page"
    SENSOR_LOGGER = "sensor_logger"


def phone_address(settings: PhoneSettings, way: Way, key: str, *, port: int | None = None) -> str:
    """Return what a phone has to open or push to."""
    host = settings.host.strip("[]")
    if is_everywhere(host):
        host = address_on_the_network()
    shown = f"[{host}]" if ":" in host else host
    if way is Way.PAGE:
        return f"https://{shown}:{port or settings.https_port}/phone/{key}"
    return f"http://{shown}:{port or settings.http_port}/phone/{key}/sensor-logger"
