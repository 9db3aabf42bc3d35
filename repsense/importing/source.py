"""A file, a folder or a zip archive: the same to whoever reads from it."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO

from repsense.errors import ForeignFileError

# Enough for a header of a hundred and sixty columns.
_HEAD_BYTES = 16_384
_LFS = b"version https://git-lfs.github.com/spec"
_JUNK = (".", "__MACOSX")

# What zipfile raises for a damaged archive; NotImplementedError is its word for a way of
# packing that it does not know, RuntimeError for one with a password.
Damage = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Source:
    """Where an import reads from.

    Of a single file also the ones beside it can be opened, because many
    programs write one file a sensor.

    Parameters
    ----------
    path
        A file, a folder, or a zip archive.

    Raises
    ------
    ForeignFileError
        When there is nothing at ``path``, or the archive is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise ForeignFileError(f"{path} does not exist: check the name and the folder.")
        self._archive = self._open_archive() if path.suffix.lower() == ".zip" else None

    @property
    def name(self) -> str:
        """The source's name, without folder and ending."""
        return self.path.resolve().name if self.path.is_dir() else self.path.stem

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files to look at, sorted, with ``/`` between folders."""
        return tuple(sorted(name for name in self._names() if not _is_junk(name)))

    def named(self, ending: str) -> tuple[str, ...]:
        """Return the files whose names end so, however they are capitalised."""
        return tuple(name for name in self.files if name.lower().endswith(ending.lower()))

    def has(self, name: str) -> bool:
        """Say whether a file can be opened, one beside a single file included."""
        if self._archive is not None or self.path.is_dir():
            return name in self.files
        return (self._folder / name).is_file()

    def head(self, name: str) -> str:
        """Return the beginning of a file as text, whatever it is."""
        with self.open(name) as stream:
            return stream.read(_HEAD_BYTES).decode("utf-8-sig", errors="replace")

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises
        ------
        ForeignFileError
            When it is damaged, or stands for one that was not downloaded.
        """
        with self.open(name) as stream:
            raw = stream.read()
        self._check_there(name, raw)
        return raw

    def text(self, name: str) -> str:
        """Return the text of a file, with Unix line ends; errors as :meth:`read`."""
        raw = self.read(name)
        try:
            text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")  # of old spreadsheets; only the units have such signs
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def lines(self, name: str) -> Iterator[tuple[str, int]]:
        """Yield the lines of a large file, and how many of its bytes were read."""
        with self.open(name) as stream:
            done = 0
            for raw in stream:
                done += len(raw)
                yield raw.decode("utf-8-sig" if done == len(raw) else "utf-8", "replace"), done

    def size(self, name: str) -> int:
        """Return the number of bytes of a file."""
        if self._archive is not None:
            return self._archive.getinfo(name).file_size
        return (self._folder / name).stat().st_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to read its bytes; what goes wrong while it is read is told as ours."""
        try:
            if self._archive is not None:
                with self._archive.open(name) as packed:
                    yield packed
            else:
                with (self._folder / name).open("rb") as stream:
                    yield stream
        except Damage as error:
            raise ForeignFileError(
                f"{self.where(name)} is damaged ({error}): export or download it again."
            ) from error
        except OSError as error:
            raise ForeignFileError(
                f"{self.where(name)} cannot be read ({error.strerror}): check who may read it."
            ) from error

    @contextmanager
    def seekable(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file that is read here and there; what is packed is unpacked into memory.

        Raises
        ------
        ForeignFileError
            As :meth:`read`.
        """
        with self.open(name) as stream:
            self._check_there(name, stream.read(len(_LFS)))
        if self._archive is not None:
            yield io.BytesIO(self.read(name))
            return
        with self.open(name) as stream:
            yield stream

    def where(self, name: str) -> str:
        """Return what messages call a file."""
        if self._archive is not None:
            return f"{self.path}: {name}"
        return str(self._folder / name)

    def glance(self) -> str:
        """Say in a few words what is to be seen, for whom nothing fits."""
        if not self.files:
            return "there are no files in it"
        first = self.head(self.files[0]).splitlines()[:1]
        line = "".join(sign if sign.isprintable() else "?" for sign in "".join(first))
        more = "" if len(self.files) == 1 else f"{len(self.files)} files; "
        shown = line if len(line) <= 60 else f"{line[:57]}..."
        return f"{more}{PurePosixPath(self.files[0]).name} begins with {shown!r}"

    @property
    def _folder(self) -> Path:
        return self.path if self.path.is_dir() else self.path.parent

    def _names(self) -> list[str]:
        if self._archive is not None:
            return [info.filename for info in self._archive.infolist() if not info.is_dir()]
        if self.path.is_dir():
            paths = (path for path in self.path.rglob("*") if path.is_file())
            return [path.relative_to(self.path).as_posix() for path in paths]
        return [self.path.name]

    def _check_there(self, name: str, beginning: bytes) -> None:
        if beginning.startswith(_LFS):
            raise ForeignFileError(
                f"{self.where(name)} is not the data but a pointer to them (Git LFS): fetch them "
                f"with `git lfs pull`, or download the file itself."
            )

    def _open_archive(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.path)
        except (*Damage, OSError) as error:
            raise ForeignFileError(
                f"{self.path} is truncated or no zip archive ({error}): export or copy it again."
            ) from error


def folder_of(name: str) -> str:
    """Return the folder of a file in a source, with its ``/``; empty for none."""
    head, slash, _ = name.rpartition("/")
    return head + slash


def stem_of(name: str) -> str:
    """Return the name of a file in a source, without folder and ending."""
    return PurePosixPath(name).stem


def _is_junk(name: str) -> bool:
    return any(part.startswith(_JUNK) for part in name.split("/"))
