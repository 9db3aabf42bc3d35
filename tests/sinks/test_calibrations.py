"""Calibrations on the disk: kept by wearer, read again, never a reason to count nothing."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clean_reps import CLEAN_REPS

from repsense.calibration import Calibrated, Calibration
from repsense.errors import HistoryError
from repsense.sinks.base import Notice
from repsense.sinks.calibrations import CalibrationsSink, keep_calibration, read_calibrations


def notice(wearer: str, found: Calibration) -> Notice:
    event = Calibrated(calibration=found, announced_s=30.0)
    return Notice(wearer=wearer, event=event, at_utc=datetime.now(UTC), event_id=f"{wearer}-1")


def test_what_is_measured_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "calibrations.json"
    said: list[str] = []
    sink = CalibrationsSink(path, on_status=said.append)
    assert sink.of("anna") == ()
    sink.take(notice("anna", CLEAN_REPS))
    sink.take(notice("anna", replace(CLEAN_REPS, exercise="shrug")))
    sink.take(notice("anna", replace(CLEAN_REPS, rep_s=5.0)))  # measured again
    sink.take(notice("ben", CLEAN_REPS))
    again = CalibrationsSink(path, on_status=said.append)
    assert [(one.exercise, one.rep_s) for one in again.of("anna")] == [
        ("front_raise", 5.0),
        ("shrug", 4.0),
    ]
    assert again.of("ben") == (CLEAN_REPS,)
    assert said == []

    keep_calibration(path, "ben", "front_raise", None)
    assert list(read_calibrations(path)) == ["anna"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"anna": 3}',
        '{"anna": {"shrug": []}}',
        '{"anna": {"shrug": {"reps": 5}}}',
        json.dumps({"anna": {"shrug": asdict(CLEAN_REPS) | {"rep_s": "x"}}}),
    ],
)
def test_a_damaged_file_is_said_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibrations.json"
    path.write_text(text)
    said: list[str] = []
    sink = CalibrationsSink(path, on_status=said.append)
    assert sink.of("anna") == ()
    sink.take(notice("anna", CLEAN_REPS))
    assert len(said) == 2
    assert "cannot be read" in said[0]
    assert path.read_text() == text
    with pytest.raises(HistoryError, match="calibrate anew"):
        read_calibrations(path)


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    sink = CalibrationsSink(tmp_path / "file" / "calibrations.json", on_status=said.append)
    sink.take(notice("anna", CLEAN_REPS))
    assert "Check the folder" in said[0] or "cannot be read" in said[0]
