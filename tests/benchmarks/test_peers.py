"""The peers count what is easy, as their descriptions say, and the comparison says who is ahead."""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from repsense.recording.format import Recording, write_recording
from repsense.recording.index import IndexRow
from repsense.samples import FloatArray, SampleBlock

NAMES = ("documents", "peer_methods", "peer_tables", "peer_trials", "peers")


def curls(reps: int, rep_s: float = 3.0, rest_s: float = 0.5, rate_hz: float = 50.0) -> SampleBlock:
    """Return a forearm that swings up by 100 degrees and back, with rests around."""
    t_s = np.arange(0, 2 * rest_s + reps * rep_s, 1 / rate_hz)
    phase = np.clip((t_s - rest_s) / rep_s, 0, reps)
    angle: FloatArray = np.radians(50.0) * (1 - np.cos(2 * np.pi * phase))
    accel_g = np.column_stack([np.sin(angle), 0.05 * np.ones_like(angle), np.cos(angle)])
    noise = np.random.default_rng(1).normal(0, 0.01, accel_g.shape)
    return SampleBlock(t_s=t_s, accel_g=accel_g + noise)


def even(block: SampleBlock) -> FloatArray:
    grid: FloatArray = import_module("peer_methods").on_even_grid(block.t_s, block.accel_g)
    return grid


def turned(accel_g: FloatArray, seed: int) -> FloatArray:
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    rotated: FloatArray = accel_g @ turn
    return rotated


@pytest.mark.parametrize(
    ("name", "most_off"),
    [
        ("find_peaks", 0),
        ("autocorrelation", 1),
        ("RecoFit", 1),
        ("RecoFit, reps from 1.2 s", 1),
        ("uLift", 1),
        ("watch thresholds", 1),
    ],
)
@pytest.mark.parametrize("reps", [6, 10])
def test_every_peer_counts_an_easy_set(name: str, most_off: int, reps: int) -> None:
    method = import_module("peer_methods").METHODS[name]
    assert abs(method(even(curls(reps, rep_s=2.0))) - reps) <= most_off


def test_every_peer_is_tried() -> None:
    assert len(import_module("peer_methods").METHODS) == 6


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_on_a_principal_component_does_not_care_how_it_is_worn(seed: int) -> None:
    methods = import_module("peer_methods").METHODS
    still, moved = even(curls(8)), turned(even(curls(8)), seed)
    for name in ("find_peaks", "autocorrelation"):
        assert methods[name](moved) == methods[name](still)


def test_nothing_is_counted_where_there_is_next_to_nothing() -> None:
    for method in import_module("peer_methods").METHODS.values():
        assert method(np.zeros((10, 3))) == 0


def test_the_watch_never_waits_for_what_comes() -> None:
    watch = import_module("peer_methods").watch_thresholds
    whole = even(curls(8, rep_s=2.0))
    counts = [watch(whole[:length]) for length in range(0, len(whole), 50)]
    assert counts == sorted(counts)
    other = np.vstack([whole[:500], np.random.default_rng(2).normal(size=(300, 3))])
    assert watch(whole[:500]) == watch(other[:500])


def test_all_recordings_come_to_the_same_rate() -> None:
    for rate_hz in (12.5, 31.0, 100.0):
        grid = even(curls(4, rate_hz=rate_hz))
        assert len(grid) == pytest.approx(13.0 * import_module("peer_methods").RATE_HZ, abs=6)


def test_a_set_is_cut_out_with_its_margins() -> None:
    part = import_module("peer_trials").cut(curls(5, rest_s=8.0), 8.0, 23.0)
    assert part.t_s[0] == pytest.approx(7.5)
    assert part.t_s[-1] == pytest.approx(23.5, abs=0.021)


def accuracy_of(exact: float, within: float, error: float) -> object:
    from repsense.tuning.scoring import Accuracy

    return Accuracy(exact_pct=exact, within_one_pct=within, mean_absolute_error=error)


def test_who_is_ahead_is_said_figure_by_figure() -> None:
    ahead = import_module("peer_tables")._ahead
    engine = accuracy_of(90.0, 100.0, 0.1)
    assert ahead(engine, accuracy_of(80.0, 90.0, 0.3)) == (
        ("exact", "within one", "mean error"),
        (),
    )
    assert ahead(engine, accuracy_of(90.0, 100.0, 0.05)) == ((), ("exact", "mean error"))


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Return a folder as that of the real recordings, with two easy sets at the gym."""
    lines = ["file,dataset,subject,exercise,reps_true,label_check,active_start_s,active_end_s"]
    (tmp_path / "pt_dumbbell").mkdir()
    (tmp_path / "pt_dumbbell" / "rep_times.csv").write_text(
        "file,source,rep,form,start_s,end_s\n"
        "pt_dumbbell/s1_e6_right_wrist_session.csv,auto,1,correct,2.0,5.0\n"
        "pt_dumbbell/s1_e6_right_wrist_session.csv,auto,2,too_fast,99.0,101.0\n"
        "pt_dumbbell/s1_e6_right_wrist_session.csv,marked,1,correct,1.0,4.0\n"
    )
    for reps in (6, 8):
        path = tmp_path / f"curl{reps}.csv"
        write_recording(path, Recording(path=path, block=curls(reps, rest_s=8.0)))
        lines.append(f"{path.name},applewatch_gym,me,curl,{reps},agree,8,{8 + 3 * reps}")
    lines.append("wrong.csv,applewatch_gym,me,curl,3,suspect,,")
    (tmp_path / "index.csv").write_text("\n".join([*lines, ""]))
    (tmp_path / "corrections.csv").write_text("file,reps_stated,reps_seen\ncurl8.csv,8,7\n")
    return tmp_path


def test_the_command_counts_compares_and_writes(
    recordings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    peers = import_module("peers")
    page = recordings / "page.md"
    page.write_text("above\n<!-- peers: begin -->\nwhat was here\n<!-- peers: end -->\nbelow\n")
    monkeypatch.setattr(peers, "EVALUATION", page)
    monkeypatch.setattr(
        sys, "argv", ["peers.py", "--recordings", str(recordings), "--json", "--write"]
    )
    assert peers.main() == 0
    said = json.loads(capsys.readouterr().out)
    (gym,) = said["data"]
    assert (gym["name"], gym["sets"]) == ("applewatch_gym", 2)
    engine, *others = gym["lines"]
    assert engine["method"] == "RepSense"
    assert engine["whole"]["exact_pct"] == 50.0  # one of both counts is corrected away from it
    assert [line["method"] for line in others] == list(import_module("peer_methods").METHODS)
    assert engine["cost"] == 1.0
    text = page.read_text()
    assert text.startswith("above\n<!-- peers: begin -->\n\nVersion ")
    assert text.endswith("<!-- peers: end -->\nbelow\n")
    assert "what was here" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_sets_of_the_clinic_are_cut_where_their_session_says(recordings: Path) -> None:
    trials = import_module("peer_trials")
    reps = trials.session_times(recordings / "pt_dumbbell" / "rep_times.csv")

    def span(name: str) -> object:
        return trials._span_s(
            IndexRow(file=f"pt_dumbbell/{name}.csv", path=Path(name), reps_true=1), reps
        )

    assert span("s1_e6_right_wrist_correct") == (2.0, 5.0)
    assert span("s1_e6_right_arm_above_elbow_too_fast") == (2.0, 4.0)
    assert span("s1_e6_right_wrist_session") == (2.0, 101.0)
    assert span("s2_e6_right_wrist_session") is None


def test_a_document_without_a_place_is_refused(tmp_path: Path) -> None:
    documents = import_module("documents")
    page = tmp_path / "page.md"
    page.write_text("<!-- peers: end --> <!-- peers: begin -->")
    with pytest.raises(documents.NoMarksError, match="once each"):
        documents.write_between(page, "peers", "text")
