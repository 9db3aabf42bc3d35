"""The RepSense band: our own open service, for boards and watches that anyone may build.

Specified in ``firmware_notes/repsense_band.md``. Samples are numbered and the
last of each packet carries the device's time, so that every loss is known and
every sample has its place in time whatever the band's real rate is.
"""

from dataclasses import dataclass

import numpy as np

from repsense.errors import DecodeError
from repsense.samples import FloatArray
from repsense.sources.ble.band_packets import (
    CONTROL,
    FEEDBACK,
    GYRO_COUNTS_PER_DPS,
    INFO,
    SAMPLES,
    SERVICE,
    Packet,
    counts_per_g,
    feedback_command,
    read_info,
    read_packet,
    start_command,
    stop_command,
)
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Read,
    Script,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)

_RATE_HZ = 50.0
_HALF_SEQUENCE = 1 << 15
_HALF_TIME_US = 1 << 31
# A packet whose samples would lie so many times denser or sparser than those before does not
# follow on them: the band paused, or changed its rate.
_MOST_CHANGE = 3.0
_LONGEST_INTERVAL_S = 1.0

_PATTERNS = {
    Feedback.TARGET_REACHED: feedback_command(on_s=0.4),
    Feedback.SWING: feedback_command(on_s=0.1, off_s=0.15, times=2),
}


class BandDecoder:
    """Places the samples of each packet between the last of the one before and its own last.

    Parameters
    ----------
    rate_hz
        What spaces the first packet's samples, until two packets tell the real rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self._interval_s = 1.0 / rate_hz
        self._measured = False
        self._before: Packet | None = None
        self._elapsed_us = 0  # device time of the last sample, unwrapped

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of one packet; a packet that came before gives none.

        Raises
        ------
        DecodeError
            When the bytes break the layout, or device time stands still.
        """
        if notification.characteristic != SAMPLES:
            return []
        packet = read_packet(notification.data)
        placed = self._place(packet)
        if placed is None:
            return []
        device_s, lost = placed
        self._before = packet
        gyro = packet.gyro
        return [
            Batch(
                accel_g=packet.accel / counts_per_g(packet.scale),
                gyro_dps=None if gyro is None else gyro / float(GYRO_COUNTS_PER_DPS),
                device_s=device_s,
                lost=lost,
            )
        ]

    def _place(self, packet: Packet) -> tuple[FloatArray, int] | None:
        """Return times and lost samples, or None for a packet that was there already."""
        if self._before is None:
            self._elapsed_us = packet.last_us
            return self._back_from_last(packet), 0
        before = self._before
        step_us = (packet.last_us - before.last_us) & 0xFFFFFFFF
        ahead = (packet.sequence - before.sequence - len(before.accel)) & 0xFFFF
        earlier = step_us == 0 or step_us >= _HALF_TIME_US
        if earlier and ahead >= _HALF_SEQUENCE:
            return None
        if earlier:
            self._before = None  # the next packet starts afresh
            raise DecodeError(
                f"The band's clock went from {before.last_us} to {packet.last_us} us while its "
                f"samples went on: its firmware must stamp each packet with a running clock."
            )
        self._elapsed_us += step_us
        if ahead >= _HALF_SEQUENCE:  # it counts from 0 again: a new stream, nothing lost
            self._measured = False
            return self._back_from_last(packet, step_us), 0
        return self._spread(packet, step_us, ahead), ahead

    def _spread(self, packet: Packet, step_us: int, ahead: int) -> FloatArray:
        """Return times that continue those of the packet before, lost samples left out."""
        interval_s = step_us / 1e6 / (ahead + len(packet.accel))
        change = interval_s / self._interval_s
        if self._measured:
            follows = 1 / _MOST_CHANGE < change < _MOST_CHANGE
        else:
            follows = interval_s < _LONGEST_INTERVAL_S
        self._measured = follows
        if not follows:
            return self._back_from_last(packet, step_us)
        self._interval_s = interval_s
        return self._back_from_last(packet)

    def _back_from_last(self, packet: Packet, step_us: int | None = None) -> FloatArray:
        """Return times that count back from the last sample, but not beyond the step."""
        n = len(packet.accel)
        interval_s = self._interval_s
        if step_us is not None:
            interval_s = min(interval_s, step_us / 1e6 / n)
        return self._elapsed_us / 1e6 - interval_s * np.arange(n - 1, -1, -1, dtype=float)


@dataclass(frozen=True, slots=True)
class RepSenseBand:
    """Driver of everything that offers the RepSense service."""

    id: str = "repsense_band"
    title: str = "RepSense band"
    timing: Timing = Timing.DEVICE
    rate_hz: float = _RATE_HZ
    services: frozenset[str] = frozenset({SERVICE})

    def claims(self, advert: Advert) -> bool:
        """Say whether the service is advertised, by whatever name."""
        return SERVICE in advert.services

    def start(self) -> Script:
        """Check the version, subscribe, start.

        Raises
        ------
        DecodeError
            When the band speaks another major version.
        """
        read_info((yield Read(INFO)))
        yield Subscribe(SAMPLES)
        yield Write(CONTROL, start_command(self.rate_hz))

    def stop(self) -> Script:
        """Stop and unsubscribe."""
        yield Write(CONTROL, stop_command())
        yield Unsubscribe(SAMPLES)

    def feedback(self, kind: Feedback) -> Script:
        """Let light and motor, whichever it has, go on: once and long, or twice and short."""
        yield Write(FEEDBACK, _PATTERNS[kind], response=False)

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return BandDecoder(self.rate_hz)


DRIVER = RepSenseBand()
