"""``repsense replay``: the contract to the letter, and what people see."""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import called
import pytest

from repsense.recording.format import read_recording
from repsense.tuning.run import run_recording

REPLAY = [sys.executable, "-m", "repsense", "replay"]


def curls(folder: Path, reps: int = 6, *, name: str = "curls.csv", rest_s: float = 8.0) -> Path:
    """Write a recording of a forearm that swings up by 100 degrees and back, with rests around."""
    lines = ["t_s,ax_g,ay_g,az_g"]
    for sample in range(int(50 * (2 * rest_s + 3 * reps))):
        phase = min(max((sample / 50 - rest_s) / 3, 0), reps)
        angle = math.radians(50) * (1 - math.cos(2 * math.pi * phase))
        wobble = 0.01 * math.sin(sample * 1.7)
        lines.append(
            f"{sample / 50:.2f},{math.cos(angle) + wobble:.4f},{math.sin(angle):.4f},{wobble:.4f}"
        )
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def exit_code(*words: str | Path) -> int:
    return called.exit_code("replay", *words)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_events_are_one_json_object_a_line_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = curls(tmp_path), curls(tmp_path, 8, name="more.csv")
    assert exit_code(first, second, "--events", "-") == 0
    out, err = capsys.readouterr()
    assert err == ""
    said = objects(out)
    assert {event["file"] for event in said} == {str(first), str(second)}
    for path in (first, second):
        run = run_recording(read_recording(path))
        finished = [
            event
            for event in said
            if event["file"] == str(path) and event["event"] == "set_finished"
        ]
        assert sum(event["reps"] for event in finished) == run.reps > 0
    rep = next(event for event in said if event["event"] == "rep")
    assert list(rep)[:4] == ["event", "file", "set", "rep"]
    assert {"start_s", "turn_s", "end_s", "announced_s", "lift_s", "hold_s", "lower_s"} <= set(rep)
    assert {"momentum", "range", "flags", "provisional"} <= set(rep)


def test_events_can_go_to_a_file_beside_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = curls(tmp_path), tmp_path / "events.jsonl"
    assert exit_code(path, "--events", "-") == 0
    to_stdout = capsys.readouterr().out
    assert exit_code(path, "--events", target) == 0
    assert target.read_text(encoding="utf-8") == to_stdout
    assert capsys.readouterr().out.startswith(f"{path}: 1 set, ")


def test_people_get_a_line_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = curls(tmp_path)
    assert exit_code(path) == 0
    out, err = capsys.readouterr()
    run = run_recording(read_recording(path))
    heading, columns, line = out.splitlines()
    assert heading == f"{path}: 1 set, {run.reps} reps in 34.0 s at 50.0 Hz"
    assert columns.split()[:2] == ["set", "reps"]
    assert line.split()[:2] == ["1", str(run.reps)]
    assert err == ""


def test_a_recording_without_a_set_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("t_s,ax_g,ay_g,az_g\n5,0,0,1\n", encoding="utf-8")
    assert exit_code(path) == 0
    assert capsys.readouterr().out == f"{path}: 0 sets, 0 reps in 0.0 s\n"


def test_a_bad_file_ends_it_with_one_line_and_keeps_what_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = curls(tmp_path), tmp_path / "bad.csv"
    bad.write_text("t_s,ax_g,ay_g,az_g\n0,0,up,1\n")
    assert exit_code(good, bad, good, "--events", "-") == 2
    out, err = capsys.readouterr()
    assert {event["file"] for event in objects(out)} == {str(good)}
    assert sum(event["event"] == "workout_finished" for event in objects(out)) == 1
    assert err.splitlines() == [
        f"repsense: {bad}, line 2: ay_g is 'up', which is not a number: correct or delete the line."
    ]


def test_a_warning_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = curls(tmp_path)
    with path.open("a") as file:
        file.write("34.0,0.1")
    assert exit_code(path, "--events", "-") == 0
    out, err = capsys.readouterr()
    assert objects(out)
    assert "The last line is cut short and left out: '34.0,0.1'." in err


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast"])
def test_a_speed_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], speed: str
) -> None:
    assert exit_code(curls(tmp_path), f"--speed={speed}") == 2
    assert "is no speed" in capsys.readouterr().err


def test_an_unknown_exercise_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(curls(tmp_path), "--exercise", "front_rise") == 2
    assert "Did you mean 'front_raise'?" in capsys.readouterr().err


def test_a_speed_paces_the_events_and_changes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = curls(tmp_path, 3, rest_s=5.0)
    assert exit_code(path, "--events", "-") == 0
    at_once = objects(capsys.readouterr().out)
    begun_s = time.monotonic()
    assert exit_code(path, "--events", "-", "--speed", "40") == 0
    assert time.monotonic() - begun_s >= 18.9 / 40
    paced = objects(capsys.readouterr().out)
    assert [event["event"] for event in paced] == [event["event"] for event in at_once]


def test_a_file_for_events_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(curls(tmp_path), "--events", tmp_path / "nowhere" / "a.jsonl") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    path = curls(tmp_path)
    with subprocess.Popen(
        [*REPLAY, *[str(path)] * 40, "--events", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"event": ')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    path = curls(tmp_path)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*REPLAY, str(path), "--events", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "repsense: The events cannot be written (No space left on device).\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_bar_shows_on_a_terminal_and_never_among_the_events(tmp_path: Path) -> None:
    path = curls(tmp_path, 3, rest_s=5.0)
    import pty  # not on Windows

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        [*REPLAY, str(path), "--events", "-", "--speed", "20"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=100)
    shown = os.read(ours, 100_000)
    os.close(ours)
    assert b"curls.csv" in shown
    assert b"%" in shown
    assert objects(out.decode())
