"""Bangle.js 2 as it is sold: a few lines of JavaScript over Nordic UART make it stream.

How and why: ``firmware_notes/bangle.md``. Nothing is installed on the watch; a
restart forgets it. With the app of ``firmware_notes/repsense_band`` the watch is
a RepSense band instead, and another driver claims it.
"""

from dataclasses import dataclass

from repsense.sources.ble.drivers.base import (
    Advert,
    Decoder,
    Feedback,
    Script,
    Timing,
    Unsubscribe,
)
from repsense.sources.ble.drivers.espruino import NOTIFY, PRINT, STOP, LineDecoder, started, typed

# Registers of the accelerometer KX023: 0x18 stops (108) and starts (236) it at +-4 g,
# 0x1b is its rate: 0 for 12.5 Hz, 1 for 25 Hz. It takes a new rate only while stopped.
_CHIP_RATE = "Bangle.accelWr(24,108);Bangle.accelWr(27,{});Bangle.accelWr(24,236);"
_POLL_MS = 40
_PROGRAM = (
    "global.repsense={n:0,s:getTime(),"
    "f:function(b){var a={x:Math.round(b.x*8192),y:Math.round(b.y*8192),z:Math.round(b.z*8192)};"
    f"{PRINT}}},"
    "stop:function(){Bangle.removeListener('accel',this.f);"
    f"{_CHIP_RATE.format(0)}Bangle.setPollInterval(80);Bangle.setOptions({{powerSave:true}});"
    "delete global.repsense}};",
    f"{_CHIP_RATE.format(1)}Bangle.setPollInterval({_POLL_MS});Bangle.on('accel',repsense.f);",
)
_BUZZES = {
    Feedback.TARGET_REACHED: "Bangle.buzz(400);",
    Feedback.SWING: "Bangle.buzz(100);setTimeout(function(){Bangle.buzz(100)},250);",
}


@dataclass(frozen=True, slots=True)
class Bangle:
    """Driver of a Bangle.js 2 without an app of ours."""

    id: str = "bangle"
    title: str = "Bangle.js 2"
    timing: Timing = Timing.DEVICE
    rate_hz: float = 1000.0 / _POLL_MS
    services: frozenset[str] = frozenset()  # many things speak Nordic UART; the name tells

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert's name begins as every Bangle's does."""
        return advert.name.startswith("Bangle.js")

    def start(self) -> Script:
        """Subscribe and type the program."""
        yield from started(*_PROGRAM)

    def stop(self) -> Script:
        """Put rate and power saving back as they were, and leave nothing behind."""
        yield from typed(STOP)
        yield Unsubscribe(NOTIFY)

    def feedback(self, kind: Feedback) -> Script:
        """Buzz: once and long at the target, twice and short at a swing."""
        yield from typed(_BUZZES[kind])

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return LineDecoder(self.rate_hz)


DRIVER = Bangle()
