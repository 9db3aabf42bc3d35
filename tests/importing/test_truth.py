"""Labels say everything there is to count, or are not made."""

from collections.abc import Sequence
from pathlib import Path

import foreign_files as shapes
import numpy as np
import pytest

from repsense.exercises.catalogue import load_catalogue
from repsense.importing.base import Imported, Segment, Wish
from repsense.importing.registry import find_format
from repsense.importing.source import Source
from repsense.importing.truth import exercise_id, exercise_name, has_reps, inside, labels_of, runs
from repsense.recording.truth import Labels
from repsense.samples import SampleBlock


def resting(seconds: float, rate_hz: float = 50.0) -> SampleBlock:
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    accel_g = np.tile([0.0, 0.6, 0.8], (len(t_s), 1))
    return SampleBlock(t_s=t_s, accel_g=accel_g, gyro_dps=np.zeros_like(accel_g))


def read(format_id: str, path: Path, **wish: str) -> list[Imported]:
    return list(find_format(format_id).read(Source(path), Wish(sensor=wish.get("sensor"))))


def labels(imported: Imported) -> Labels:
    made = labels_of(imported)
    assert made is not None
    return made


def test_names_of_others_lead_to_the_catalogue_or_stay_unknown() -> None:
    assert exercise_id("dumbbell_shoulder_press") == "overhead_press"
    assert exercise_id("Shoulder Press (dumbbell)") == "overhead_press"
    assert exercise_id("squats") == "unknown"
    assert exercise_name("Two-arm Dumbbell Curl (both arms)") == "two_arm_dumbbell_curl_both_arms"
    from repsense.importing import truth

    assert set(truth._CATALOGUE.values()) <= set(load_catalogue())


@pytest.mark.parametrize(
    "name", ["Walk", "Running (treadmill)", "jogging (skipping)", "StairsClimber", "<Rest>"]
)
def test_walking_and_resting_have_no_reps(name: str) -> None:
    assert not has_reps(name)


@pytest.mark.parametrize(
    "name", ["Walking lunge", "Crunch", "ArmCurl", "burpees", "Tricep extension", "Forearm curl"]
)
def test_exercises_have_reps(name: str) -> None:
    assert has_reps(name)


def test_a_name_a_sample_becomes_stretches() -> None:
    found = runs(["", "a", "a", "", "b"], [0.0, 0.1, 0.2, 0.3, 0.4])

    assert [(each.name, each.start_s, each.end_s) for each in found] == [
        ("a", 0.1, 0.3),
        ("b", 0.4, 0.4),
    ]


def test_segments_are_cut_to_the_recording() -> None:
    noted = [
        Segment(name="late", start_s=30.0, end_s=40.0, reps=2),
        Segment(name="first", start_s=-1.0, end_s=9.0, reps=5),
        Segment(name="touching", start_s=8.5, end_s=12.0, reps=3),
    ]
    kept, left_out = inside(noted, 20.0)

    assert [(each.name, each.start_s, each.end_s) for each in kept] == [
        ("first", 0.0, 9.0),
        ("touching", 9.0, 12.0),
    ]
    assert left_out == 1


def test_mmfit_has_sets_with_counts(tmp_path: Path) -> None:
    path = shapes.mmfit(resting(40.0, 100.0), tmp_path, [(3.0, 12.0, 10), (20.0, 31.0, 9)])
    (one,) = read("mmfit", path)
    made = labels(one)

    assert [(each.exercise, each.count) for each in made.sets] == [
        ("overhead_press", 10),
        ("overhead_press", 9),
    ]
    assert made.sets[1].start_s == pytest.approx(20.0, abs=0.05)
    assert made.sets[1].end_s == pytest.approx(31.0, abs=0.05)
    assert (one.subject, one.wrist) == ("w00", "left")
    assert one.remarks == ("1 doubled samples left out",)


Activity = tuple[str, float, float, float]


def recofit(tmp_path: Path, activities: Sequence[Activity]) -> Imported:
    path = tmp_path / "data.mat"
    path.write_bytes(shapes.recofit_cells(resting(60.0), activities))
    (one,) = read("recofit", path)
    return one


def test_recofit_has_sets_and_what_went_on_between(tmp_path: Path) -> None:
    # The sensor's clock begins at 12.5 s.
    one = recofit(
        tmp_path,
        [
            ("<Initial Activity>", 12.5, 14.0, -1.0),
            ("Shoulder Press (dumbbell)", 16.0, 30.0, 12.0),
            ("Walk", 40.0, 50.0, -1.0),
        ],
    )
    made = labels(one)

    assert [(each.start_s, each.end_s, each.count) for each in made.sets] == [(3.5, 17.5, 12)]
    assert made.sets[0].exercise == "overhead_press"
    assert [each.name for each in made.activities] == ["Initial Activity", "Walk"]
    assert one.subject == "512"


def test_an_exercise_that_nobody_counted_forbids_labels(tmp_path: Path) -> None:
    one = recofit(tmp_path, [("Crunch", 16.0, 30.0, 12.0), ("Burpee", 40.0, 50.0, -1.0)])

    assert labels_of(one) is None
    assert [each.reps for each in one.segments] == [12, None]
    assert "1 exercises have no count, so there are no labels" in one.remarks


def test_wear_says_what_was_done_on_both_arms_and_no_counts(tmp_path: Path) -> None:
    both = read("wear", shapes.wear(resting(20.0), tmp_path))

    assert [one.name for one in both] == ["sbj_3_right_arm", "sbj_3_left_arm"]
    assert labels_of(both[0]) is None
    assert [(each.name, each.countable) for each in both[0].segments] == [
        ("jogging", False),
        ("burpees", True),
    ]
    assert both[0].segments[0].start_s == pytest.approx(5.0)


def test_recgym_gives_each_visit_with_what_was_done(tmp_path: Path) -> None:
    visits = read("recgym", shapes.recgym(resting(30.0, 20.0), tmp_path))

    assert [one.name for one in visits] == ["person1_session1_wrist", "person1_session2_wrist"]
    assert [each.name for each in visits[0].segments] == ["ArmCurl"]
    assert labels_of(visits[0]) is None
    assert labels(visits[1]).sets == ()  # nothing but rest: nothing to count
    assert "brought to g by its rests" in " ".join(visits[0].remarks)


def test_physical_therapy_sessions_are_thirty_by_protocol(tmp_path: Path) -> None:
    path = shapes.physical_therapy(resting(60.0, 25.0), tmp_path)
    (one,) = read("uci_physical_therapy", path)

    assert (one.name, one.subject, one.position) == ("s1_e6_u2_test", "s1", "right wrist")
    assert one.reps_true == 30
    assert labels_of(one) is None


def test_physical_therapy_has_labels_where_the_times_lie_beside(tmp_path: Path) -> None:
    path = shapes.physical_therapy(resting(60.0, 25.0), tmp_path)
    times = '"rep.number","execution.type","start","end"\n1,1,60,210\n2,1,210,385\n3,2,700,760\n'
    (path / "s1" / "e6" / "test_times.csv").write_text(times, encoding="utf-8")
    (one,) = read("uci_physical_therapy", path)
    (named,) = read("uci_physical_therapy", path / "s1" / "e6" / "u2" / "test.txt")

    assert [each.count for each in labels(one).sets] == [2, 1]
    assert labels(one).sets[0].start_s == pytest.approx((60 - 1) / 25.0)
    assert (named.name, named.reps_true) == ("s1_e6_u2_test", 30)


def test_weight_lifting_is_ten_reps_a_way(tmp_path: Path) -> None:
    both = read("uci_weight_lifting", shapes.weight_lifting(resting(20.0, 45.0), tmp_path))

    assert [one.name for one in both] == ["carlitos_A_forearm", "carlitos_C_forearm"]
    assert [labels(one).reps for one in both] == [10, 10]
    assert both[1].segments[0].name == "biceps curl (lifted halfway)"
