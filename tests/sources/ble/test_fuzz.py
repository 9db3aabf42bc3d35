"""The fuzz benchmark itself: it counts, repeats itself, and sees what must not happen."""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from repsense.sources.ble.drivers.base import Batch, Notification
from repsense.sources.ble.drivers.pinetime import DRIVER, PineTimeDecoder
from repsense.sources.ble.registry import drivers

PATH = Path(__file__).resolve().parents[3] / "benchmarks" / "fuzz.py"


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fuzz", module)
    spec.loader.exec_module(module)
    return module


def run(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "--json", *words])
    return int(fuzz.main())


def test_every_driver_gets_its_share_and_the_same_seed_the_same_packets(
    fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for _ in range(2):
        assert run(fuzz, monkeypatch, "--packets", "2000", "--seed", "5") == 0
        told.append(json.loads(capsys.readouterr().out)["drivers"])
    senders = {"sensor_logger", "page", "gateway", "phyphox"}
    assert {one["driver"] for one in told[0]} == {driver.id for driver in drivers()} | senders
    for one, again in zip(*told, strict=True):
        assert one["packets"] == one["decoded"] + one["refused"] + one["passed_over"]
        assert one["packets"] >= 2000 / len(told[0])
        assert one["decoded"] > 0
        assert one["refused"] > 0
        assert one | {"seconds": 0} == again | {"seconds": 0}


class Falls(PineTimeDecoder):
    def feed(self, notification: Notification) -> list[Batch]:
        if len(notification.data) == 5:
            raise IndexError("no sixth byte")
        return super().feed(notification)


class Invents(PineTimeDecoder):
    def feed(self, notification: Notification) -> list[Batch]:
        batches = super().feed(notification)
        return [replace(one, accel_g=np.full_like(one.accel_g, np.nan)) for one in batches]


@pytest.mark.parametrize(
    ("decoder", "told"), [(Falls, "IndexError: no sixth byte"), (Invents, "not finite")]
)
def test_what_must_not_happen_is_shown_with_the_bytes_that_led_to_it(
    fuzz: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    decoder: type[PineTimeDecoder],
    told: str,
) -> None:
    monkeypatch.setattr(type(DRIVER), "decoder", lambda _: decoder())
    assert run(fuzz, monkeypatch, "--driver", "pinetime", "--packets", "2000") == 1
    (one,) = json.loads(capsys.readouterr().out)["drivers"]
    assert told in one["findings"][0]
    assert "00030002-78fc-48fe-8e23-433b3a1942d0" in one["findings"][0]
