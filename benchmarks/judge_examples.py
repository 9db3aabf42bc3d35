"""Chains that the search found, and whether each of them was a set: what the judge learns from.

A pipeline whose judge takes everything goes through a recording and tells of each chain, as it
looked while it ran and when it was over.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine_disturbances import DISTURBANCES, Scene
from engine_jobs import SimulatedJob
from engine_rows import DAILY, DAILY_DATASETS

from repsense.pipeline.chain_traits import FEATURES, Traits
from repsense.pipeline.history import GRID_HZ, LOOK_BACK
from repsense.pipeline.judge import Verdict
from repsense.pipeline.parameters import ChainParameters, SetParameters
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import IndexRow
from repsense.samples import SampleBlock
from repsense.tuning.run import run_recording

WALKING = "spsw_watch_walk"
DISTURBED = ("applewatch_gym", "pt_dumbbell")
SIMULATED = "simulated"
_EXERCISED = (*DISTURBED, "metamotion_barbell", "muvr_pebble")
DATASETS = (*_EXERCISED, WALKING, *DAILY_DATASETS)

# What moves straight up and down is not weighed, so hardly looked for, and never found.
_EVERYTHING = PipelineParameters(
    sets=replace(
        SetParameters(),
        live_evidence_min=-99.0,
        evidence_min=-99.0,
        few_evidence_min=-99.0,
        range_min_g=0.0,
        score_min=-99.0,
        straight_rep_min_s=ChainParameters().rep_max_s,
        straight_likeness_min=99.0,
    )
)
# A gain and lost samples change next to nothing about a chain.
_CHANGES = [name for name in DISTURBANCES if not name.startswith(("gain", "30 %"))]

_AROUND_S = 2.0  # a chain may begin or end this much outside the part with the reps
_WITHIN_S = 3.0  # what a running chain may stick out of the one it became
_SEEN_S = LOOK_BACK / GRID_HZ - 1.0  # the beginning of chains older than that is cut off
# Where nobody has said when the reps were: a chain of this share of them is the set.
_SHARE = 0.25
_REPS_MIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One chain as it looked at one moment.

    Parameters
    ----------
    source
        Recordings that weigh alike: a data set, or the kind of daily movements in it.
    dataset, person
        Where it comes from; no person where it was simulated.
    chain
        Tells which examples are of the same chain.
    final
        It was over.
    is_set
        It was a set.
    traits
        What it looked like.
    """

    source: str
    dataset: str
    person: str
    chain: str
    final: bool
    is_set: bool
    traits: Traits

    @property
    def features(self) -> tuple[float, ...]:
        """What the judge weighs."""
        return self.traits.features()


@dataclass(frozen=True, slots=True, kw_only=True)
class RealExamples:
    """Find the examples of one recording and, where it has a set, of its disturbed versions."""

    row: IndexRow

    def run(self) -> list[Example]:
        """Read and count."""
        row, block = self.row, read_recording(self.row.path).block
        found = _examples(row, block, source=_source(row), name=row.file)
        if row.reps_true and row.dataset in DISTURBED:
            # The armed engine says where the reps are: it asks no weights of those to be found.
            armed = run_recording(Recording(path=row.path, block=block), armed=True)
            seed = zlib.crc32(row.file.encode())
            scene = Scene(row=row, block=block, run=armed, seed=seed)
            for name, changed in _changed(scene):
                found += _examples(
                    _moved(row, block, changed),
                    changed,
                    source="disturbed",
                    name=f"{row.file}, {name}",
                )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedExamples:
    """Find the examples of one simulated set."""

    exercise: str
    seed: int

    def run(self) -> list[Example]:
        """Simulate and count."""
        row, recording = SimulatedJob(exercise=self.exercise, seed=self.seed).make()
        return _examples(row, recording.block, source=SIMULATED, name=row.file)


def _source(row: IndexRow) -> str:
    if row.dataset in DAILY_DATASETS:
        return f"{row.dataset}: {'daily' if row.exercise in DAILY else 'rest'}"
    if row.dataset == "pt_dumbbell" and not row.reps_true:
        return "pt_dumbbell: trunk bends"
    return row.dataset


def _changed(scene: Scene) -> Iterator[tuple[str, SampleBlock]]:
    for name in _CHANGES:
        changed = DISTURBANCES[name](scene)
        if changed is not None:
            yield name, changed


def _moved(row: IndexRow, before: SampleBlock, after: SampleBlock) -> IndexRow:
    """Return the row with the active part where it lies after the recording was changed.

    Samples that came in were a pause in the active part; else time may have been stretched.
    """
    start_s, end_s = row.active_start_s, row.active_end_s
    if start_s is None or end_s is None:
        return row
    first_s, was_s = before.t_s[0], before.t_s[-1] - before.t_s[0]
    is_s = after.t_s[-1] - after.t_s[0]
    if len(after) > len(before):
        return replace(row, active_end_s=float(end_s + is_s - was_s))
    moved = [float(first_s + (at_s - first_s) * is_s / was_s) for at_s in (start_s, end_s)]
    return replace(row, active_start_s=moved[0], active_end_s=moved[1])


def _examples(row: IndexRow, block: SampleBlock, *, source: str, name: str) -> list[Example]:
    verdicts: list[Verdict] = []
    recording = Recording(path=row.path, block=block)

    def listen(verdict: Verdict) -> None:
        if len(verdict.shares) == len(FEATURES):
            verdicts.append(verdict)

    run_recording(recording, parameters=_EVERYTHING, listener=listen)
    chains = [
        replace(one, start_s=_begun_s(verdicts[: number + 1]))
        for number, one in enumerate(verdicts)
        if one.final
    ]
    labels = [_is_set(one, row) for one in chains]
    found = []
    for verdict in verdicts:
        number = _chain_of(verdict, chains)
        is_set = None if number is None else labels[number]
        if is_set is not None:
            found.append(
                Example(
                    source=source,
                    dataset=row.dataset,
                    person=f"{row.dataset}: {row.subject}" if row.subject else "",
                    chain=f"{name}, {number}",
                    final=verdict.final,
                    is_set=is_set,
                    traits=verdict.traits,
                )
            )
    return found


def _chain_of(verdict: Verdict, chains: Sequence[Verdict]) -> int | None:
    """Return which chain a verdict was about; None where it was given up for another."""
    for number, chain in enumerate(chains):
        if (
            verdict.start_s >= chain.start_s - _WITHIN_S
            and verdict.end_s <= chain.end_s + _WITHIN_S
            and verdict.judged_s <= chain.judged_s
        ):
            return number
    return None


def _begun_s(verdicts: Sequence[Verdict]) -> float:
    """Return when the chain of the last verdict began.

    Verdicts on long chains no longer see their beginning; earlier ones did.
    """
    over = verdicts[-1]
    seen = (
        one.start_s
        for one in reversed(verdicts)
        if one.start_s < over.end_s and one.judged_s - one.start_s < _SEEN_S
    )
    return next(seen, over.start_s)


def _is_set(chain: Verdict, row: IndexRow) -> bool | None:
    """Say whether a chain was a set; None where nobody can."""
    if not row.reps_true:
        return False
    start_s, end_s = row.active_start_s, row.active_end_s
    if start_s is not None and end_s is not None:
        shared_s = min(chain.end_s, end_s + _AROUND_S) - max(chain.start_s, start_s - _AROUND_S)
        return bool(shared_s > 0.5 * (chain.end_s - chain.start_s))
    reps = chain.traits.reps
    enough = reps >= _REPS_MIN or row.reps_true <= _REPS_MIN
    return True if enough and reps >= _SHARE * row.reps_true else None
