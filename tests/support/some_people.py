"""Small recordings by several people, for tests that tune; not a test itself."""

from pathlib import Path

import numpy as np

from repsense.recording.format import Recording, write_recording
from repsense.recording.index import IndexRow
from repsense.samples import FloatArray, SampleBlock
from repsense.tuning.people import Example

RATE_HZ = 25.0
BLOCK = SampleBlock(t_s=np.array([0.0, 0.04]), accel_g=np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))


def example(person: str, number: int, dataset: str = "gym") -> Example:
    """Return a recording of which only the name matters."""
    path = Path(f"{dataset}-{person}{number}.csv")
    row = IndexRow(file=path.name, path=path, reps_true=5, dataset=dataset, subject=person)
    digest = f"{dataset}{person}{number}"
    return Example(row=row, recording=Recording(path=path, block=BLOCK), reps=5, digest=digest)


def curls(reps: int, seed: int, rep_s: float = 2.5, rest_s: float = 4.0) -> SampleBlock:
    """Return a forearm that swings up and back, with rests around."""
    t_s = np.arange(0, 2 * rest_s + reps * rep_s, 1 / RATE_HZ)
    phase = np.clip((t_s - rest_s) / rep_s, 0, reps)
    angle: FloatArray = np.radians(50.0) * (1 - np.cos(2 * np.pi * phase))
    accel_g = np.column_stack([np.cos(angle), np.sin(angle), 0.05 * np.ones_like(angle)])
    noise = np.random.default_rng(seed).normal(0, 0.02, accel_g.shape)
    return SampleBlock(t_s=t_s, accel_g=accel_g + noise)


def write_curls(folder: Path, people: str = "abc", each: int = 2) -> Path:
    """Write recordings of people named by a letter each; return their index."""
    lines = ["file,reps_true,dataset,exercise,subject"]
    for number, person in enumerate(people):
        for place in range(each):
            path = folder / f"{person}{place}.csv"
            block = curls(3 + place, seed=10 * number + place)
            write_recording(path, Recording(path=path, block=block))
            lines.append(f"{path.name},{3 + place},gym,biceps_curl,{person}")
    index = folder / "index.csv"
    index.write_text("\n".join([*lines, ""]))
    return index
