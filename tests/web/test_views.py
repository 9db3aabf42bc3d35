"""What the pages show and change, worked out without a browser."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.errors import RecordingError
from repsense.events import FormFlag, Rep, SetFinished
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import Recording, read_recording, write_recording
from repsense.recording.index import read_index
from repsense.recording.labels import (
    Activity,
    LabelledRep,
    LabelledSet,
    Labels,
    labels_path,
    read_labels,
    write_labels,
)
from repsense.samples import SampleBlock
from repsense.sinks.history import Correction, StoredSet
from repsense.tuning.outcome import Run
from repsense.tuning.settings import changed, settings_of
from repsense.web.charts import signal_chart, tempo_chart
from repsense.web.draft import EDGES, Draft, draft_of, draft_of_run
from repsense.web.history_view import as_csv, as_json, calendar, control_of, row_of, trends
from repsense.web.material import keep_as_material
from repsense.web.review_view import differences, last_time, rep_rows
from repsense.web.shelf import find_recording, recording_of, recordings_in
from repsense.web.signal_view import curve_of, stretches, swung
from repsense.web.tuning_view import as_configuration, verdict

MONDAY = datetime(2026, 11, 16, 7, 30, tzinfo=UTC)
LATER = (MONDAY + timedelta(minutes=4)).astimezone()


def rep(start_s: float, *flags: FormFlag) -> Rep:
    return made_rep(start_s, *flags, hold_s=0.25, lower_s=1.75, momentum=0.25, range=0.9)


def stored(day: float = 0.0, reps: int = 4, **changes: Any) -> StoredSet:  # noqa: ANN401 - any field's
    started = MONDAY + timedelta(days=day)
    one = StoredSet(
        event_id=f"set-{day}",
        workout=int(day) + 10,
        wearer="anna",
        number=1,
        started_at=started,
        ended_at=started + timedelta(seconds=3 * reps),
        exercise="front_raise",
        exercise_confidence=0.9,
        reps=reps,
        flags=(),
        rep_details=tuple(rep(10.0 + 3.0 * n) for n in range(reps)),
    )
    return replace(one, **changes)


def test_a_week_is_judged_against_the_days_wanted() -> None:
    sets = [stored(day) for day in (-14, -7, -5, 0, 1, 2, 3)]
    weeks = calendar(sets, date(2026, 11, 20), weeks=8, days_a_week=(2, 3))
    assert [week.verdict for week in weeks] == ["short", "reached", "over"]
    assert [week.trained for week in weeks] == [1, 2, 4]
    assert weeks[-1].days[0].reps == 4


def test_a_week_that_is_not_over_has_not_failed() -> None:
    weeks = calendar([stored(0)], date(2026, 11, 17), weeks=3, days_a_week=(2, 3))
    assert [week.verdict for week in weeks] == ["more"]


def test_trends_take_corrected_counts_and_leave_gaps_where_nothing_was_done() -> None:
    heavy = Correction(reps=6, weight_kg=10.0)
    sets = [stored(0, correction=heavy), stored(15), stored(15.1, exercise="press_back")]
    weeks, reps = trends(sets, "Reps")
    assert len(weeks) == 3
    assert reps == {"Front raise": [6, None, 4], "Straight-arm press back": [None, None, 4]}
    assert trends(sets, "Volume")[1]["Front raise"] == [60, None, None]
    assert trends([], "Reps") == ([], {})


def test_control_is_the_share_of_reps_without_a_fault() -> None:
    mixed = stored(rep_details=(rep(1.0), rep(5.0, FormFlag.SWING), rep(9.0), rep(13.0)))
    assert control_of(mixed) == 0.75
    assert trends([mixed], "Control")[1]["Front raise"] == [75]
    assert control_of(stored(rep_details=())) is None


def test_a_corrected_count_shows_both() -> None:
    row = row_of(stored(correction=Correction(reps=5, weight_kg=7.5)))
    assert (row.reps, row.weight) == ("5 reps (measured 4)", "7.5 kg")
    assert row_of(stored()).reps == "4 reps"


def test_exports_hold_what_was_measured_and_what_was_said() -> None:
    sets = [stored(correction=Correction(reps=5, weight_kg=7.5, exercise="press_back"))]
    (line,) = csv.DictReader(io.StringIO(as_csv(sets)))
    assert (line["reps"], line["reps_measured"], line["volume_kg"]) == ("5", "4", "37.5")
    assert (line["exercise"], line["exercise_measured"]) == ("press_back", "front_raise")
    (one,) = json.loads(as_json(sets))
    assert (one["reps"], one["true_reps"], one["correction"]["weight_kg"]) == (4, 5, 7.5)
    assert len(one["rep_details"]) == 4


def test_the_last_time_is_the_same_place_of_an_earlier_workout() -> None:
    then = [stored(-7, event_id=f"then-{n}", workout=1) for n in range(2)]
    now = [stored(n / 100, event_id=f"now-{n}", workout=2) for n in range(3)]
    other = stored(-1, exercise="press_back")
    sets = [*then, other, *now]
    assert last_time(sets, now[0]) is then[0]
    assert last_time(sets, now[1]) is then[1]
    assert last_time(sets, now[2]) is then[1]
    assert last_time(now, now[1]) is now[0]
    assert last_time(sets, then[0]) is None


def test_differences_say_more_or_less_and_what_is_not_known() -> None:
    now = stored(correction=Correction(weight_kg=8.0))
    then = stored(-7, reps=3)
    found = {one.what: (one.now, one.then, one.change) for one in differences(now, then)}
    assert found["Reps"] == ("4", "3", "+1")
    assert found["Weight"] == ("8 kg", "not known", "")
    assert found["Lift"] == ("1.0 s", "1.0 s", "same")


def test_a_rep_is_a_line_of_the_table() -> None:
    swing = stored(rep_details=(rep(1.0, FormFlag.SWING),))
    assert rep_rows(swing) == [("1", "1.0 s", "0.2 s", "1.8 s", "90 %", "0.25", "swinging")]


def test_stretches_fill_a_rep_in_the_order_of_the_exercise() -> None:
    parts = stretches(rep(10.0))
    assert [(part.phase, part.start_s, part.end_s) for part in parts] == [
        ("lift", 10.0, 11.0),
        ("hold", 11.0, 11.25),
        ("lower", 11.25, 13.0),
    ]
    assert [part.phase for part in stretches(rep(10.0), lift_first=False)] == [
        "lower",
        "hold",
        "lift",
    ]
    unknown = LabelledRep(start_s=1.0, turn_s=2.0, end_s=4.0)
    assert [part.end_s for part in stretches(unknown)] == [2.0, 4.0]


def lifting(turn: np.ndarray) -> tuple[SampleBlock, tuple[Rep, ...]]:
    t_s = np.arange(0.0, 30.0, 0.02)
    into = np.where((t_s > 10.0) & (t_s < 22.0), (t_s - 10.0) % 3.0, 0.0)
    angle = 0.8 * np.where(into < 1.0, into, 1.5 - into / 2.0)
    accel_g = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1) @ turn
    return SampleBlock(t_s=t_s, accel_g=accel_g), tuple(rep(10.0 + 3.0 * n) for n in range(4))


@pytest.mark.parametrize("turn", [np.eye(3), -np.eye(3), np.eye(3)[[1, 2, 0]]])
def test_the_curve_goes_up_to_the_turn_however_the_band_is_worn(turn: np.ndarray) -> None:
    block, reps = lifting(turn)
    curve = curve_of(block, reps)
    at_turns = np.interp([one.turn_s for one in reps], curve.t_s, curve.y_g)
    at_starts = np.interp([one.start_s for one in reps], curve.t_s, curve.y_g)
    assert (at_turns > at_starts + 0.3).all()
    assert curve_of(block).y_g.max() > 0.3


def test_a_swing_is_marked_in_the_chart() -> None:
    block, reps = lifting(np.eye(3))
    reps = (reps[0], replace(reps[1], flags=(FormFlag.SWING,)), *reps[2:])
    assert swung(reps) == [2]
    areas = signal_chart(curve_of(block, reps), reps)["series"][1]["markArea"]["data"]
    red = [begin["name"] for begin, _ in areas if begin["itemStyle"].get("borderWidth") == 2.5]
    assert red == ["2"]
    assert len(areas) == 4 * 4
    json.dumps(tempo_chart(reps, {"lift": 1.0, "hold": 0.0, "lower": 2.0}))


@pytest.fixture
def session(tmp_path: Path) -> Recording:
    block, _ = lifting(np.eye(3))
    path = tmp_path / f"anna-{MONDAY.astimezone():%Y%m%d-%H%M%S}.csv"
    recording = Recording(path=path, block=block, metadata={"wearer": "anna"})
    write_recording(path, recording)
    return recording


def test_a_set_finds_its_recording_and_no_other(session: Recording, tmp_path: Path) -> None:
    folders = (tmp_path / "none", tmp_path)
    found = recording_of(folders, stored(0.0001))
    assert found is not None
    assert found.path == session.path
    assert recording_of(folders, stored(0.0001, wearer="ben")) is None
    assert recording_of(folders, stored(-1)) is None  # before the recording began
    assert recording_of(folders, stored(0.5)) is None  # half a day later, another session
    assert recording_of(folders, stored(0.0001, rep_details=(rep(500.0),))) is None


@pytest.mark.parametrize("key", ["../../etc/passwd", "1/../x.csv", "0/none.csv", ""])
def test_only_what_is_on_the_shelf_can_be_opened(
    session: Recording, tmp_path: Path, key: str
) -> None:
    assert [one.key for one in recordings_in([tmp_path])] == [f"0/{session.path.name}"]
    with pytest.raises(RecordingError, match="no recording"):
        find_recording([tmp_path], key)


def test_corrected_counts_become_what_the_evaluator_reads(session: Recording) -> None:
    right, wrong = stored(0.0001), stored(0.001, event_id="wrong", workout=10)
    later = tuple(
        replace(one, start_s=one.start_s + 12, turn_s=one.turn_s + 12, end_s=24.5)
        for one in wrong.rep_details[:1]
    )
    wrong = replace(wrong, rep_details=later, correction=Correction(reps=2, exercise="press_back"))
    write_labels(
        labels_path(session.path),
        Labels(sets=(), activities=(Activity(name="walking", start_s=0.0, end_s=5.0),)),
    )
    for _ in range(2):  # a second click changes nothing
        index = keep_as_material([session.path.parent], session, [right, wrong, stored(3)], right)
    labels = read_labels(labels_path(session.path))
    assert [(one.count, len(one.reps), one.exercise) for one in labels.sets] == [
        (4, 4, "front_raise"),
        (2, 0, "press_back"),
    ]
    assert labels.activities[0].name == "walking"
    (row,) = read_index(index)
    assert (row.file, row.reps_true, row.exercise) == (session.path.name, 6, "mixed")


def test_a_set_of_the_same_workout_in_another_recording_is_left_out(session: Recording) -> None:
    later = session.path.with_name(f"anna-{MONDAY.astimezone():%Y%m%d}-{LATER:%H%M%S}.csv")
    write_recording(later, session)
    ours, other = stored(0.0001), stored(0.0029, event_id="other", workout=10)
    index = keep_as_material([session.path.parent], session, [ours, other], ours)
    assert [row.reps_true for row in read_index(index)] == [4]


def labelled(*starts_s: float) -> LabelledSet:
    reps = tuple(LabelledRep(start_s=s, turn_s=s + 1.0, end_s=s + 2.5) for s in starts_s)
    return LabelledSet(
        start_s=reps[0].start_s, end_s=reps[-1].end_s, exercise="front_raise", reps=reps
    )


def draft() -> Draft:
    labels = Labels(sets=(labelled(10.0, 13.0, 16.0), labelled(40.0, 42.5)))
    return draft_of(labels, (0.0, 60.0))


def test_an_edge_moves_but_never_past_its_neighbours() -> None:
    second = draft().choose(0, 1)
    assert second.move("start", 12.7).sets[0].reps[1].start_s == 12.7
    assert second.move("start", 3.0).sets[0].reps[1].start_s == 12.5
    assert second.move("end", 99.0).sets[0].reps[1].end_s == 16.0
    assert second.move("turn", 99.0).sets[0].reps[1].turn_s == pytest.approx(15.46)
    assert draft().move("start", 8.0).sets[0].start_s == 8.0
    assert draft().choose(0, 2).move("end", 99.0).sets[0].end_s == 40.0
    assert draft().choose(1, 1).move("end", 99.0).sets[1].end_s == 60.0


def test_reps_and_sets_come_and_go() -> None:
    assert [one.count for one in draft().choose(0, 2).add_rep().sets] == [4, 2]
    assert [one.count for one in draft().choose(0, 2).remove_rep().sets] == [2, 2]
    assert [one.count for one in draft().choose(1, 0).remove_rep().remove_rep().sets] == [3]
    assert [one.count for one in draft().add_set(25.0).sets] == [3, 1, 2]
    assert draft().add_set(11.0).sets == draft().sets  # there is a set already
    named = draft().choose(1).name("press_back").flag(["swing", "partial"])
    assert named.sets[1].exercise == "press_back"
    assert named.sets[1].reps[0].flags == (FormFlag.SWING, FormFlag.PARTIAL)


def test_a_set_that_was_only_counted_gets_reps_to_drag() -> None:
    counted = LabelledSet(start_s=10.0, end_s=22.0, exercise="unknown", counted=4)
    begun = draft_of(Labels(sets=(counted,)), (0.0, 30.0))
    assert [one.start_s for one in begun.sets[0].reps] == [10.0, 13.0, 16.0, 19.0]


def test_the_engine_s_count_is_something_to_begin_with() -> None:
    reps = (rep(10.0), rep(13.0))
    event = SetFinished(set=1, reps=2, start_s=10.0, end_s=16.0, announced_s=20.0, rep_details=reps)
    begun = draft_of_run(Run(events=(event,), start_s=0.0, end_s=30.0), (0.0, 30.0))
    assert [one.count for one in begun.labels().sets] == [2]
    nothing = draft_of_run(Run(events=(), start_s=0.0, end_s=30.0), (0.0, 30.0))
    assert nothing.move("end", 1).sets == ()


def changes() -> st.SearchStrategy[list[tuple[str, float]]]:
    kinds = st.sampled_from([*EDGES, "choose", "add_rep", "remove_rep", "add_set", "remove_set"])
    return st.lists(st.tuples(kinds, st.floats(-5.0, 65.0)), max_size=12)


@given(changes())
def test_whatever_is_done_can_be_saved(done: list[tuple[str, float]]) -> None:
    work = draft()
    for kind, value in done:
        match kind:
            case "choose":
                work = work.choose(int(value) % 3, int(value) % 4)
            case "add_set":
                work = work.add_set(value)
            case "add_rep" | "remove_rep" | "remove_set":
                work = getattr(work, kind)()
            case _:
                work = work.move(kind, value)
    for one in work.labels().sets:  # LabelledRep and LabelledSet refuse what is out of order
        assert one.start_s == one.reps[0].start_s
        assert one.end_s == one.reps[-1].end_s
        assert 0.0 <= one.start_s <= one.end_s <= 60.0


def test_settings_are_changed_by_name_and_written_as_the_configuration_has_them() -> None:
    defaults = PipelineParameters()
    keys = {one.key: one.value for one in settings_of(defaults)}
    assert keys["sets.evidence_min"] == defaults.sets.evidence_min
    values = {"sets.evidence_min": 2.5, "form.partial_range": 0.8}
    other = changed(defaults, values)
    assert (other.sets.evidence_min, other.form.partial_range) == (2.5, 0.8)
    assert changed(defaults, {}) == defaults
    assert as_configuration(values) == (
        "pipeline:\n  sets:\n    evidence_min: 2.5\n  form:\n    partial_range: 0.8"
    )
    assert as_configuration({}) == ""


def test_a_verdict_says_counted_and_true() -> None:
    event = SetFinished(set=1, reps=2, start_s=1.0, end_s=7.0, announced_s=9.0)
    counted = Run(events=(event,), start_s=0.0, end_s=30.0)
    assert verdict(counted, None) == "1 set, 2 reps (2)."
    assert verdict(counted, draft().labels()).endswith("True: 2 sets, 5 reps (3 + 2).")


def test_the_engine_with_changed_settings_counts_otherwise() -> None:
    from repsense.tuning.run import run_recording

    path = Path(__file__).resolve().parents[2] / "recordings" / "front_raise.csv.gz"
    recording = read_recording(path)
    strict = changed(PipelineParameters(), {"chains.rep_min_s": 7.0})
    assert "12 reps" in verdict(run_recording(recording), None)
    assert "12 reps" not in verdict(run_recording(recording, parameters=strict), None)
