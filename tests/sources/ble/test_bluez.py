"""Bleak's own BlueZ backend, as Linux runs it, against a stand-in for BlueZ on a private bus."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.ble.link import BleakRadio
from repsense.sources.ble.peripherals.polar_verity import peripheral
from repsense.sources.ble.source import BleSource

if not sys.platform.startswith("linux"):
    pytest.skip("BlueZ is Linux'", allow_module_level=True)

from fake_bluez import DBUS_DAEMON, FakeBluez, private_bus

RATE_HZ = 208.0
WAIT_S = 60.0


def wrist(duration_s: float) -> SampleBlock:
    n = int(duration_s * RATE_HZ)
    accel_g = np.tile([0.0, 0.6, 0.8], (n, 1))
    accel_g[:, 0] = np.sin(np.arange(n) / 50.0)
    return SampleBlock(t_s=np.arange(n) / RATE_HZ, accel_g=accel_g)


@pytest.mark.skipif(DBUS_DAEMON is None, reason="dbus-daemon is not installed (package dbus)")
def test_scan_connect_stream_drop_and_reconnect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        items = asyncio.run(over_bluez(address))
    states = [item.state for item in items if isinstance(item, LinkReport)]
    changes = [one for i, one in enumerate(states) if i == 0 or states[i - 1] is not one]
    again = [LinkState.SEARCHING, LinkState.CONNECTING, LinkState.STREAMING]
    assert changes == [*again, LinkState.LOST, *again]
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    t_s = np.concatenate([block.t_s for block in blocks])
    assert (np.diff(t_s) > 0).all()
    accel_g = np.concatenate([block.accel_g for block in blocks])
    np.testing.assert_allclose(accel_g[:, 1:], [[0.6, 0.8]] * len(accel_g), atol=0.001)
    due = (t_s[-1] - t_s[0]) * RATE_HZ + 1
    assert len(t_s) + sum(block.lost for block in blocks) == pytest.approx(due, abs=3)


async def over_bluez(address: str) -> list[SampleBlock | LinkReport]:
    """Return what a source gives until it streams for the second time."""
    bluez = FakeBluez(peripheral(RATE_HZ), wrist(60.0))
    await bluez.start(address)
    items: list[SampleBlock | LinkReport] = []
    samples, drops = 0, 0
    async with asyncio.timeout(WAIT_S), aclosing(BleSource(BleakRadio()).stream()) as stream:
        async for item in stream:
            items.append(item)
            samples += len(item) if isinstance(item, SampleBlock) else 0
            if samples > 200 and drops == 0:
                drops += 1
                samples = 0
                bluez.peripheral = peripheral(RATE_HZ)  # each connection has a sensor of its own
                bluez.drop()
            elif samples > 200:
                break
    bluez.stop()
    return items
