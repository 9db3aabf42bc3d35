"""What Polar's sensors have in common as drivers; what differs is in ``drivers/polar_*.py``."""

from collections.abc import Generator
from dataclasses import dataclass

from repsense.errors import DecodeError
from repsense.sources.ble.counters import BatchClock
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Read,
    Script,
    Step,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.pmd.control import (
    ACCELERATION,
    CONTROL,
    DATA,
    OK,
    SDK_MODE,
    Answer,
    Command,
    Stream,
    choose,
    has,
    parse_answer,
    refusal,
)
from repsense.sources.ble.pmd.frames import decode_frame

_NS = 1e-9
# Answers to older commands, and reports of other streams, that may come before the one awaited.
_MOST_STRAYS = 4


class PmdDecoder:
    """Reads one connection: answers tell rate, range and factor, frames the samples."""

    def __init__(self, wanted: Stream) -> None:
        self._wanted = wanted
        self._stream = wanted
        self._factor: float | None = None
        self._clock = BatchClock(rate_hz=wanted.rate_hz)

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of a frame; an answer gives none.

        Raises
        ------
        DecodeError
            When bytes do not follow the layout, or the sensor stopped by itself.
        """
        if notification.characteristic == CONTROL:
            answer = parse_answer(notification.data)
            if answer is not None:
                self._learn(answer)
            return []
        if notification.characteristic != DATA:
            return []
        frame = decode_frame(notification.data)
        if frame is None:
            return []
        placed = self._clock.place_by_last(frame.last_ns * _NS, len(frame.counts))
        if placed is None:
            return []
        accel_g = frame.accel_g(factor=self._factor, range_g=self._stream.range_g)
        return [Batch(accel_g=accel_g, device_s=placed.t_s, lost=placed.lost)]

    def _learn(self, answer: Answer) -> None:
        if answer.kind != ACCELERATION or answer.status != OK:
            return
        if answer.command == Command.SETTINGS:
            self._stream = choose(self._wanted, answer.settings)
            self._clock.rate_hz = self._stream.rate_hz
        elif answer.command == Command.START:
            self._factor = answer.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class PmdDriver:
    """A Polar sensor.

    Parameters
    ----------
    id, title
        Name in the configuration and for people.
    name
        How the names begin under which it advertises.
    wanted
        The stream asked for; the nearest that the sensor offers is taken.
    sdk_mode
        Whether to switch to the mode with the higher rates where the sensor has it.
    """

    id: str
    title: str
    name: str
    wanted: Stream
    sdk_mode: bool = False
    timing: Timing = Timing.DEVICE
    services: frozenset[str] = frozenset()  # adverts carry Heart Rate, as every chest strap's do

    @property
    def rate_hz(self) -> float:
        """Rate asked for, samples a second."""
        return float(self.wanted.rate_hz)

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert's name begins as this model's does."""
        return advert.name.lower().startswith(self.name.lower())

    def start(self) -> Script:
        """Ask what the sensor can, end what a dead program left running, and start.

        Raises
        ------
        DecodeError
            When it has no acceleration, or refuses: its reason, and what helps.
        """
        yield Subscribe(CONTROL)
        yield Subscribe(DATA)
        features = yield Read(CONTROL)
        if not has(features, ACCELERATION):
            raise DecodeError(
                f"{self.title} says that it streams no acceleration ({features[:3].hex(' ')}): "
                f"update its firmware with Polar's app, then connect again."
            )
        yield from _ask(bytes([Command.STOP, ACCELERATION]))
        if self.sdk_mode and has(features, SDK_MODE):
            # Refused, it stays in its normal mode, and the settings it offers show that.
            yield from _ask(bytes([Command.START, SDK_MODE]))
        offer = yield from _ask(bytes([Command.SETTINGS, ACCELERATION]))
        stream = choose(self.wanted, offer.settings if offer else {})
        answer = yield from _ask(stream.command())
        if answer is None:
            raise DecodeError(
                f"{self.title} did not answer the command to start: bring it nearer, or switch it "
                f"off and on again."
            )
        if answer.status != OK:
            raise refusal(self.title, answer.status)

    def stop(self) -> Script:
        """Stop the stream, which would otherwise run the battery flat, and leave SDK mode."""
        yield Write(CONTROL, bytes([Command.STOP, ACCELERATION]))
        yield Await(CONTROL, timeout_s=1.0)
        if self.sdk_mode:
            yield Write(CONTROL, bytes([Command.STOP, SDK_MODE]))
            yield Await(CONTROL, timeout_s=0.5)
        yield Unsubscribe(DATA)
        yield Unsubscribe(CONTROL)

    def feedback(self, kind: Feedback) -> Script | None:
        """Return None: Polar documents no way to make a sensor buzz or blink."""
        del kind
        return None

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return PmdDecoder(self.wanted)


def _ask(command: bytes) -> Generator[Step, bytes, Answer | None]:
    """Write a command; return its answer, or None when none comes in time."""
    yield Write(CONTROL, command)
    for _ in range(_MOST_STRAYS):
        data = yield Await(CONTROL)
        if not data:
            return None
        try:
            answer = parse_answer(data)
        except DecodeError:
            continue  # a report about the stream before this one
        if answer is not None and (answer.command, answer.kind) == (command[0], command[1]):
            return answer
    return None
