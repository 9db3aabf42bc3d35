"""What the end of a set says of the flags that were said while it went on.

A live rep is judged by what had been seen by then. A flag that the finished set no longer has was
said too soon; one that only the finished set has came too late to help.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from engine_rows import Row

from repsense.events import FormFlag, Rep, RepFinished, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow

_DATASETS = ("applewatch_gym", "pt_dumbbell")
_FLAGS = (FormFlag.PARTIAL, FormFlag.FAST_LOWER, FormFlag.FAST_LIFT, FormFlag.SWING)


def live_rows(index: Iterable[IndexRow]) -> list[Row]:
    """Return how often flags are taken back, and how often they come late, for each data set."""
    rows = list(index)
    return [
        row
        for dataset in _DATASETS
        for row in _rows(
            dataset,
            [
                pair
                for one in rows
                if one.dataset == dataset and one.label_check != "suspect"
                for pair in _pairs(one)
            ],
        )
    ]


def _pairs(row: IndexRow) -> Iterator[tuple[Rep, Rep]]:
    """Yield each rep as it was said live, and as the finished set has it."""
    pipeline = Pipeline()
    live: dict[tuple[int, int], Rep] = {}
    for event in (*pipeline.push(read_recording(row.path).block), *pipeline.flush()):
        match event:
            case RepFinished(provisional=False):
                live[event.set, event.rep] = event.measured
            case SetFinished():
                for number, rep in enumerate(event.rep_details, start=1):
                    if (event.set, number) in live:
                        yield live[event.set, number], rep


def _rows(dataset: str, pairs: list[tuple[Rep, Rep]]) -> Iterator[Row]:
    said: Counter[FormFlag] = Counter()
    back: Counter[FormFlag] = Counter()
    last: Counter[FormFlag] = Counter()
    late: Counter[FormFlag] = Counter()
    for live, final in pairs:
        said.update(live.flags)
        back.update(set(live.flags) - set(final.flags))
        last.update(final.flags)
        late.update(set(final.flags) - set(live.flags))
    group = f"{dataset}, said live"
    for flag in _FLAGS:
        if said[flag]:
            yield _row(group, f"{flag} taken back at the end, %", back[flag], said[flag])
        if last[flag]:
            yield _row(group, f"{flag} said at the end only, %", late[flag], last[flag])
    yield _row(group, "reps with a flag taken back, %", _taken_back(pairs), len(pairs))


def _taken_back(pairs: Iterable[tuple[Rep, Rep]]) -> int:
    return sum(bool(set(live.flags) - set(final.flags)) for live, final in pairs)


def _row(group: str, what: str, part: int, whole: int) -> Row:
    measured = 100.0 * part / whole if whole else None
    return Row(group=group, what=what, measured=measured, comparison="<=", n=whole)
