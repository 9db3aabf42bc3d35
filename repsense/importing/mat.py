"""MATLAB's files: the only door to scipy's reader, with what may go wrong told as ours."""

import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from typing import IO

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.source import Source

_HDF = b"MATLAB 7.3"
_MAGIC = b"MATLAB"
# What scipy's reader raises over bytes that are not as they should be.
_DAMAGE = (
    ValueError,
    TypeError,
    EOFError,
    OSError,
    KeyError,
    IndexError,
    OverflowError,
    MemoryError,
    zlib.error,
)


def read_mat(source: Source, name: str, variable: str) -> object:
    """Return a variable of a ``.mat`` file of version 4 to 7.2; structs become objects.

    Raises
    ------
    ForeignFileError
        When it is of version 7.3, damaged, lacks the variable, or scipy is missing.
    """
    where = source.where(name)
    with source.seekable(name) as stream:
        head = stream.read(len(_HDF))
        if head == _HDF:
            raise ForeignFileError(
                f"{where} is of MATLAB's version 7.3, which is HDF5: load it in MATLAB or Octave "
                f"and save it again with `save -v7`."
            )
        if not head.startswith(_MAGIC):
            raise ForeignFileError(f"{where} is no MATLAB file: download it again.")
        stream.seek(0)
        found = _load(stream, variable, where)
    if variable not in found:
        raise ForeignFileError(
            f"{where} has no variable {variable}: it is another file than RecoFit's."
        )
    return found[variable]


def _load(stream: IO[bytes], variable: str, where: str) -> dict[str, object]:
    if find_spec("scipy") is None:
        raise ForeignFileError(
            f"{where} needs scipy to be read: install RepSense with its extra, repsense[import]."
        )
    from scipy.io import loadmat  # noqa: PLC0415 - an extra; and half a second to load
    from scipy.io.matlab import MatReadError  # noqa: PLC0415 - as above

    try:
        found: dict[str, object] = loadmat(
            stream, variable_names=[variable], struct_as_record=False, squeeze_me=True
        )
    except (MatReadError, *_DAMAGE) as error:
        raise ForeignFileError(
            f"{where} is truncated or damaged ({error}): download it again."
        ) from error
    return found


def each(value: object) -> Iterator[object]:
    """Yield the elements of a cell or struct array, however few: one may stand for itself."""
    if isinstance(value, np.ndarray):
        yield from value.ravel().tolist() if value.dtype == object else ()
    else:
        yield value
