"""The registry finds drivers by itself, and every driver comes with all that belongs to it."""

import contextlib
from pathlib import Path
from uuid import UUID

import pytest
from conversation import Peer, converse, silent_peer

from repsense.errors import CharacteristicMissingError, DecodeError, SourceError
from repsense.sources.ble import drivers as package
from repsense.sources.ble.drivers.base import Advert, Driver, Feedback, Script, Step, Timing
from repsense.sources.ble.registry import driver_for, drivers, find_driver

ROOT = Path(__file__).resolve().parents[3]
MODULES = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__", "base"}
STRANGER = Advert(address="00:11:22:33:44:55", name="JBL Flip 5")

every_driver = pytest.mark.parametrize("driver", drivers(), ids=lambda driver: driver.id)


def scripts_of(driver: Driver) -> list[Script]:
    asked = [driver.feedback(kind) for kind in Feedback]
    return [driver.start(), driver.stop(), *(script for script in asked if script is not None)]


def no_characteristics(step: Step) -> bytes:
    raise CharacteristicMissingError(f"There is no {step.characteristic}.")


def test_every_module_that_names_a_driver_is_found_under_its_own_name() -> None:
    found = {driver.id for driver in drivers()}
    assert found
    assert found <= MODULES
    assert len(found) == len(drivers())
    with_driver = {
        name
        for name in MODULES
        if "\nDRIVER = " in (Path(package.__path__[0]) / f"{name}.py").read_text("utf-8")
    }
    assert found == with_driver


@every_driver
def test_a_driver_has_its_note_and_its_tests(driver: Driver) -> None:
    note = (ROOT / f"firmware_notes/{driver.id}.md").read_text("utf-8")
    assert note.startswith("# ")
    assert "## Sources" in note
    assert (ROOT / f"tests/sources/ble/drivers/test_{driver.id}.py").is_file()


@every_driver
def test_a_driver_says_what_it_is(driver: Driver) -> None:
    assert driver.title
    assert driver.title != driver.id
    assert isinstance(driver.timing, Timing)
    assert 1.0 <= driver.rate_hz <= 1000.0
    assert all(str(UUID(service)) == service for service in driver.services)
    assert driver.decoder() is not driver.decoder()
    assert not driver.claims(STRANGER)
    assert not driver.claims(Advert(address="00:11:22:33:44:55"))


@every_driver
@pytest.mark.parametrize("peer", [silent_peer, no_characteristics])
def test_no_script_hangs_on_a_sensor_that_answers_nothing(driver: Driver, peer: Peer) -> None:
    for script in scripts_of(driver):
        with contextlib.suppress(DecodeError):
            steps = converse(script, peer)
            assert all(str(UUID(step.characteristic)) == step.characteristic for step in steps)


def test_a_driver_is_found_by_its_id() -> None:
    for driver in drivers():
        assert find_driver(driver.id) is driver


@pytest.mark.parametrize(
    ("asked", "hint"), [("pinetme", "Did you mean 'pinetime'"), ("zzz", "Known are: ")]
)
def test_an_unknown_id_is_answered_with_a_suggestion(asked: str, hint: str) -> None:
    with pytest.raises(SourceError, match=hint):
        find_driver(asked)


def test_an_advert_finds_its_driver() -> None:
    watch = Advert(address="C0:FF:EE:00:00:01", name="InfiniTime")
    assert driver_for(watch) is find_driver("pinetime")
    assert driver_for(STRANGER) is None
