"""Labels: written, read back the same, and every mistake told with its line and key."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.errors import LabelsError
from repsense.events import FormFlag
from repsense.recording.labels import (
    Activity,
    LabelledRep,
    LabelledSet,
    Labels,
    labels_path,
    read_labels,
    write_labels,
)

FILE = """\
sets:
- start_s: 12
  end_s: 41.9
  exercise: front_raise
  reps: 2
  rep_details:
  - {start_s: 12, turn_s: 13.0, end_s: 14.4, lift_s: 0.9, flags: [swing]}
  - {start_s: 15.0, turn_s: 16.0, end_s: 17.0}
- start_s: 50.0
  end_s: 60.0
  exercise: unknown
  reps: 8
activities:
- {name: walking, start_s: 0.0, end_s: 9.5}
"""

times = st.integers(0, 10_000_000).map(lambda ms: ms / 1000)
durations = st.none() | st.floats(0, 20).map(lambda s: round(s, 3))
names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).filter(
    lambda name: name.strip() != ""
)


@st.composite
def rep_between(draw: st.DrawFn, start_s: float, end_s: float) -> LabelledRep:
    turn_s = round(draw(st.floats(start_s, end_s)), 3)
    flags = draw(st.lists(st.sampled_from(FormFlag), unique=True))
    lift_s, hold_s, lower_s = draw(st.tuples(durations, durations, durations))
    return LabelledRep(
        start_s=start_s,
        turn_s=min(max(turn_s, start_s), end_s),
        end_s=end_s,
        lift_s=lift_s,
        hold_s=hold_s,
        lower_s=lower_s,
        flags=tuple(flags),
    )


@st.composite
def labels(draw: st.DrawFn) -> Labels:
    edges = sorted(draw(st.lists(times, max_size=12, unique=True)))
    sets = []
    for start_s, end_s in list(pairwise(edges))[::2]:
        reps = (draw(rep_between(start_s, end_s)),) if draw(st.booleans()) else ()
        counted = None if reps else draw(st.integers(0, 100))
        sets.append(
            LabelledSet(
                start_s=start_s, end_s=end_s, exercise=draw(names), reps=reps, counted=counted
            )
        )
    activities = draw(
        st.lists(
            st.builds(
                Activity, name=names, start_s=times, end_s=times.map(lambda s: round(s + 1e4, 3))
            )
        )
    )
    return Labels(sets=tuple(sets), activities=tuple(activities))


@settings(max_examples=50)
@given(known=labels())
def test_labels_are_read_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, known: Labels
) -> None:
    path = tmp_path_factory.getbasetemp() / "a.labels.yaml"
    write_labels(path, known)
    assert read_labels(path) == known


def test_a_hand_written_file_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.labels.yaml"
    path.write_text(FILE, encoding="utf-8")
    known = read_labels(path)
    assert known.reps == 10
    assert [each.count for each in known.sets] == [2, 8]
    assert known.sets[0].reps[0] == LabelledRep(
        start_s=12.0, turn_s=13.0, end_s=14.4, lift_s=0.9, flags=(FormFlag.SWING,)
    )
    assert known.activities == (Activity(name="walking", start_s=0.0, end_s=9.5),)


def test_each_rep_is_written_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.labels.yaml"
    path.write_text(FILE, encoding="utf-8")
    write_labels(path, read_labels(path))
    assert "  - {start_s: 15.0, turn_s: 16.0, end_s: 17.0}\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["day/workout.csv", "day/workout.csv.gz", "day/workout"])
def test_labels_stand_beside_their_recording(name: str) -> None:
    assert labels_path(name) == Path("day/workout.labels.yaml")


REFUSED = {
    "typing error": (
        "turn_s: 16.0",
        "turn: 16.0",
        ", line 8, sets[0].rep_details[1]: unknown key 'turn'. Did you mean 'turn_s'?",
    ),
    "other key": (
        "  reps: 8",
        "  reps: 8\n  zzz: 8",
        ", line 13, sets[1]: unknown key 'zzz'. Known",
    ),
    "missing key": (
        "  exercise: unknown\n",
        "",
        ", line 9, sets[1]: the key 'exercise' is missing",
    ),
    "no sets": ("sets:", "set:", ", line 1: unknown key 'set'. Did you mean 'sets'?"),
    "wrong number": (
        "reps: 2",
        "reps: 3",
        ", line 5, sets[0]: reps is 3, but rep_details lists 2.",
    ),
    "no number": (
        "12\n",
        "noon\n",
        ", line 2, sets[0]: start_s must be a number in s, but is 'noon'",
    ),
    "yes is no number": (
        "reps: 8",
        "reps: true",
        "reps must be a whole number from 0, but is True",
    ),
    "negative": ("reps: 8", "reps: -8", "reps must be a whole number from 0, but is -8"),
    "unknown flag": (
        "[swing]",
        "[swong]",
        ", line 7, sets[0].rep_details[0]: unknown flag 'swong'",
    ),
    "flag alone": ("[swing]", "swing", "flags must be a list"),
    "no entry": (
        "  - {start_s: 15.0",
        "  - 5\n  - {start_s: 15.0",
        "rep_details[1] must have 'key",
    ),
    "turn late": (
        "turn_s: 16.0",
        "turn_s: 18.0",
        ", line 8, sets[0].rep_details[1]: A rep's start_s",
    ),
    "reps overlap": (
        "start_s: 15.0",
        "start_s: 14.0",
        ", line 2, sets[0]: Reps must follow each other",
    ),
    "sets overlap": ("start_s: 50.0", "start_s: 40.0", "Sets must follow each other in time"),
    "set ends early": (
        "end_s: 60.0",
        "end_s: 40.0",
        "A set cannot end at 40 s when it starts at 50",
    ),
    "activity": ("end_s: 9.5", "end_s: -1", "An activity cannot end at -1 s when it starts at 0 s"),
    "no list": ("activities:\n- {name", "activities:\n  {name", "activities must be a list"),
    "no YAML": ("reps: 8", "reps: [8", "this is not valid YAML"),
    "twice": ("reps: 8", "reps: 8\n  reps: 9", ", line 13: this is not valid YAML"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_mistakes_are_told_with_line_and_key(tmp_path: Path, case: str) -> None:
    right, wrong, told = REFUSED[case]
    path = tmp_path / "a.labels.yaml"
    assert FILE.count(right) == 1
    path.write_text(FILE.replace(right, wrong), encoding="utf-8")
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert told in message
    assert message.count(str(path)) == 1
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "- 5\n", "hello\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.labels.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabelsError, match="must begin with 'sets:'"):
        read_labels(path)


def test_reps_and_their_number_cannot_both_be_said() -> None:
    rep = LabelledRep(start_s=0.0, turn_s=1.0, end_s=2.0)
    with pytest.raises(LabelsError, match="not both"):
        LabelledSet(start_s=0.0, end_s=2.0, exercise="unknown", reps=(rep,), counted=2)
