"""One counting process for a data folder."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repsense.errors import FolderInUseError, HistoryError
from repsense.sinks.folder import held, holder

_HOLD = "import sys; from pathlib import Path; from repsense.sinks.folder import held\n"
_HOLD += "with held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_the_second_process_is_refused_and_told_who_is_first(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    assert holder(tmp_path) == f"process {other.pid}"
    match = rf"Another RepSense \(process {other.pid}\).*--data-dir"
    with pytest.raises(FolderInUseError, match=match), held(tmp_path):
        pytest.fail("two hold it")


def test_a_killed_process_holds_it_no_more(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert holder(tmp_path) is None
    with held(tmp_path):
        assert holder(tmp_path) is not None
    with held(tmp_path):
        pass


def test_asking_makes_no_file(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be used"), held(tmp_path / "file" / "folder"):
        pytest.fail("held")
