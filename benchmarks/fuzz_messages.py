"""What phones and gateways send, and how it can go wrong: messages for ``benchmarks/fuzz.py``.

Made here from the layouts that the decoders name, not captured. JSON is changed as such, else next
to every message would be refused by the parser alone: values are replaced by odd ones, left out,
repeated, and moved elsewhere.
"""

import json
import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from repsense.batches import Packer, encode
from repsense.errors import DecodeError, SampleError
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Batch, Notification, Timing
from repsense.sources.clock import SensorClock, clock_for
from repsense.sources.phone import phyphox
from repsense.sources.phone.motion_page import MotionPageDecoder
from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
from repsense.sources.pushed import Heard, NewStream, PushDecoder
from repsense.sources.remote import RemoteDecoder

_MESSAGES, _SAMPLES = 20, 6  # of each kind, and in a message
_ODD = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, -1e308, float("nan"), float("inf"), 10**400),
    *(2**63, -(2**63), 2**53, "", "x" * 300, "\ud800", "9.8", [], {}, [[]], [None], {"x": 1}),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends messages, in the shape in which the benchmark takes a driver.

    Parameters
    ----------
    real
        Right messages, as if they had come one after the other.
    reader
        Makes what reads them.
    """

    id: str
    real: Sequence[Notification]
    reader: Callable[[], "Reads | ReadsPhyphox"]

    def decoder(self) -> "Reads | ReadsPhyphox":
        """Return a new decoder."""
        return self.reader()


class Reads:
    """A decoder of messages and the clock behind it, with the face of a driver's decoder.

    Phones may send anything twice or too late, so it is the clock that brings order into it; what
    is looked at is what both make of a message.
    """

    def __init__(self, decoder: PushDecoder) -> None:
        self._decoder = decoder
        self._clock = clock_for(Timing.DEVICE, decoder.rate_hz, origin_s=0.0)
        self._now_s = 0.0

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of a message, and of those that waited for it too long."""
        self._now_s += 0.1
        try:
            heard = [*self._decoder.feed(notification.data, self._now_s)]
            heard += self._decoder.tick(self._now_s)
            placed = [self._place(one) for one in heard]
        except SampleError as error:  # as PushedSource.put does
            raise DecodeError(str(error)) from error
        return [batch for batch in placed if batch is not None]

    def _place(self, heard: Heard) -> Batch | None:
        if isinstance(heard, NewStream):
            self._clock.connected()
        return placed(self._clock, heard, self._now_s) if isinstance(heard, Batch) else None


class ReadsPhyphox:
    """Reads the answers of phyphox: its description first, then what is new."""

    def __init__(self) -> None:
        self._experiment = phyphox.read_config(_config(without=True))
        self._clock = clock_for(Timing.DEVICE, 50.0, origin_s=0.0)
        self._now_s = 0.0

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of an answer."""
        self._now_s += 0.1
        if b'"inputs"' in notification.data:
            self._experiment = phyphox.read_config(notification.data)
            self._experiment.since(1.0)
            return []
        phyphox.read_newest(notification.data, self._experiment)
        batch = phyphox.read_news(notification.data, self._experiment).batch
        block = None if batch is None else placed(self._clock, batch, self._now_s)
        return [] if block is None else [block]


def placed(clock: SensorClock, batch: Batch, now_s: float) -> Batch | None:
    """Return the batch as the clock lets it through."""
    block = clock.place(batch, now_s)
    if block is None:
        return None
    return Batch(
        accel_g=block.accel_g, gyro_dps=block.gyro_dps, device_s=block.t_s, lost=block.lost
    )


def senders() -> tuple[Sender, ...]:
    """Return all that send messages."""
    return (
        Sender("sensor_logger", _as_sent(_sensor_logger()), lambda: Reads(SensorLoggerDecoder())),
        Sender("page", _as_sent(_page()), lambda: Reads(MotionPageDecoder())),
        Sender("gateway", _as_sent(_gateway()), lambda: Reads(RemoteDecoder())),
        Sender("phyphox", _as_sent(_phyphox()), ReadsPhyphox),
    )


def mutate_json(data: bytes, rng: random.Random) -> bytes:
    """Return the message with something in it changed; one that is no JSON any more as it is."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return data
    for _ in range(rng.choice((1, 1, 2, 3))):
        message = _changed(message, rng)
    return json.dumps(message).encode()


def _changed(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any JSON value
    """Change one place, the deeper the likelier."""
    if not _is_open(value) or rng.random() < 0.1:
        return deepcopy(rng.choice(_ODD))
    inside = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = rng.choice(inside)
    match rng.randrange(8):
        case 0 if isinstance(value, dict):
            del value[key]
        case 0:
            value.insert(key, deepcopy(value[key]))
        case 1 if len(inside) > 1:
            other = rng.choice(inside)
            value[key], value[other] = value[other], value[key]
        case _:
            value[key] = _changed(value[key], rng)
    return value


def _is_open(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _as_sent(messages: Sequence[str]) -> list[Notification]:
    return [
        Notification(characteristic="message", data=text.encode(), arrived_s=0.1 * number)
        for number, text in enumerate(messages)
    ]


def _vectors(number: int) -> list[list[float]]:
    t_s = (number * _SAMPLES + np.arange(_SAMPLES)) / 50.0
    turned: list[list[float]] = np.stack([np.sin(t_s), 0.0 * t_s, np.cos(t_s)], axis=1).tolist()
    return turned


def _times(number: int) -> list[float]:
    return [round((number * _SAMPLES + at) / 50.0, 3) for at in range(_SAMPLES)]


def _sensor_logger() -> list[str]:
    kinds = ({"totalacceleration": "xyz"}, {"accelerometer": "xyz", "gravity": "xyz"})
    return [_logged(number, kinds[number // (_MESSAGES // 2)]) for number in range(_MESSAGES)]


def _logged(number: int, names: dict[str, str]) -> str:
    payload = [
        {
            "name": name,
            "time": 1_698_501_144_000_000_000 + round(at_s * 1e9),
            "values": dict(zip(axes, (9.80665 * cell for cell in xyz), strict=True)),
        }
        for name, axes in names.items()
        for at_s, xyz in zip(_times(number), _vectors(number), strict=True)
    ]
    return json.dumps({"messageId": number, "sessionId": "a", "deviceId": "d", "payload": payload})


def _page() -> list[str]:
    return [
        json.dumps(
            {
                "v": 1,
                "page": "p",
                "seq": number,
                "inverted": number % 2 == 0,
                "s": [
                    [at_s * 1000.0, *(9.80665 * cell for cell in xyz)]
                    for at_s, xyz in zip(_times(number), _vectors(number), strict=True)
                ],
            }
        )
        for number in range(_MESSAGES)
    ]


def _gateway() -> list[str]:
    packer = Packer("stream", span_s=0.0)
    report = LinkReport(state=LinkState.STREAMING, sensor="band", detail="", battery_percent=80)
    batches = packer.report(report)
    for number in range(_MESSAGES):
        accel_g = np.array(_vectors(number))
        gyro_dps = accel_g * 10.0 if number % 3 == 0 else None
        times = np.array(_times(number))
        batches += packer.add(SampleBlock(t_s=times, accel_g=accel_g, gyro_dps=gyro_dps))
    return [encode(batch) for batch in batches]


def _config(*, without: bool) -> str:
    kinds = ("linear_acceleration", "gravity") if without else ("accelerometer",)
    inputs = [
        {"source": kind, "outputs": [{axis: f"{kind}_{axis}"} for axis in "xyzt"]} for kind in kinds
    ]
    return json.dumps({"title": "Acceleration", "inputs": [*inputs, {"source": "bluetooth"}]})


def _phyphox() -> list[str]:
    answers = []
    for number in range(_MESSAGES):
        columns = dict(zip("xyz", np.array(_vectors(number)).T.tolist(), strict=True))
        columns["t"] = _times(number)
        buffer = {
            f"{kind}_{axis}": {"size": 0, "updateMode": "partial", "buffer": cells}
            for kind in ("accelerometer", "linear_acceleration", "gravity")
            for axis, cells in columns.items()
        }
        status = {"session": "s", "measuring": True, "timedRun": False}
        answers.append(json.dumps({"buffer": buffer, "status": status}))
    return [_config(without=True), *answers, _config(without=False), *answers]
