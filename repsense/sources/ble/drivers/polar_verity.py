"""Polar Verity Sense: an optical band for arm or wrist, 208 Hz in SDK mode, else 52 Hz.

The band gathers samples until a packet is full, about 71 of them. At 52 Hz that
is more than a second, at 208 Hz a third of one, so the higher rate is asked for.
See ``firmware_notes/polar_verity.md``.
"""

from repsense.sources.ble.pmd.control import Stream
from repsense.sources.ble.pmd.driver import PmdDriver

DRIVER = PmdDriver(
    id="polar_verity",
    title="Polar Verity Sense",
    name="Polar Sense",
    wanted=Stream(rate_hz=208, channels=3),
    sdk_mode=True,
)
