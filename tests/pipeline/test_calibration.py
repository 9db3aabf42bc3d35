"""Five clean reps, measured once: from then on sets of short or hurried reps are told."""

import numpy as np
import pytest

from repsense.calibration import Calibrated, Calibration
from repsense.errors import CommandError
from repsense.events import (
    Event,
    FormCue,
    FormFlag,
    RepFinished,
    SetFinished,
)
from repsense.pipeline.bands import BandPair
from repsense.pipeline.calibration import CLEAN_REPS
from repsense.pipeline.orders import Orders
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import FloatArray, SampleBlock

RATE_HZ = 50.0
# A forearm's raise that the catalogue does not know, so that nothing else says how far it goes.
OWN = "my_raise"
EXERCISES = (OWN, "front_raise")


def stroke(seconds: float) -> FloatArray:
    """Return the way of a minimum-jerk stroke, 0 to 1 (Flash & Hogan 1985)."""
    share = np.arange(0.0, 1.0, 1.0 / (seconds * RATE_HZ))
    return np.asarray(share**3 * (10.0 - 15.0 * share + 6.0 * share**2))


def raises(count: int, *, angle_deg: float = 80.0, lift_s: float = 1.8) -> SampleBlock:
    """Return a forearm's set: as long up as down, a moment's rest below."""
    rep = [stroke(lift_s), 1.0 - stroke(lift_s), np.zeros(20)]
    course = np.concatenate([np.zeros(200), *rep * count, np.zeros(600)])
    angle: FloatArray = np.radians(angle_deg) * course
    accel_g = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    return SampleBlock(t_s=np.arange(course.size) / RATE_HZ, accel_g=accel_g)


class Person:
    """Does sets one after the other, and remembers what was said."""

    def __init__(self, *known: Calibration) -> None:
        self.pipeline = Pipeline()
        self.pipeline.know(known)
        self.orders = Orders(self.pipeline, EXERCISES)
        self._at_s = 0.0

    def does(self, block: SampleBlock) -> list[Event]:
        shifted = SampleBlock(t_s=block.t_s + self._at_s, accel_g=block.accel_g)
        self._at_s = float(shifted.t_s[-1]) + 1.0 / RATE_HZ
        return [event for part in shifted.cut(50) for event in self.orders.push(part)]


def calibrated(events: list[Event]) -> list[Calibration]:
    return [event.calibration for event in events if isinstance(event, Calibrated)]


def cues(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.cue, event.text) for event in events if isinstance(event, FormCue)]


def live_flags(events: list[Event]) -> list[tuple[FormFlag, ...]]:
    return [event.measured.flags for event in events if isinstance(event, RepFinished)]


def finished_of(events: list[Event]) -> SetFinished:
    (finished,) = (event for event in events if isinstance(event, SetFinished))
    return finished


def flagged(finished: SetFinished, flag: FormFlag) -> int:
    return sum(flag in rep.flags for rep in finished.rep_details)


@pytest.fixture(scope="module")
def measured() -> Calibration:
    person = Person()
    person.orders.calibrate(OWN)
    events = person.does(raises(7))
    (found,) = calibrated(events)
    cue, text = cues(events)[-1]
    assert cue == "calibrated"
    assert text.startswith(f"Calibrated {OWN}: 7 clean reps of")
    assert calibrated(person.does(raises(7))) == []  # one set is the measure, not each
    return found


def test_the_measure_is_what_was_done(measured: Calibration) -> None:
    assert (measured.exercise, measured.reps) == (OWN, 7)
    assert measured.rep_s == pytest.approx(4.0, abs=0.3)
    assert measured.range_rad == pytest.approx(np.radians(80.0), rel=0.1)
    assert measured.lift_s == pytest.approx(measured.lower_s, abs=0.3)


def test_a_set_of_short_reps_is_partial_only_for_who_is_known(measured: Calibration) -> None:
    for person, partial in ((Person(), 0), (Person(measured), 6)):
        person.orders.start_set(OWN)
        finished = finished_of(person.does(raises(6, angle_deg=45.0)))
        assert finished.reps == 6
        assert flagged(finished, FormFlag.PARTIAL) == partial


def test_a_hurried_set_is_fast_only_for_who_is_known_and_counts_as_before(
    measured: Calibration,
) -> None:
    for person, fast in ((Person(), range(1)), (Person(measured), range(7, 9))):
        person.orders.start_set(OWN)
        finished = finished_of(person.does(raises(8, lift_s=0.8)))
        assert finished.reps == 8
        assert flagged(finished, FormFlag.FAST_LOWER) in fast


def test_a_set_as_it_was_measured_is_clean_live_and_in_the_end(measured: Calibration) -> None:
    person = Person(measured)
    person.orders.start_set(OWN)
    events = person.does(raises(6, angle_deg=75.0, lift_s=1.6))
    assert set(live_flags(events)) == {()}
    assert finished_of(events).flags == ()


def test_what_was_measured_of_one_exercise_says_nothing_about_another(
    measured: Calibration,
) -> None:
    person = Person(measured)
    person.orders.start_set()
    assert finished_of(person.does(raises(6, angle_deg=45.0))).flags == ()


def test_too_few_clean_reps_are_said_and_the_next_set_is_tried() -> None:
    person = Person()
    person.orders.calibrate(OWN)
    events = person.does(raises(CLEAN_REPS - 1))
    assert calibrated(events) == []
    assert cues(events)[-1][0] == "not_calibrated"
    assert "5 clean reps are needed, this set had 4" in cues(events)[-1][1]
    assert [one.reps for one in calibrated(person.does(raises(CLEAN_REPS)))] == [CLEAN_REPS]


def test_without_an_exercise_or_in_the_middle_of_a_set_it_is_refused() -> None:
    person = Person()
    with pytest.raises(CommandError, match="choose it, then calibrate"):
        person.orders.calibrate()
    with pytest.raises(CommandError, match="no exercise 'yoga'"):
        person.orders.calibrate("yoga")
    person.orders.choose(OWN)
    block = raises(6)
    person.does(block.part(0, len(block) // 2))
    with pytest.raises(CommandError, match="Set 1 is running"):
        person.orders.calibrate()


def test_another_choice_calls_it_off() -> None:
    person = Person()
    person.orders.calibrate(OWN)
    person.orders.choose("front_raise")
    assert calibrated(person.does(raises(7))) == []


def test_two_bands_are_both_measured_and_known(measured: Calibration) -> None:
    pair = BandPair(Pipeline(), Pipeline())
    pair.know([measured])
    pair.arm(OWN)
    pair.calibrate()
    found = []
    for part in raises(6).cut(50):
        for band in (0, 1):
            pair.turn_to(band)
            found += calibrated(pair.push(part))
    assert [one.reps for one in found] == [6, 6]
