"""Writes the samples of each wearer to recordings while they arrive."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from repsense.errors import RecordingError
from repsense.recording.format import WORN
from repsense.recording.writer import RecordingWriter
from repsense.samples import SampleBlock, Worn
from repsense.sinks.base import Notice


def _ignore(_: str) -> None:
    """Take a sentence and do nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


class RecorderSink:
    """Record every wearer's samples into files of their own, on a thread of its own.

    A file is named after the wearer and the time of its first block. Where a
    recording cannot go on (the sensor's clock restarted) a new one begins;
    where the disk refuses, that is said once and counting goes on. No block is
    ever dropped: while the disk is slow they wait in memory (about 5 kB/s a wearer).

    Parameters
    ----------
    folder
        Where the recordings go; made if needed.
    worn
        How the sensors sit on the arm, by the name that their samples go by; it is written
        down with them.
    on_status
        Called in the event loop with one sentence when a recording begins or fails.
    now
        The wall clock, for names and metadata.
    """

    def __init__(
        self,
        folder: Path,
        *,
        worn: Mapping[str, Worn] | None = None,
        on_status: Callable[[str], None] = _ignore,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.folder = folder
        self.worn = dict(worn or {})
        self.on_status = on_status
        self.now = now
        self._writers: dict[str, RecordingWriter] = {}
        self._failed: set[str] = set()
        self._worker: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Make the folder; where that cannot be, say so and record nothing."""
        self._loop = asyncio.get_running_loop()
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="repsense-recorder")
        try:
            await self._loop.run_in_executor(worker, self._make_folder)
        except OSError as error:
            worker.shutdown(wait=False)
            self.on_status(
                f"Nothing is recorded: the folder {self.folder} cannot be made "
                f"({error.strerror}). Name another one."
            )
            return
        self._worker = worker

    def take(self, notice: Notice) -> None:
        """Ignore events: a recording is what the sensor said, not what was made of it."""

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Write a block behind the ones before."""
        if self._worker is not None and len(block):
            self._worker.submit(self._write, wearer, block)

    async def stop(self) -> None:
        """Write what still waits and close the files."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        await self._loop.run_in_executor(worker, self._close_all)
        worker.shutdown()

    # -- in the recorder's thread --------------------------------------------------------------

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def _write(self, wearer: str, block: SampleBlock) -> None:
        if wearer in self._failed:
            return
        try:
            self._append(wearer, block)
        except RecordingError as error:
            self._failed.add(wearer)
            self._say(f"{error} {wearer} is not recorded any more; counting goes on.")

    def _append(self, wearer: str, block: SampleBlock) -> None:
        writer = self._writers.get(wearer)
        if writer is not None:
            try:
                writer.append(block)
            except RecordingError as error:
                self._say(str(error))
                writer.close()
            else:
                return
        self._writers[wearer] = writer = self._begin(wearer)
        writer.append(block)

    def _begin(self, wearer: str) -> RecordingWriter:
        now = self.now()
        stem = f"{wearer}-{now.astimezone():%Y%m%d-%H%M%S}"
        names = (f"{stem}.csv" if n == 1 else f"{stem}-{n}.csv" for n in count(1))
        path = next(path for name in names if not (path := self.folder / name).exists())
        begun_at = now.astimezone(UTC).isoformat(timespec="seconds")
        metadata = {"wearer": wearer, "started_at": begun_at}
        if wearer in self.worn:
            metadata[WORN] = str(self.worn[wearer])
        writer = RecordingWriter(path, metadata=metadata)
        self._say(f"Recording {wearer} into {path}.")
        return writer

    def _close_all(self) -> None:
        for wearer, writer in self._writers.items():
            try:
                writer.close()
            except RecordingError as error:
                self._say(f"{error} The end of {wearer}'s recording may be missing.")

    def _say(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self.on_status, text)
