"""Polar OH1: the Verity Sense's older sister, 50 Hz and nothing else.

See ``firmware_notes/polar_oh1.md``.
"""

from repsense.sources.ble.pmd.control import Stream
from repsense.sources.ble.pmd.driver import PmdDriver

DRIVER = PmdDriver(
    id="polar_oh1",
    title="Polar OH1",
    name="Polar OH1",
    wanted=Stream(rate_hz=50),
)
