"""Polar H10: a chest strap; it feels presses and rows less well than a wrist does.

See ``firmware_notes/polar_h10.md``.
"""

from repsense.sources.ble.pmd.control import Stream
from repsense.sources.ble.pmd.driver import PmdDriver

DRIVER = PmdDriver(
    id="polar_h10",
    title="Polar H10",
    name="Polar H10",
    wanted=Stream(rate_hz=100),
)
