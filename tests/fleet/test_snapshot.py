"""Snapshots: whole or not there, of this program or refused, and never run."""

import os
import pickle
import shutil
from pathlib import Path

import pytest

from repsense.batches import Batch, encode
from repsense.errors import SnapshotError
from repsense.exercises.recognition import load_model
from repsense.fleet import snapshot
from repsense.fleet.line import Line
from repsense.fleet.snapshot import pack, unpack
from repsense.fleet.store import Store
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState

REPORT = LinkReport(state=LinkState.SEARCHING, sensor="band")


def a_line() -> Line:
    first = encode(Batch(stream="a", seq=0, first=0, content=REPORT))
    return Line("anna", first, Pipeline(), now_s=0.0)


def head() -> bytes:
    """What every snapshot of this program begins with."""
    data = pack(a_line())
    return data[: data.index(pickle.PROTO)]


class Forged:
    """Runs a command when it is read, if the reader lets it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo read a forged snapshot",)


@pytest.mark.parametrize("content", [Forged(), [1, 2], "text"], ids=["command", "list", "text"])
def test_what_is_no_line_is_refused(content: object) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        unpack(head() + pickle.dumps(content))


@pytest.mark.parametrize(
    "name", [("os", "system"), ("repsense.cli.main", "sys.exit"), ("repsense.service", "warm_up")]
)
def test_only_classes_of_this_program_are_made(name: tuple[str, str]) -> None:
    module, attribute = name
    stream = b"\x80\x04\x8c" + bytes([len(module)]) + module.encode()
    stream += b"\x8c" + bytes([len(attribute)]) + attribute.encode() + b"\x93."
    with pytest.raises(SnapshotError, match=r"is not ours|is no class"):
        unpack(head() + stream)


def test_a_snapshot_of_another_version_is_refused() -> None:
    data = bytearray(pack(a_line()))
    data[20] ^= 1
    with pytest.raises(SnapshotError, match="another version"):
        unpack(bytes(data))


def test_half_a_snapshot_is_refused() -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        unpack(pack(a_line())[:5000])


def test_what_all_wearers_share_is_not_put_away_with_each() -> None:
    line = unpack(pack(a_line()))
    engine = line.orders.engine
    assert isinstance(engine, Pipeline)
    assert engine._recogniser.model is load_model()
    alone = len(pickle.dumps(a_line()))
    assert alone - len(pack(a_line())) > len(pickle.dumps(load_model()))
    assert set(snapshot._shared()) >= {"catalogue", "recognition"}


def test_a_store_keeps_the_newest_of_each_wearer(tmp_path: Path) -> None:
    store = Store(tmp_path / "3")
    long = "ü" * 64
    store.save("anna", b"1")
    store.save(long, b"2")
    store.save("anna", b"3")
    (tmp_path / "3" / "half.new").write_bytes(b"half")
    assert sorted(Store(tmp_path / "3").snapshots()) == [b"2", b"3"]
    store.remove("anna")
    store.remove("anna")
    assert list(store.snapshots()) == [b"2"]
    assert not store.is_ours()  # another one has been opened since
    assert (tmp_path / "3").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match="check the space and who may write"):
        Store(tmp_path / "file" / "3")
    store = Store(tmp_path / "4")
    shutil.rmtree(tmp_path / "4")
    with pytest.raises(SnapshotError, match="cannot be used"):
        store.save("anna", b"1")
