"""Every stand-in speaks its sensor's language, as its driver understands it."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
from conversation import converse

from repsense.errors import CharacteristicMissingError
from repsense.samples import SampleBlock
from repsense.sources.ble import peripherals as package
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Driver,
    Feedback,
    Notification,
    Read,
    Script,
    Step,
    Timing,
    Write,
)
from repsense.sources.ble.peripherals.base import Packet, Peripheral
from repsense.sources.ble.registry import driver_for, find_driver

MADE: dict[str, Callable[[float], Peripheral]] = {
    found.name: module.peripheral
    for found in iter_modules(package.__path__)
    if hasattr(module := import_module(f"{package.__name__}.{found.name}"), "peripheral")
}
every_one = pytest.mark.parametrize("name", MADE)


class Link:
    """Carries a script's steps to a stand-in, and keeps what it notifies."""

    def __init__(self, peripheral: Peripheral) -> None:
        self.peripheral = peripheral
        self.known = {one.uuid for one in peripheral.characteristics}
        self.answers: list[Packet] = []

    def __call__(self, step: Step) -> bytes:
        if step.characteristic not in self.known:
            raise CharacteristicMissingError(f"There is no {step.characteristic}.")
        if isinstance(step, Read):
            return self.peripheral.read(step.characteristic)
        if isinstance(step, Write):
            self.answers += self.peripheral.write(step.characteristic, step.data)
        if isinstance(step, Await):
            mine = [one for one in self.answers if one.characteristic == step.characteristic]
            return mine[-1].data if mine else b""
        return b""


def moving(n: int, rate_hz: float) -> SampleBlock:
    t_s = 3.0 + np.arange(n) / rate_hz
    swing = np.sin(2 * np.pi * 0.5 * t_s)
    return SampleBlock(
        t_s=t_s, accel_g=np.stack([0.3 * swing, 0.2 - 0.1 * swing, 1 + 0.2 * swing], 1)
    )


def fed(driver: Driver, packets: list[Packet]) -> list[Batch]:
    decoder = driver.decoder()
    return [
        batch
        for one in packets
        for batch in decoder.feed(
            Notification(characteristic=one.characteristic, data=one.data, arrived_s=0.0)
        )
    ]


@every_one
def test_the_driver_starts_it_and_reads_what_it_is_given(name: str) -> None:
    driver = find_driver(name)
    link = Link(MADE[name](driver.rate_hz))
    converse(driver.start(), link)
    assert link.peripheral.streaming
    block = moving(400, driver.rate_hz)
    sent = [one for part in block.cut(40) for one in link.peripheral.push(part)]
    batches = fed(driver, link.answers + sent)
    got = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(got, block.accel_g, atol=1e-3)
    assert sum(batch.lost for batch in batches) == 0
    if driver.timing is Timing.DEVICE:
        times_s = [batch.device_s for batch in batches if batch.device_s is not None]
        steps_s = np.diff(np.concatenate(times_s))
        np.testing.assert_allclose(steps_s, 1 / driver.rate_hz, atol=1.5e-3)


@every_one
def test_its_advert_is_claimed_by_its_driver(name: str) -> None:
    one = MADE[name](find_driver(name).rate_hz)
    assert driver_for(Advert(address="a", name=one.name, services=one.advertised)) is find_driver(
        name
    )


@every_one
def test_it_understands_stopping_and_feedback(name: str) -> None:
    driver = find_driver(name)
    link = Link(MADE[name](driver.rate_hz))
    converse(driver.start(), link)
    scripts: list[Script | None] = [*map(driver.feedback, Feedback), driver.stop()]
    for script in scripts:
        if script is not None:
            converse(script, link)


def test_a_hole_in_time_is_a_hole_in_the_bands_numbers() -> None:
    driver = find_driver("repsense_band")
    link = Link(MADE["repsense_band"](50.0))
    converse(driver.start(), link)
    block = moving(100, 50.0)
    sent = [*link.peripheral.push(block.part(0, 33)), *link.peripheral.push(block.part(40, 100))]
    batches = fed(driver, sent)
    assert sum(batch.lost for batch in batches) == 7
    times_s = np.concatenate([one.device_s for one in batches if one.device_s is not None])
    np.testing.assert_allclose(times_s, np.delete(block.t_s, np.s_[33:40]), atol=1e-5)


def test_a_still_pinetime_is_silent() -> None:
    watch = MADE["pinetime"](10.0)
    still = SampleBlock(t_s=np.arange(10) / 10.0, accel_g=np.tile([0.0, 0.0, 1.0], (10, 1)))
    assert len(watch.push(still)) == 1
