"""Where a worker's snapshots are: a folder a partition, a file a wearer."""

import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from repsense.errors import SnapshotError

_SUFFIX = ".line"
_OWNER = "owner"


class Store:
    """The snapshots of one partition, and whose they are.

    A snapshot is whole or not there: a file takes the place of the one before when it is
    complete. Workers on other machines find it where the folder is one that all of them
    see (NFS, EFS, CephFS); closing a file is what such a folder counts as written.
    Who opened it last owns it: a worker that Ray took for dead, and is not, must not write
    over what its heir has written.

    Parameters
    ----------
    folder
        Made where it is missing, for this user alone.

    Raises
    ------
    SnapshotError
        When it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _failed(folder, error) from error
        self._token = secrets.token_bytes(8)
        self._replace(folder / _OWNER, self._token)

    def is_ours(self) -> bool:
        """Say whether nobody has opened it since.

        Raises
        ------
        SnapshotError
            When that cannot be seen.
        """
        path = self._folder / _OWNER
        try:
            return path.read_bytes() == self._token
        except OSError as error:
            raise _failed(path, error) from error

    def save(self, wearer: str, data: bytes) -> None:
        """Put a wearer's snapshot in the place of the one before.

        Raises
        ------
        SnapshotError
            When it cannot be written; the one before is still there.
        """
        self._replace(self._path(wearer), data)

    def snapshots(self) -> Iterator[bytes]:
        """Yield all snapshots.

        Raises
        ------
        SnapshotError
            When one cannot be read.
        """
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                yield path.read_bytes()
            except OSError as error:
                raise _failed(path, error) from error

    def remove(self, wearer: str) -> None:
        """Forget a wearer.

        Raises
        ------
        SnapshotError
            When the file cannot be removed.
        """
        try:
            self._path(wearer).unlink(missing_ok=True)
        except OSError as error:
            raise _failed(self._path(wearer), error) from error

    def _replace(self, path: Path, data: bytes) -> None:
        new = path.with_suffix(f".{self._token.hex()}" if path.name == _OWNER else ".new")
        try:
            new.write_bytes(data)
            new.replace(path)
        except OSError as error:
            raise _failed(path, error) from error

    def _path(self, wearer: str) -> Path:
        # Names may hold what file names cannot, and be longer.
        return self._folder / f"{sha256(wearer.encode()).hexdigest()}{_SUFFIX}"


def _failed(path: Path, error: OSError) -> SnapshotError:
    return SnapshotError(
        f"The snapshot {path} cannot be used ({error.strerror or error}). Counting goes on and "
        f"the broker keeps what is not in a snapshot: check the space and who may write there."
    )
