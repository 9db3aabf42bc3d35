"""Reps with what is known about them: measured at known times, and as the pipeline finds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.events import FormFlag, Rep, SetFinished
from repsense.exercises import load_catalogue
from repsense.pipeline.alignment import AS_CUT
from repsense.pipeline.chains import Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.form_parameters import FormParameters
from repsense.pipeline.history import COUNT, GRID_HZ, OFFSET, new_history
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import SampleBlock

# A new set begins after a longer rest than this between two known reps, s.
_REST_S = 15.0
_PIECE_S = 10.0
_AFTER_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known about one rep: where it is, its label, and its phases where they are true."""

    start_s: float
    end_s: float
    label: str = ""
    flags: frozenset[FormFlag] = frozenset()
    phases_s: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A known rep and what was said of it; None where the pipeline missed it."""

    known: Known
    said: Rep | None


def at_known_times(
    block: SampleBlock, reps: Sequence[Known], exercise: str | None = None
) -> list[Pair]:
    """Measure reps where they are known to be, set after set."""
    form = Form(new_history(), FormParameters())
    form.expect(None if exercise is None else load_catalogue().get(exercise))
    raws = list(_measured(form, block, reps))
    pairs: list[Pair] = []
    for first, last in _sets(reps):
        judged = form.judge_all(raws[first:last])
        form.remember(raws[first:last], judged)
        pairs += [
            Pair(known=one, said=rep) for one, rep in zip(reps[first:last], judged, strict=True)
        ]
    return pairs


def _measured(form: Form, block: SampleBlock, reps: Sequence[Known]) -> Iterator[RawRep]:
    """Measure each rep as soon as what belongs to it has been seen."""
    conditioner = Conditioner(form.history, ConditioningParameters())
    waiting = list(reps)
    for piece in _pieces(block):
        conditioner.push(piece)
        if piece.t_s[-1] >= block.t_s[-1]:
            conditioner.flush()
        used = int(form.history.counter[COUNT])
        time_s = form.history.time_s[:used]
        ended = piece.t_s[-1] >= block.t_s[-1]
        while waiting and (ended or waiting[0].end_s + _AFTER_S < time_s[-1]):
            rep = waiting.pop(0)
            rows = np.searchsorted(time_s, (rep.start_s, rep.end_s))
            first = int(form.history.counter[OFFSET])
            now = first + min(int(rows[1] + _AFTER_S * GRID_HZ), used - 1)
            cycle = Cycle(first + int(rows[0]), min(first + int(rows[1]), now))
            yield form.measure(cycle, now, AS_CUT)


def _pieces(block: SampleBlock) -> Iterator[SampleBlock]:
    start = 0
    edges_s = np.arange(block.t_s[0] + _PIECE_S, block.t_s[-1], _PIECE_S)
    for stop in [*np.searchsorted(block.t_s, edges_s, side="right").tolist(), len(block)]:
        if stop > start:
            yield block.part(start, stop)
        start = stop


def _sets(reps: Sequence[Known]) -> Iterator[tuple[int, int]]:
    begin = 0
    for index in range(1, len(reps) + 1):
        over = index == len(reps) or reps[index].label != reps[index - 1].label
        if over or reps[index].start_s - reps[index - 1].end_s > _REST_S:
            yield begin, index
            begin = index


def finished_sets(
    block: SampleBlock, *, armed: bool = False, exercise: str | None = None
) -> list[SetFinished]:
    """Return the sets that the pipeline finds."""
    pipeline = Pipeline(armed=armed, exercise=exercise)
    events = [*pipeline.push(block), *pipeline.flush()]
    return [event for event in events if isinstance(event, SetFinished) and event.reps]


def end_to_end(
    block: SampleBlock, reps: Sequence[Known], *, armed: bool = False, exercise: str | None = None
) -> list[Pair]:
    """Pair each known rep with the rep of the pipeline that covers most of it."""
    return paired(reps, finished_sets(block, armed=armed, exercise=exercise))


def paired(reps: Sequence[Known], sets: Sequence[SetFinished]) -> list[Pair]:
    """Pair each known rep with the rep of some sets that covers most of it."""
    found = [rep for one in sets for rep in one.rep_details]
    return [Pair(known=one, said=_covering(one, found)) for one in reps]


def counted(reps: Sequence[Known], sets: Sequence[SetFinished]) -> int:
    """Return how many reps were counted in those sets that touch the one of known reps."""
    start_s, end_s = reps[0].start_s, reps[-1].end_s
    return sum(one.reps for one in sets if one.start_s < end_s and start_s < one.end_s)


def _covering(known: Known, found: Sequence[Rep]) -> Rep | None:
    def shared_s(rep: Rep) -> float:
        return min(rep.end_s, known.end_s) - max(rep.start_s, known.start_s)

    best = max(found, key=shared_s, default=None)
    half_s = 0.5 * (known.end_s - known.start_s)
    return best if best is not None and shared_s(best) >= half_s else None
