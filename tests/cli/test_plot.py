"""``repsense plot`` and ``repsense report``: pictures and pages from the command line."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_reps import made_rep

from repsense.cli.main import main
from repsense.events import FormFlag, SetFinished
from repsense.recording.format import read_recording, write_recording
from repsense.sinks.base import Notice
from repsense.sinks.history import Correction, History, history_path

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
SWUNG = RECORDINGS / "front_raise_swing.csv.gz"


def repsense(*words: str | Path) -> None:
    main([*map(str, words)])


@pytest.fixture(autouse=True)
def _no_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command that ends well return, as typer ends the process otherwise."""
    real = main.__globals__["build_app"]

    def build(words: Sequence[str]) -> object:
        app = real(words)
        return lambda arguments, prog_name: app(
            arguments, prog_name=prog_name, standalone_mode=False
        )

    monkeypatch.setitem(main.__globals__, "build_app", build)


def test_a_picture_shows_every_rep_and_marks_the_swings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "raise.svg"
    repsense("plot", SWUNG, "--labels", "--out", out)
    assert "1 set, 10 reps" in capsys.readouterr().out
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", out.read_text("utf-8"))
    assert {str(n) for n in range(1, 11)} <= set(texts)
    assert texts.count("swing") == 5 + 1  # five reps, and the legend
    before = out.read_bytes()
    repsense("plot", SWUNG, "--labels", "--out", out)
    assert out.read_bytes() == before


def test_what_is_counted_becomes_a_png(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    repsense("plot", SWUNG, "--start", "10", "--end", "30")
    assert (tmp_path / "front_raise_swing.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([SWUNG, "--out", "x.gif"], "end its name in .png"),
        ([SWUNG, "--start", "900"], "the recording goes from 0.0"),
        ([SWUNG, "--out", "no/such/folder/x.png"], "cannot be written"),
        (["none.csv"], "none.csv"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        repsense("plot", *words)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    recording = read_recording(SWUNG)
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_recording(folder / f"anna-{now.astimezone():%Y%m%d-%H%M%S}.csv", recording)
    history = History(history_path(tmp_path))
    reps = tuple(
        made_rep(14.0 + 4 * n, *((FormFlag.SWING,) if n == 1 else ()), lift_s=2.0) for n in range(3)
    )
    event = SetFinished(set=1, reps=3, start_s=14.0, end_s=26.0, announced_s=30.0, rep_details=reps)
    at = now.replace(minute=1)
    history.add(Notice(wearer="anna", event=event, at_utc=at, event_id="one"))
    history.correct("one", Correction(reps=4, exercise="front_raise", weight_kg=8.0))
    history.close()
    return tmp_path


def test_a_workout_is_one_file_that_needs_nothing_else(data_dir: Path) -> None:
    out = data_dir / "report.html"
    repsense("report", "--data-dir", data_dir, "--out", out)
    page = out.read_text("utf-8")
    assert "4 reps (measured 3)" in page
    assert "<svg" in page
    assert "8 kg" in page
    links = [*re.findall(r'(?:src|href)="([^"#]+)', page), *re.findall(r"url\((?!#)[^)]*\)", page)]
    assert [link for link in links if not link.startswith("data:")] == []


def test_an_evaluation_is_reported_from_its_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index.csv"
    index.write_text(f"file,reps_true\n{SWUNG},11\n", "utf-8")
    repsense("evaluate", index, "--json", "--jobs", "1")
    said = tmp_path / "evaluation.json"
    said.write_text(capsys.readouterr().out, "utf-8")
    assert json.loads(said.read_text("utf-8"))["files"]
    out = tmp_path / "evaluation.html"
    repsense("report", "--evaluation", said, "--out", out)
    page = out.read_text("utf-8")
    assert "<td>11</td><td>10</td><td>-1</td>" in page


def test_nothing_to_report_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--data-dir", tmp_path], ["--evaluation", tmp_path / "none.json"]):
        with pytest.raises(SystemExit) as ended:
            repsense("report", *words)
        assert ended.value.code == 2
    assert "train first" in capsys.readouterr().err
