"""A stand-in for a Puck.js 2."""

from repsense.sources.ble.peripherals.espruino import Console


def peripheral(rate_hz: float) -> Console:
    """Return a device; its rate is that of the samples it is given."""
    del rate_hz
    return Console(name="Puck.js 1a2b")
