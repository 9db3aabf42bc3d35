"""The outbox on disk: nothing is lost by a kill, a full disk or a damaged file."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.sinks.mqtt import outbox_file
from repsense.sinks.mqtt.outbox import Outbox, OutgoingEvent
from repsense.sinks.mqtt.outbox_file import FileOutbox, open_outbox, outbox_path

Said = Any


def event(number: int) -> OutgoingEvent:
    return OutgoingEvent(key=str(number), topic="t", payload=f"p{number}")


def drain(outbox: Outbox) -> list[str]:
    keys = []
    while (found := outbox.next_unsent()) is not None:
        keys.append(found.key)
    return keys


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "outbox.sqlite3"


@contextlib.contextmanager
def opened(path: Path, **options: Any) -> Iterator[FileOutbox]:  # noqa: ANN401 - as FileOutbox
    outbox = FileOutbox(path, **options)
    try:
        yield outbox
    finally:
        outbox._db.close()  # as a kill would: without the clean end of close()


def test_what_was_not_acknowledged_is_there_again_after_a_kill_in_order(path: Path) -> None:
    with opened(path) as outbox:
        for number in range(5):
            outbox.put(event(number))
        assert drain(outbox)[:2] == ["0", "1"]
    with opened(path) as again:
        assert len(again) == 5
        assert drain(again) == ["0", "1", "2", "3", "4"]


def test_an_acknowledged_event_is_forgotten_when_the_connection_has_held(path: Path) -> None:
    clock = Clock()
    with opened(path, clock_s=clock) as outbox:
        outbox.put(event(0))
        outbox.put(event(1))
        drain(outbox)
        outbox.delivered("0")
        assert len(outbox) == 1
        clock.now_s += outbox_file.LINGER_S
        outbox.forget_settled()
        outbox.delivered("1")
    with opened(path) as again:
        assert drain(again) == ["1"]


def test_a_connection_that_breaks_right_after_the_acknowledgement_brings_it_back(
    path: Path,
) -> None:
    clock = Clock()
    with opened(path, clock_s=clock) as outbox:
        for number in range(4):
            outbox.put(event(number))
        drain(outbox)
        outbox.delivered("0")
        clock.now_s += outbox_file.LINGER_S
        outbox.delivered("2")
        outbox.doubt()
        assert len(outbox) == 3
        # The network thread itself sends 1 and 3 again.
        assert drain(outbox) == ["2"]
        outbox.take_back()
        assert drain(outbox) == ["1", "2", "3"]


def test_a_clean_end_leaves_nothing_that_was_acknowledged(path: Path) -> None:
    outbox = FileOutbox(path)
    outbox.put(event(0))
    outbox.put(event(1))
    outbox.next_unsent()
    outbox.delivered("0")
    outbox.close()
    with opened(path) as again:
        assert drain(again) == ["1"]


def test_a_full_outbox_drops_the_oldest_that_still_waits(path: Path) -> None:
    with opened(path, max_events=3) as outbox:
        outbox.put(event(0))
        outbox.next_unsent()
        for number in range(1, 6):
            outbox.put(event(number))
        assert drain(outbox) == ["3", "4", "5"]
        assert outbox.dropped == 2


def test_an_event_is_taken_once_even_by_the_next_process(path: Path) -> None:
    with opened(path) as outbox:
        outbox.put(event(1))
        outbox.put(event(1))
        assert len(outbox) == 1
    with opened(path) as again:
        again.put(event(1))
        assert drain(again) == ["1"]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.sampled_from(["put", "ack", "next", "back", "doubt", "kill", "later"])),
)
def test_whatever_happens_every_event_is_acknowledged_dropped_or_still_there(
    tmp_path_factory: pytest.TempPathFactory, bound: int, steps: list[str]
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "outbox.sqlite3"
    clock = Clock()
    outbox = FileOutbox(path, max_events=bound, clock_s=clock)
    made: list[str] = []
    handed_over: list[str] = []
    acknowledged: set[str] = set()
    dropped = 0
    for step in steps:
        match step:
            case "put":
                made.append(str(len(made)))
                outbox.put(event(len(made) - 1))
            case "next":
                found = outbox.next_unsent()
                handed_over += [found.key] if found else []
            case "ack" if handed_over:
                acknowledged.add(handed_over[0])
                outbox.delivered(handed_over.pop(0))
            case "back":
                outbox.take_back()
                handed_over.clear()
            case "doubt":
                outbox.doubt()
            case "later":
                clock.now_s += outbox_file.LINGER_S
            case "kill":
                dropped += outbox.dropped
                outbox._db.close()
                outbox = FileOutbox(path, max_events=bound, clock_s=clock)
                handed_over.clear()
    made.append(str(len(made)))
    outbox.put(event(len(made) - 1))
    assert len(outbox) <= bound + len(handed_over)
    left = set(handed_over) | set(drain(outbox))
    dropped += outbox.dropped
    outbox.close()
    assert len(set(made) - left - acknowledged) <= dropped


def test_a_process_that_is_killed_has_lost_nothing(path: Path) -> None:
    script = """
import sys
from pathlib import Path
from repsense.sinks.mqtt.outbox import OutgoingEvent
from repsense.sinks.mqtt.outbox_file import FileOutbox

outbox = FileOutbox(Path(sys.argv[1]))
number = 0
while True:
    outbox.put(OutgoingEvent(key=str(number), topic="t", payload="p"))
    print(number, flush=True)
    number += 1
"""
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        while int(writer.stdout.readline()) < 300:
            pass
        writer.kill()
        said = 300 + len(writer.stdout.read().splitlines())
    with opened(path) as outbox:
        kept = [int(key) for key in drain(outbox)]
    assert kept == list(range(len(kept)))
    assert len(kept) >= said


def test_two_processes_do_not_share_one(path: Path, said: Said) -> None:
    with opened(path):
        second = open_outbox(path, on_status=said)
    assert not second.outlives_us
    assert "locked" in said.all[0]
    assert "another RepSense" in said.all[0]


def test_a_damaged_file_is_put_aside(path: Path, said: Said) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    outbox = open_outbox(path, on_status=said)
    assert outbox.outlives_us
    outbox.close()
    assert path.with_name("outbox.sqlite3.broken").is_file()
    assert "damaged" in said.all[0]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, said: Said) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    outbox = open_outbox(tmp_path / "file" / "outbox.sqlite3", on_status=said)
    outbox.put(event(1))
    assert drain(outbox) == ["1"]
    assert "kept in memory" in said.all[0]


def test_a_full_disk_moves_what_waits_into_memory(path: Path, said: Said) -> None:
    with opened(path, on_status=said) as outbox:
        outbox.put(event(0))
        outbox.next_unsent()
        outbox.put(event(1))
        outbox._db.execute("PRAGMA max_page_count = 1")
        big = OutgoingEvent(key="big", topic="t", payload="x" * 100_000)
        outbox.put(big)
        assert not outbox.outlives_us
        assert len(outbox) == 3
        outbox.delivered("0")
        assert drain(outbox) == ["1", "big"]
    assert "full" in said.all[0]


def test_a_bound_must_leave_room(path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FileOutbox(path, max_events=0)


def test_it_lies_beside_the_history(tmp_path: Path) -> None:
    assert outbox_path(tmp_path / "history.sqlite3") == tmp_path / "outbox.sqlite3"
