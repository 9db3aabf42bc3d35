"""Puck.js 2: JavaScript over Nordic UART, like Bangle.js, with another accelerometer.

How and why: ``firmware_notes/puck.md``.
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

_RATE_HZ = 52
_PROGRAM = (
    f"global.repsense={{n:0,s:getTime(),f:function(e){{var a=e.acc;{PRINT}}},"
    "stop:function(){Puck.removeListener('accel',this.f);Puck.accelOff();"
    "delete global.repsense}};",
    f"Puck.on('accel',repsense.f);Puck.accelOn({_RATE_HZ});",
)
_LIGHTS = {
    Feedback.TARGET_REACHED: "digitalPulse(LED2,1,500);",
    Feedback.SWING: "digitalPulse(LED1,1,[150,150,150]);",
}


@dataclass(frozen=True, slots=True)
class Puck:
    """Driver of a Puck.js 2; the first Puck.js has no accelerometer and says so."""

    id: str = "puck"
    title: str = "Puck.js 2"
    timing: Timing = Timing.DEVICE
    rate_hz: float = float(_RATE_HZ)
    services: frozenset[str] = frozenset()  # many things speak Nordic UART; the name tells

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert's name begins as every Puck's does."""
        return advert.name.startswith("Puck.js")

    def start(self) -> Script:
        """Subscribe and type the program."""
        yield from started(*_PROGRAM)

    def stop(self) -> Script:
        """Switch the accelerometer off, and leave nothing behind."""
        yield from typed(STOP)
        yield Unsubscribe(NOTIFY)

    def feedback(self, kind: Feedback) -> Script:
        """Light up: green at the target, red twice at a swing."""
        yield from typed(_LIGHTS[kind])

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return LineDecoder(self.rate_hz)


DRIVER = Puck()
