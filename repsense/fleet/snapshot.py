"""A line as bytes, exactly: what is read back goes on as if it had never been away.

It is Python's pickle, because a line is numbers and arrays of this very program: any other
form would have to be kept in step with every stage of the pipeline. Two things make it fit:
what all wearers share (trained numbers, the catalogue) is left out, and reading makes
nothing but this package's own classes and arrays, so a forged file runs no code.
"""

import io
import pickle
from functools import cache
from hashlib import sha256
from pathlib import Path

import repsense
from repsense.errors import SnapshotError
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.recognition import load_model
from repsense.exercises.strokes import load_stroke_models
from repsense.fleet.line import Line

_MAGIC = b"repsense-line-1\n"
_OURS = "repsense."
_OTHERS = {
    "collections": {"OrderedDict", "deque"},
    "datetime": {"datetime", "timedelta", "timezone"},
}
# How numpy rebuilds arrays and numbers; the modules they stand in have moved before.
_NUMPY = {"_frombuffer", "_reconstruct", "dtype", "ndarray", "scalar"}


def pack(line: Line) -> bytes:
    """Return a line as bytes."""
    buffer = io.BytesIO()
    buffer.write(_MAGIC + _sources_digest())
    _Writer(buffer, pickle.HIGHEST_PROTOCOL).dump(line)
    return buffer.getvalue()


def unpack(data: bytes) -> Line:
    """Return the line that was packed.

    Raises
    ------
    SnapshotError
        When the bytes are of another version of the program, or damaged.
    """
    head = _MAGIC + _sources_digest()
    if not data.startswith(head):
        raise SnapshotError(
            "A wearer's state was put away by another version of RepSense, which keeps it "
            "differently: the wearer begins anew, and the set that was running is lost."
        )
    try:
        line: object = _Reader(io.BytesIO(data[len(head) :])).load()
    except Exception as error:  # damaged bytes raise anything
        raise _damaged(f"{type(error).__name__}: {error}") from error
    if not isinstance(line, Line):
        raise _damaged(f"a {type(line).__name__} is there instead")
    return line


def _damaged(why: str) -> SnapshotError:
    return SnapshotError(
        f"A wearer's state cannot be read ({why}): the wearer begins anew. Is the disk sound, "
        f"and does nobody else write there?"
    )


@cache
def _shared() -> dict[str, object]:
    """Return what every line refers to, by the name that stands for it."""
    strokes = load_stroke_models()
    return {
        "catalogue": load_catalogue(),
        "recognition": load_model(),
        **{f"strokes/{name}": model for name, model in strokes.items()},
    }


@cache
def _sources_digest() -> bytes:
    digest = sha256()
    for path in sorted(Path(repsense.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest().encode()


class _Writer(pickle.Pickler):
    def persistent_id(self, obj: object) -> str | None:
        return _shared_names().get(id(obj))


@cache
def _shared_names() -> dict[int, str]:
    return {id(one): name for name, one in _shared().items()}


class _Reader(pickle.Unpickler):
    def persistent_load(self, pid: object) -> object:
        return _shared()[str(pid)]

    def find_class(self, module_name: str, global_name: str) -> object:
        allowed = (
            module_name.startswith(_OURS)
            or global_name in _OTHERS.get(module_name, ())
            or (module_name.startswith("numpy") and global_name in _NUMPY)
        )
        if not allowed or "." in global_name:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not ours")
        found: object = super().find_class(module_name, global_name)
        if module_name.startswith(_OURS) and not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no class")
        return found
