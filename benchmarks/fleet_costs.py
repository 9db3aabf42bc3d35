"""What one wearer costs a worker; a part of the fleet's benchmark, not one itself."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fleet_streams import Stream

from repsense.batches import decode
from repsense.fleet.line import Line
from repsense.fleet.snapshot import pack, unpack
from repsense.fleet.store import Store
from repsense.pipeline.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one wearer takes of a worker.

    Parameters
    ----------
    wearers_a_core
        At the rate of the streams, in messages of ``span_s``, without publishing.
    decode_us
        Reading a message.
    take_us
        All of a message: reading, placing in time, counting.
    snapshot_bytes
        On disk.
    pack_ms, save_ms, unpack_ms
        Making, writing and reading it.
    """

    span_s: float
    wearers_a_core: float
    decode_us: float
    take_us: float
    snapshot_bytes: int
    pack_ms: float
    save_ms: float
    unpack_ms: float


def costs_of(made: Sequence[Stream]) -> Costs:
    """Count streams here, in one process, and put their state away and back."""
    began_s = time.process_time()
    lines = [_counted(stream) for stream in made]
    take_s = time.process_time() - began_s
    began_s = time.process_time()
    for stream in made:
        for message in stream.messages:
            decode(message)
    decode_s = time.process_time() - began_s
    messages = sum(len(stream.messages) for stream in made)
    played_s = messages * made[0].span_s
    packing, saving, unpacking, sizes = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for line in lines * 5:
            times_s = [time.perf_counter()]
            data = pack(line)
            times_s.append(time.perf_counter())
            store.save(line.wearer, data)
            times_s.append(time.perf_counter())
            unpack(data)
            times_s.append(time.perf_counter())
            for kind, spent_s in zip((packing, saving, unpacking), np.diff(times_s), strict=True):
                kind.append(1e3 * float(spent_s))
            sizes.append(len(data))
    return Costs(
        span_s=made[0].span_s,
        wearers_a_core=played_s / take_s,
        decode_us=1e6 * decode_s / messages,
        take_us=1e6 * take_s / messages,
        snapshot_bytes=int(statistics.median(sizes)),
        pack_ms=statistics.median(packing),
        save_ms=statistics.median(saving),
        unpack_ms=statistics.median(unpacking),
    )


def _counted(stream: Stream) -> Line:
    line = Line("anna", stream.messages[0], Pipeline(), now_s=0.0)
    for number, message in enumerate(stream.messages[:-1]):
        line.take(message, number * stream.span_s)
    return line
