"""Captures: every file decodes as the golden file beside it says, and the format is strict."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import RecordingError
from repsense.sources.ble.captures import (
    capture_line,
    head_lines,
    parse_capture,
    read_capture,
    transcript,
)
from repsense.sources.ble.drivers.base import Notification
from repsense.sources.ble.registry import drivers, find_driver

FOLDER = Path(__file__).resolve().parent / "captures"
CAPTURES = sorted(FOLDER.glob("*.txt"))
HEAD = "# driver: pinetime\n# source: by hand\n"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_decodes_to_its_golden_file(path: Path) -> None:
    capture = read_capture(path)
    assert path.name.split(".")[0] == capture.driver
    golden = path.with_suffix(".golden").read_text(encoding="utf-8").splitlines()
    assert list(transcript(find_driver(capture.driver), capture.notifications)) == golden


def test_every_driver_has_a_capture_with_samples_and_no_golden_file_is_left_over() -> None:
    assert {path.name.split(".")[0] for path in CAPTURES} == {one.id for one in drivers()}
    for driver in drivers():
        goldens = [path.read_text("utf-8") for path in FOLDER.glob(f"{driver.id}.*golden")]
        assert any("DecodeError" not in line for text in goldens for line in text.splitlines())
    assert {path.stem for path in FOLDER.glob("*.golden")} == {path.stem for path in CAPTURES}


notifications = st.builds(
    Notification,
    characteristic=st.uuids().map(str),
    data=st.binary(max_size=40),
    arrived_s=st.integers(0, 10**12).map(lambda microseconds: microseconds / 1e6),
)


@given(st.lists(notifications, max_size=5))
def test_what_is_written_is_read_back(sent: list[Notification]) -> None:
    lines = [*head_lines({"driver": "pinetime", "source": "a test"}), *map(capture_line, sent)]
    capture = parse_capture("\n".join(lines), name="it")
    assert capture.about == {"driver": "pinetime", "source": "a test"}
    assert list(capture.notifications) == sent


def test_bytes_may_be_spaced_and_explained() -> None:
    text = f"{HEAD}\n# what follows is full: really\n1 {BATTERY.upper()} 6 4  # 100 %\n"
    (one,) = parse_capture(text, name="it").notifications
    assert one == Notification(characteristic=BATTERY, data=b"\x64", arrived_s=1.0)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("soon 00002a19-0000-1000-8000-00805f9b34fb 64", "soon"),
        ("0.0 2a19 64", "badly formed"),
        ("0.0", "out of range"),
        (f"0.0 {BATTERY} 6", "hex"),
        (f"nan {BATTERY} 64", "nan"),
    ],
)
def test_what_is_no_notification_is_told_with_its_line(line: str, told: str) -> None:
    with pytest.raises(RecordingError, match=r"^it, line 3 .*") as caught:
        parse_capture(f"{HEAD}{line}\n", name="it")
    assert told in str(caught.value)


def test_a_capture_says_where_it_is_from() -> None:
    with pytest.raises(RecordingError, match="it does not say its source"):
        parse_capture("# driver: pinetime\n", name="it")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "raw.txt"
    path.write_bytes(b"\xff\x00\xff")
    with pytest.raises(RecordingError, match=r"raw\.txt cannot be read"):
        read_capture(path)
    with pytest.raises(RecordingError, match=r"other\.txt cannot be read"):
        read_capture(tmp_path / "other.txt")
