"""Measure what is said before it is sure: first reps alone, and reps at their turning point.

    python benchmarks/early_word.py [--recordings FOLDER] [--json]

The recordings are not part of the project (docs/recordings.md). Both are options
(``pipeline.sets`` in config.yaml) and off by default; each is counted by itself. *In time* are
first reps said within 1 s of their end, of all sets that count; *taken back* those that nothing
followed, a minute of the recordings; *at the top* are reps also said before their end, and how long
after their turning point.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from options import add_json, add_limit, add_recordings, described, has_recordings

from repsense.events import RepFinished, SetFinished
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import IndexRow, read_index
from repsense.tuning.outcome import Run
from repsense.tuning.run import run_recording

_DEFAULTS = PipelineParameters()
_FIRST = replace(_DEFAULTS, sets=replace(_DEFAULTS.sets, provisional=True))
_AT_TOP = replace(_DEFAULTS, sets=replace(_DEFAULTS.sets, announce_at_top=True))
_IN_TIME_S = 1.0
_KINDS = ("applewatch_gym", "pt_dumbbell", "weda_fall", "spsw_watch_walk")


@dataclass(slots=True, kw_only=True)
class Found:
    """What was said early in the recordings of one data set."""

    dataset: str
    files: int = 0
    minutes: float = 0.0
    sets: int = 0
    in_time: int = 0
    taken_back: int = 0
    reps: int = 0
    counts_changed: int = 0
    after_turn_s: list[float] = field(default_factory=list)

    def add(self, recording: Recording) -> None:
        """Count a recording, plainly and with each option."""
        plain, first, at_top = (
            run_recording(recording, parameters=each) for each in (_DEFAULTS, _FIRST, _AT_TOP)
        )
        self.files += 1
        self.minutes += (first.end_s - first.start_s) / 60.0
        self.counts_changed += any(_counts(one) != _counts(plain) for one in (first, at_top))
        for said, finished in _sets(first):
            alone = [one for one in said if one.provisional]
            if finished.reps == 0:
                self.taken_back += bool(alone)
                continue
            self.sets += 1
            end_s = finished.rep_details[0].end_s
            self.in_time += any(one.announced_s <= end_s + _IN_TIME_S for one in said[:1])
        for said, finished in _sets(at_top):
            self.reps += len(finished.rep_details)
            turns_s = {number: rep.turn_s for number, rep in enumerate(finished.rep_details, 1)}
            self.after_turn_s += [
                one.announced_s - turns_s[one.rep]
                for one in said
                if one.provisional and one.rep in turns_s
            ]

    def line(self) -> str:
        """Return a line of the table."""
        seen = self.after_turn_s
        top = f"{100.0 * len(seen) / self.reps:8.0f} {np.median(seen):+8.2f}" if seen else ""
        in_time = f"{100.0 * self.in_time / self.sets:11.0f}" if self.sets else " " * 11
        return (
            f"{self.dataset:16} {self.files:5} {self.sets:5} {in_time} "
            f"{self.taken_back / self.minutes:13.2f} {self.counts_changed:8} {top}"
        ).rstrip()


def _sets(run: Run) -> Iterator[tuple[list[RepFinished], SetFinished]]:
    """Yield what was said of each set, and its end; a set that is taken back leaves its number."""
    said: list[RepFinished] = []
    for event in run.events:
        if isinstance(event, RepFinished):
            said.append(event)
        elif isinstance(event, SetFinished):
            yield said, event
            said = []


def _counts(run: Run) -> list[int]:
    return [one.reps for one in run.sets if one.reps]


def measured(rows: Sequence[IndexRow], limit: int | None = None) -> list[Found]:
    """Count the recordings of each data set, at most ``limit`` of each."""
    found = []
    for dataset in _KINDS:
        one = Found(dataset=dataset)
        for row in [row for row in rows if row.dataset == dataset][:limit]:
            one.add(read_recording(row.path))
        if one.files:
            found.append(one)
    return found


def main() -> int:
    """Run the benchmark; 1 where saying more early changes a count, 2 without recordings."""
    parser = described(__doc__)
    add_recordings(parser)
    add_limit(parser)
    add_json(parser)
    options = parser.parse_args()
    if not has_recordings(options.recordings):
        return 2
    rows = [
        row
        for row in read_index(options.recordings / "index.csv")
        if row.label_check != "suspect" and "above_elbow" not in row.file
    ]
    found = measured(rows, options.limit)
    if options.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        print("                             first reps:                        reps at the top:")
        print("data set         files  sets  in time, %  back a minute  changed        %  after s")
        for one in found:
            print(one.line())
    return int(any(one.counts_changed for one in found))


if __name__ == "__main__":
    sys.exit(main())
