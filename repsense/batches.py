"""Samples on their way from a gateway to whoever counts, as messages of JSON.

A message holds whole samples or a sensor's state. ``seq`` numbers the messages of
a stream, ``first`` the samples, so that what gets lost on the way is known to the sample.
Numbers are written so that they are read back as they were, bit for bit.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from repsense.errors import DecodeError, SampleError
from repsense.samples import FloatArray, LinkReport, LinkState, SampleBlock

VERSION = 1
#: Over how many topics wearers are spread unless it is set otherwise.
PARTITIONS = 64
#: Samples that a message may hold: 5 s at 400 Hz, some 100 kB.
MOST_SAMPLES = 2000

_MOST_COUNT = 2**53
_MOST_NUMBER = 1e9  # 30 years in s
_LONGEST_TEXT = 1000
_BATTERY, _RSSI = (0, 100), (-200, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One message.

    Parameters
    ----------
    stream
        Which run of which gateway it belongs to; another stream counts anew.
    seq
        Number of the message in its stream, from 0.
    first
        Number of samples that the stream held before it.
    content
        Samples with the gateway's times, or the sensor's state.
    """

    stream: str
    seq: int
    first: int
    content: SampleBlock | LinkReport


def partition(wearer: str, partitions: int = PARTITIONS) -> int:
    """Return which part of the topics a wearer's samples are on.

    The same everywhere and for ever: CRC-32 (ISO 3309) of the name in UTF-8,
    modulo the number of parts.
    """
    return crc32(wearer.encode()) % partitions


class Packer:
    """Make the messages of one stream.

    Parameters
    ----------
    stream
        A name that no other stream has.
    span_s
        Blocks are gathered until a message covers this much time, s.
    most_samples
        Longer blocks are cut.
    """

    def __init__(self, stream: str, *, span_s: float = 0.2, most_samples: int = 250) -> None:
        self._stream = stream
        self._span_s = span_s
        self._most_samples = most_samples
        self._seq = 0
        self._first = 0
        self._gathered: list[SampleBlock] = []

    def add(self, block: SampleBlock) -> list[Batch]:
        """Return the messages that are full with this block."""
        if not len(block):
            return []
        before = self._gathered[-1] if self._gathered else None
        odd = before is not None and (
            (before.gyro_dps is None) != (block.gyro_dps is None) or block.lost > 0
        )
        full = self.flush() if odd else []
        self._gathered.append(block)
        begun_s, newest_s = self._gathered[0].t_s[0], block.t_s[-1]
        held = sum(len(one) for one in self._gathered)
        if newest_s - begun_s >= self._span_s or held >= self._most_samples:
            full += self.flush()
        return full

    def report(self, report: LinkReport) -> list[Batch]:
        """Return the sensor's state as a message, after the samples that came before it."""
        return [*self.flush(), self._batch(report)]

    def flush(self) -> list[Batch]:
        """Return what is gathered, however little."""
        if not self._gathered:
            return []
        block, self._gathered = _joined(self._gathered), []
        return [self._batch(piece) for piece in block.cut(self._most_samples)]

    def _batch(self, content: SampleBlock | LinkReport) -> Batch:
        batch = Batch(stream=self._stream, seq=self._seq, first=self._first, content=content)
        self._seq += 1
        self._first += len(content) if isinstance(content, SampleBlock) else 0
        return batch


def _joined(blocks: list[SampleBlock]) -> SampleBlock:
    gyros = [block.gyro_dps for block in blocks if block.gyro_dps is not None]
    return SampleBlock(
        t_s=np.concatenate([block.t_s for block in blocks]),
        accel_g=np.concatenate([block.accel_g for block in blocks]),
        gyro_dps=np.concatenate(gyros) if gyros else None,
        lost=blocks[0].lost,
    )


def encode(batch: Batch) -> str:
    """Return a message as text."""
    head = {"v": VERSION, "stream": batch.stream, "seq": batch.seq, "first": batch.first}
    content = batch.content
    body = _samples(content) if isinstance(content, SampleBlock) else _state(content)
    return json.dumps({**head, **body}, ensure_ascii=False, separators=(",", ":"))


def _samples(block: SampleBlock) -> dict[str, object]:
    body = {"lost": block.lost, "t_s": block.t_s.tolist(), "accel_g": block.accel_g.tolist()}
    return body if block.gyro_dps is None else {**body, "gyro_dps": block.gyro_dps.tolist()}


def _state(report: LinkReport) -> dict[str, object]:
    return {
        "sensor": report.sensor,
        "state": report.state.value,
        "detail": report.detail,
        "battery_percent": report.battery_percent,
        "rssi_dbm": report.rssi_dbm,
        "lost_samples": report.lost_samples,
    }


def decode(message: str | bytes) -> Batch:
    """Return what a message says.

    Raises
    ------
    DecodeError
        When it is no message of this layout, whatever else it may be.
    """
    try:
        fields: object = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise _broken("it is not JSON") from error
    if not isinstance(fields, dict):
        raise _broken("it is no JSON object")
    if _count(fields, "v") != VERSION:
        raise DecodeError(
            f"Samples came in layout {fields['v']}, and {VERSION} is known here: bring the gateway "
            f"and this machine to the same version of RepSense."
        )
    content = _read_state(fields) if "state" in fields else _read_samples(fields)
    return Batch(
        stream=_text(fields, "stream"),
        seq=_count(fields, "seq"),
        first=_count(fields, "first"),
        content=content,
    )


def _read_samples(fields: Mapping[str, object]) -> SampleBlock:
    t_s = _numbers(fields, "t_s", columns=1)[:, 0]
    accel_g = _numbers(fields, "accel_g", columns=3)
    gyro_dps = _numbers(fields, "gyro_dps", columns=3) if "gyro_dps" in fields else None
    try:
        return SampleBlock(t_s=t_s, accel_g=accel_g, gyro_dps=gyro_dps, lost=_count(fields, "lost"))
    except SampleError as error:
        raise _broken(str(error)) from error


def _read_state(fields: Mapping[str, object]) -> LinkReport:
    try:
        state = LinkState(_text(fields, "state"))
    except ValueError as error:
        raise _broken("its state is none that is known") from error
    return LinkReport(
        state=state,
        sensor=_text(fields, "sensor"),
        detail=_text(fields, "detail"),
        battery_percent=_whole(fields, "battery_percent", *_BATTERY),
        rssi_dbm=_whole(fields, "rssi_dbm", *_RSSI),
        lost_samples=_count(fields, "lost_samples"),
    )


def _numbers(fields: Mapping[str, object], key: str, *, columns: int) -> FloatArray:
    rows = fields.get(key)
    if not isinstance(rows, list) or len(rows) > MOST_SAMPLES:
        raise _broken(f"{key} is no list of at most {MOST_SAMPLES}")
    flat = list(_flat(rows, columns, key))
    return np.array(flat, dtype=np.float64).reshape(len(rows), columns)


def _flat(rows: list[object], columns: int, key: str) -> Iterator[float]:
    for row in rows:
        cells = [row] if columns == 1 else row
        if not isinstance(cells, list) or len(cells) != columns:
            raise _broken(f"a row of {key} has not {columns} numbers")
        for cell in cells:
            if isinstance(cell, bool) or not isinstance(cell, int | float):
                raise _broken(f"{key} holds something that is no number")
            if not abs(cell) < _MOST_NUMBER:  # NaN is not either
                raise _broken(f"{key} holds a number that no sensor measures")
            yield float(cell)


def _text(fields: Mapping[str, object], key: str) -> str:
    text = fields.get(key)
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise _broken(f"{key} is no text of at most {_LONGEST_TEXT} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:  # half a surrogate pair, which nobody could print
            raise _broken(f"{key} is no text") from error
    return text


def _count(fields: Mapping[str, object], key: str) -> int:
    count = _whole(fields, key, 0, _MOST_COUNT)
    if count is None:
        raise _broken(f"{key} is missing")
    return count


def _whole(fields: Mapping[str, object], key: str, least: int, most: int) -> int | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _broken(f"{key} is no whole number from {least} to {most}")
    return value


def _broken(what: str) -> DecodeError:
    return DecodeError(
        f"A message on a topic of samples cannot be used: {what}. Who else publishes there?"
    )
