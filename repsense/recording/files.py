"""Text files on and off the disk, with every failure told as one of ours."""

import contextlib
import gzip
import os
import zlib
from pathlib import Path

from repsense.errors import RepSenseError

_GZIP_MAGIC = b"\x1f\x8b"

ErrorType = type[RepSenseError]


def read_text(path: Path, error_type: ErrorType) -> str:
    """Return the text of a file, unpacked where it is gzip, with Unix line ends.

    Parameters
    ----------
    error_type
        What to raise: the error of the room that the file belongs to.

    Raises
    ------
    RepSenseError
        ``error_type``, when the file is not there, cannot be read, is damaged
        gzip, or is not UTF-8.
    """
    raw = _read_bytes(path, error_type)
    if is_gzip_name(path) or raw.startswith(_GZIP_MAGIC):
        raw = _unpacked(raw, path, error_type)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise error_type(
            f"{path}, line {line}: not UTF-8 text (byte {raw[error.start]:#04x}): save the file "
            f"again as CSV or text in UTF-8."
        ) from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def write_text(path: Path, text: str, error_type: ErrorType) -> None:
    """Write a whole file at once, packed where its name ends in ``.gz``.

    The file appears complete or not at all, and equal text makes equal bytes.

    Raises
    ------
    RepSenseError
        ``error_type``, when the folder is not there or the disk refuses.
    """
    raw = text.encode("utf-8")
    if is_gzip_name(path):
        raw = gzip.compress(raw, mtime=0)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(raw)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise unwritable(path, error, error_type) from error


def is_gzip_name(path: Path) -> bool:
    """Say whether the name promises gzip."""
    return path.suffix.lower() == ".gz"


def unwritable(path: Path, error: OSError, error_type: ErrorType) -> RepSenseError:
    """Return the error that says why ``path`` cannot be written."""
    if isinstance(error, FileNotFoundError):
        return error_type(f"{path} cannot be written: there is no folder {path.parent}. Make it.")
    if isinstance(error, FileExistsError):
        return error_type(f"{path} exists already and is left as it is: use another name.")
    return error_type(
        f"{path} cannot be written ({error.strerror}): check the space on the disk and who may "
        f"write there."
    )


def _read_bytes(path: Path, error_type: ErrorType) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise error_type(f"{path} does not exist: check the name and the folder.") from error
    except IsADirectoryError as error:
        raise error_type(f"{path} is a folder: name the files in it.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise error_type(
            f"{path} cannot be read ({reason}): check the path and who may read it."
        ) from error


def _unpacked(raw: bytes, path: Path, error_type: ErrorType) -> bytes:
    if not raw:
        return raw
    if not raw.startswith(_GZIP_MAGIC):
        raise error_type(
            f"{path} is not gzip although its name ends in .gz: pack it with gzip, or rename it "
            f"to {path.stem}."
        )
    try:
        return gzip.decompress(raw)
    except EOFError as error:
        raise error_type(
            f"{path} is truncated: the gzip data ends after {len(raw)} bytes, before its end "
            f"mark. Copy or download it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise error_type(
            f"{path} is damaged: its gzip data cannot be unpacked ({error}). Copy or download it "
            f"again."
        ) from error
