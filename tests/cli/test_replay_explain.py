"""``repsense replay --explain``: why a movement counts or not, in words, as JSON, as a picture."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import called
import pytest

from repsense.cli import replay as replaying
from repsense.cli.verdicts import Candidate, candidates, reasons
from repsense.pipeline.chain_traits import FEATURES, Traits
from repsense.pipeline.judge import Verdict
from repsense.pipeline.judge_weights import FINAL, LIVE, TYPICAL
from repsense.recording.format import read_recording
from repsense.tuning.run import run_recording

ROOT = Path(__file__).resolve().parent.parent.parent
SET = ROOT / "recordings" / "front_raise.csv.gz"  # walks to the rack, takes the weights, lifts
NO_MATPLOTLIB = importlib.util.find_spec("matplotlib") is None
with_pictures = pytest.mark.skipif(NO_MATPLOTLIB, reason="needs the extra 'plot'")


def exit_code(*words: str | Path) -> int:
    return called.exit_code("replay", *words)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def still(folder: Path) -> Path:
    """Write a recording in which nothing moves."""
    path = folder / "still.csv"
    lines = [f"{sample / 50:.2f},0.0,0.0,1.0" for sample in range(1000)]
    path.write_text("\n".join(["t_s,ax_g,ay_g,az_g", *lines]) + "\n", encoding="utf-8")
    return path


# --- what people see --------------------------------------------------------------------------


def test_each_movement_that_repeats_itself_has_a_line_before_the_sets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code(SET) == 0
    plain = capsys.readouterr().out
    assert exit_code(SET, "--explain") == 0
    out, err = capsys.readouterr()

    assert err == ""
    assert out.endswith(plain)
    lines = out.splitlines()
    assert lines[0] == f"{SET}: what repeats itself"
    (counted,) = [line for line in lines if " a set, shown from " in line]
    (finished,) = [one for one in run_recording(read_recording(SET)).sets if one.reps]
    assert counted.split()[:3] == [
        f"{finished.start_s:.1f}",
        f"{finished.end_s:.1f}",
        str(finished.reps),
    ]
    refused = [line for line in lines if " refused " in line]
    assert any("hasty, and how much like walking -" in line for line in refused)


def test_events_on_stdout_stay_alone_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(SET, "--events", "-") == 0
    plain = capsys.readouterr().out
    assert exit_code(SET, "--events", "-", "--explain") == 0
    out, err = capsys.readouterr()

    assert out == plain
    assert err.startswith(f"{SET}: what repeats itself\n")
    assert " a set, shown from " in err


def test_where_nothing_repeats_itself_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = still(tmp_path)
    assert exit_code(path, "--explain") == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == f"{path}: nothing repeats itself enough to be judged"


def test_of_a_set_that_is_due_other_reasons_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(SET, "--explain", "--armed") == 0
    out = capsys.readouterr().out
    assert "enough for a set that is due" in out
    assert "A set is due, so little is asked" in out
    assert "typical" not in out


# --- what programs get ------------------------------------------------------------------------


def test_every_verdict_is_a_line_of_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "verdicts.jsonl"
    assert exit_code(SET, "--verdicts", target) == 0
    assert " rep" in capsys.readouterr().out
    said = objects(target.read_text(encoding="utf-8"))

    assert {one["file"] for one in said} == {str(SET)}
    assert [one["judged_s"] for one in said] == sorted(one["judged_s"] for one in said)
    finals = [one for one in said if one["final"]]
    assert [one["taken"] for one in finals] == [True]
    for one in (weighed for weighed in said if len(weighed["shares"]) > 1):
        constant = (FINAL if one["final"] else LIVE)[0]
        assert sum(one["shares"].values()) == pytest.approx(one["evidence"] - constant, abs=0.01)
        assert one["start_s"] < one["end_s"] <= one["judged_s"]
        assert one["traits"]["reps"] >= 1


def test_verdicts_can_be_all_of_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(SET, SET, "--verdicts", "-", "--explain") == 0
    out, err = capsys.readouterr()
    said = objects(out)
    assert sum(one["final"] and one["taken"] for one in said) == 2
    assert err.count(": what repeats itself\n") == 2


def test_being_listened_to_changes_no_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(SET, "--events", "-") == 0
    plain = capsys.readouterr().out
    assert exit_code(SET, "--events", "-", "--verdicts", tmp_path / "verdicts.jsonl") == 0
    assert capsys.readouterr().out == plain


@pytest.mark.parametrize("target", ["-", "both.jsonl"])
def test_events_and_verdicts_in_one_place_are_refused(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(SET, "--events", target, "--verdicts", target) == 2
    assert "cannot both go to" in capsys.readouterr().err
    assert not Path(target).exists()


def test_verdicts_that_cannot_be_written_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(SET, "--verdicts", tmp_path / "nowhere" / "a.jsonl") == 2
    assert "The verdicts cannot be written to" in capsys.readouterr().err


# --- the picture ------------------------------------------------------------------------------


@with_pictures
def test_a_picture_is_drawn(tmp_path: Path) -> None:
    target = tmp_path / "set.png"
    assert exit_code(SET, "--explain", "--plot", target) == 0
    assert target.read_bytes().startswith(b"\x89PNG")


@with_pictures
def test_a_picture_says_what_counts_and_why_the_rest_does_not(tmp_path: Path) -> None:
    import matplotlib as mpl

    target = tmp_path / "set.svg"
    with mpl.rc_context({"svg.fonttype": "none"}):  # text as text
        assert exit_code(SET, "--plot", target) == 0
    drawn = target.read_text(encoding="utf-8")
    (finished,) = [one for one in run_recording(read_recording(SET)).sets if one.reps]
    assert f">{finished.reps} cycles, +" in drawn
    assert "how alike the reps are -" in drawn
    assert "#44aa77" in drawn
    assert "#999999" in drawn


@with_pictures
@pytest.mark.parametrize(
    ("name", "told"),
    [("a.docx", "end its name in .png, .svg or .pdf"), ("nowhere/a.png", "No such file")],
)
def test_a_picture_that_cannot_be_written_is_told(
    name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(SET, "--plot", tmp_path / name) == 2
    assert told in capsys.readouterr().err


def test_a_picture_of_two_recordings_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(SET, SET, "--plot", tmp_path / "a.png") == 2
    assert "draws one recording" in capsys.readouterr().err


def test_without_matplotlib_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replaying, "find_spec", lambda _: None)
    assert exit_code(SET, "--plot", tmp_path / "a.png") == 2
    assert "repsense[plot]" in capsys.readouterr().err


# --- one line a growing chain -----------------------------------------------------------------

LOOKS = Traits(
    likeness=0.6, rep_s=2.0, gait_share=0.0, closure=0.05, range_g=0.5, range_spread=0.1, reps=5
)


def verdict(
    start_s: float,
    end_s: float,
    *,
    final: bool = False,
    taken: bool = False,
    straight: bool = False,
    traits: Traits = LOOKS,
) -> Verdict:
    return Verdict(
        start_s=start_s,
        end_s=end_s,
        judged_s=end_s + 0.5,
        final=final,
        taken=taken,
        traits=traits,
        evidence=0.0,
        shares=tuple((name, 0.0) for name in FEATURES[: 1 if straight else None]),
        reason="5 cycles of 2.0 s and 0.50 g: a reason",
    )


def test_a_chain_that_grows_is_one_story() -> None:
    growing = [verdict(10.0, end_s, taken=end_s > 15.0) for end_s in (14.0, 16.0, 18.0)]
    over = verdict(10.0, 18.0, final=True, taken=True)

    (one,) = candidates([*growing, over])

    assert one.verdicts == (*growing, over)
    assert one.counts
    assert one.shown_s == 16.5
    assert one.outcome == "a set, shown from 16.5 s"


def test_chains_that_take_turns_are_two_stories() -> None:
    walk, curls = verdict(2.0, 8.0), verdict(12.0, 16.0, taken=True)
    again = verdict(12.0, 18.0, taken=True)

    told = candidates([walk, curls, walk, again])

    assert [one.verdicts for one in told] == [(walk, walk), (curls, again)]
    assert [one.outcome for one in told] == ["refused", "a set, shown from 16.5 s"]


def test_a_story_is_over_with_its_last_word() -> None:
    over = verdict(10.0, 18.0, final=True)
    after = verdict(11.0, 19.0)

    assert [one.verdicts for one in candidates([over, after])] == [(over,), (after,)]


def test_what_was_shown_and_does_not_count_was_taken_back() -> None:
    shown, over = verdict(10.0, 14.0, taken=True), verdict(10.0, 14.0, final=True)

    assert Candidate((shown, over)).outcome == "taken back, shown from 14.5 s"


def test_a_long_chain_began_when_its_beginning_was_still_seen() -> None:
    early, late = verdict(10.0, 30.0), verdict(47.0, 99.5)  # as far back as it is looked

    assert Candidate((early, late)).start_s == 10.0
    assert candidates([early, verdict(28.0, 80.5), late])[0].start_s == 10.0


def test_what_only_moves_straight_is_told_of_where_nothing_else_was() -> None:
    walk, straight_walk = verdict(2.0, 8.0), verdict(2.5, 8.5, straight=True)
    shrugs, sway = verdict(20.0, 30.0, straight=True, taken=True), verdict(21.0, 29.0)
    elsewhere = verdict(40.0, 50.0, straight=True)

    told = candidates([walk, straight_walk, shrugs, sway, elsewhere])

    assert [one.newest for one in told] == [walk, shrugs, sway, elsewhere]


# --- reasons ----------------------------------------------------------------------------------


def test_reasons_are_what_sets_a_chain_apart_from_a_typical_set() -> None:
    walking = LOOKS._replace(likeness=0.75, gait_share=0.9)
    live = verdict(0.0, 9.0, traits=walking)
    likeness, gait = map(
        FEATURES.index, ("how alike the reps are", "how much it looks like walking")
    )

    in_favour, against = reasons(live)

    more = LIVE[1 + likeness] * (0.75 - TYPICAL[likeness])
    less = LIVE[1 + gait] * (0.9 - TYPICAL[gait])
    assert in_favour.startswith(f"how alike the reps are {more:+.1f}")
    assert against.startswith(f"how much it looks like walking {less:+.1f}")


def test_only_the_strongest_reasons_are_given() -> None:
    hopeless = Traits(0.1, 0.75, 1.0, 0.5, 0.03, 0.6, 2)

    in_favour, against = reasons(verdict(0.0, 9.0, final=True, traits=hopeless))

    given = [float(reason.rpartition(" ")[2]) for reason in against.split("; ")]
    assert len(given) == 2
    assert given == sorted(given)
    assert max(given) < 0.0
    assert in_favour.count("; ") <= 1


def test_what_is_too_small_is_refused_for_that_alone() -> None:
    tiny = LOOKS._replace(range_g=0.0123)

    _, refused = reasons(verdict(0.0, 9.0, final=True, taken=False, traits=tiny))
    _, due = reasons(verdict(0.0, 9.0, final=True, taken=True, traits=tiny))

    assert refused == "too small a movement (0.012 g)"
    assert "too small" not in due


def test_movements_straight_up_and_down_have_reasons_of_their_own() -> None:
    fine = LOOKS._replace(likeness=0.9, reps=9, gait_share=0.0)
    poor = Traits(0.1, 2.0, 1.0, 0.0, 0.1, 0.1, 1)

    taken, refused = (
        reasons(verdict(0.0, 9.0, straight=True, traits=traits)) for traits in (fine, poor)
    )

    assert taken == ("moves straight up and down", "-")
    assert refused[1] == "reps too little alike (0.10); fewer than 3; looks like walking"
