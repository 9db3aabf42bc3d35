"""What the app phyphox says on its remote interface: which buffers there are, what is new in them.

Layout: phyphox.org/wiki, Remote-interface communication. Pure: the asking is done
in :mod:`repsense.sources.phone.phyphox_source`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import numpy as np

from repsense.errors import DecodeError, SourceError
from repsense.samples import FloatArray
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.phone.fields import entries, mapping, measured, number, parse, table
from repsense.sources.phone.units import force_g

TITLE = "phyphox"

_WITH_GRAVITY, _WITHOUT, _GRAVITY = "accelerometer", "linear_acceleration", "gravity"
_OUTPUTS = ("t", "x", "y", "z")
# Earlier than any sample, which may have time 0.
BEFORE_ALL_S = -1.0


@dataclass(frozen=True, slots=True)
class Buffers:
    """Names of the buffers of one sensor: its times, then x, y and z."""

    t: str
    x: str
    y: str
    z: str

    @property
    def axes(self) -> tuple[str, str, str]:
        """The names of x, y and z."""
        return self.x, self.y, self.z


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What the experiment that is open measures, as far as it matters.

    Parameters
    ----------
    acceleration
        Where the acceleration is.
    gravity
        Where gravity is, if the acceleration is without; else None.
    """

    acceleration: Buffers
    gravity: Buffers | None = None

    def newest(self) -> str:
        """Return the request for the time of the newest sample."""
        return f"/get?{quote(self.acceleration.t)}"

    def since(self, time_s: float) -> str:
        """Return the request for all samples later than ``time_s``.

        ``a=5|t`` asks for what is in ``a`` where ``t`` is above 5.
        """
        asked = []
        for buffers in (self.acceleration, self.gravity):
            if buffers is not None:
                asked.append(f"{quote(buffers.t)}={time_s!r}")
                asked += [f"{quote(axis)}={time_s!r}%7C{quote(buffers.t)}" for axis in buffers.axes]
        return f"/get?{'&'.join(asked)}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class News:
    """An answer to :meth:`Experiment.since`.

    Parameters
    ----------
    session
        Changes when another experiment is opened.
    measuring
        Whether the experiment runs.
    batch
        The new samples in the experiment's time, or None.
    """

    session: str
    measuring: bool
    batch: Batch | None


def host_and_port(address: str) -> tuple[str, int]:
    """Return host and port of the address that the app shows.

    Raises
    ------
    SourceError
        When it is none.
    """
    url = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme != "http":
        raise SourceError(
            f"{address!r} is no address of phyphox: write what the app shows when you allow remote "
            f"access, like http://192.168.0.42:8080"
        )
    return host, 80 if port is None else port


def read_config(message: str | bytes) -> Experiment:
    """Return what the answer to ``/config`` says.

    Raises
    ------
    DecodeError
        When it is no such answer, or the experiment has no acceleration with gravity.
    """
    fields = parse(message, title=TITLE)
    sensors = {}
    for entry in entries(fields.get("inputs"), what="the inputs of the experiment"):
        sensor = mapping(entry, what="an input of the experiment")
        buffers = _buffers(sensor.get("outputs"))
        if buffers is not None:
            sensors[str(sensor.get("source"))] = buffers
    if _WITH_GRAVITY in sensors:
        return Experiment(acceleration=sensors[_WITH_GRAVITY])
    if _WITHOUT in sensors and _GRAVITY in sensors:
        return Experiment(acceleration=sensors[_WITHOUT], gravity=sensors[_GRAVITY])
    raise DecodeError(
        f"The experiment {str(fields.get('title'))[:60]!r} on the phone measures no acceleration "
        f"with gravity: open 'Acceleration with g' in phyphox."
    )


def _buffers(outputs: object) -> Buffers | None:
    """Return the buffers of a sensor; None where it lacks one, or names none (Bluetooth)."""
    if not isinstance(outputs, list):
        return None
    named: dict[str, object] = {}
    for output in outputs:
        named.update(mapping(output, what="an output"))
    names = [named.get(key) for key in _OUTPUTS]
    texts = [name for name in names if isinstance(name, str)]
    if len(texts) < len(_OUTPUTS):
        return None
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise DecodeError("A buffer of phyphox has a name that is no text.") from error
    return Buffers(*texts)


def read_newest(message: str | bytes, experiment: Experiment) -> float:
    """Return the time of the newest sample, or :data:`BEFORE_ALL_S` when there is none."""
    values = _buffer(parse(message, title=TITLE), experiment.acceleration.t)
    return BEFORE_ALL_S if not values or values[-1] is None else values[-1]


def read_news(message: str | bytes, experiment: Experiment) -> News:
    """Return what is new.

    Raises
    ------
    DecodeError
        When it is no answer of phyphox to what was asked.
    """
    fields = parse(message, title=TITLE)
    status = mapping(fields.get("status"), what="the status of phyphox")
    times, accel = _columns(fields, experiment.acceleration)
    if experiment.gravity is not None and len(times):
        times, accel = _with_gravity(times, accel, *_columns(fields, experiment.gravity))
    batch = None
    if len(times):
        batch = Batch(accel_g=force_g(accel, is_g=False, title=TITLE), device_s=times)
    return News(
        session=str(status.get("session")),
        measuring=status.get("measuring") is True,
        batch=batch,
    )


def _with_gravity(
    times: FloatArray, accel: FloatArray, gravity_times: FloatArray, gravity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Add gravity at the time of each acceleration that it has reached; the rest is asked again."""
    if not len(gravity_times):
        return times[:0], accel[:0]
    reached = times <= gravity_times[-1]
    times, accel = times[reached], accel[reached]
    read = [np.interp(times, gravity_times, gravity[:, axis]) for axis in range(3)]
    return times, accel + np.stack(read, axis=1)


def _columns(fields: Mapping[str, object], buffers: Buffers) -> tuple[FloatArray, FloatArray]:
    """Return times in s and vectors; samples of which a part is missing are left out.

    The buffers are filled one after the other while they are read, so that one may be
    longer than the others by a sample, which then comes again.
    """
    columns = [_buffer(fields, name) for name in (buffers.t, *buffers.axes)]
    rows = [[cell for cell in row if cell is not None] for row in zip(*columns, strict=False)]
    whole = table([row for row in rows if len(row) == len(_OUTPUTS)], len(_OUTPUTS))
    # A time that does not rise would be asked for over and over again.
    rising = np.ones(len(whole), dtype=bool)
    rising[1:] = whole[1:, 0] > np.maximum.accumulate(whole[:, 0])[:-1]
    return whole[rising, 0], whole[rising, 1:]


def _buffer(fields: Mapping[str, object], name: str) -> list[float | None]:
    """Return what a buffer holds; None stands for what is no number there (null, NaN)."""
    buffers = mapping(fields.get("buffer"), what="the buffers of phyphox")
    buffer = mapping(buffers.get(name), what=f"the buffer {name[:40]!r} of phyphox")
    held = entries(buffer.get("buffer"), what=f"the buffer {name[:40]!r} of phyphox")
    return [_cell(value) for value in held]


def _cell(value: object) -> float | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    return measured(number(value, what="a sample"), what="a sample")
