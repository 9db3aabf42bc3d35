"""Recordings counted by the engine and by its peers: whole, and cut to the labelled set."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from engine_rows import BENDS, JACKS
from engine_speed import endless_set
from peer_methods import METHODS, on_even_grid

from repsense.exercises import load_catalogue
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import (
    IndexRow,
    RepTime,
    read_corrections,
    read_index,
    read_rep_times,
)
from repsense.samples import SampleBlock
from repsense.tuning.run import run_recording

ENGINE = "RepSense"
#: What is left before and after the labelled set where a recording is cut to it.
MARGIN_S = 0.5
# The display is read once the last weight is down, as the engine's own benchmark does.
_GLANCE_S = 1.0

# The sets of a session, in the order of its parts, and where these begin (the files say so: their
# samples are those of the session from there on).
_PARTS_S = {"correct": 0.0, "too_fast": 97.0, "low_amplitude": 157.0}

_DAILY = {
    "spsw_watch_walk": "walking, standing, sitting",
    "weda_fall": "daily movements",
    "smartfallmm_wrist": "daily movements, waving among them",
}
_ARMED = {"berkeley_mhad", "repmate_form"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Recordings that stand together in a table.

    Parameters
    ----------
    name
        Data set, and which part of it.
    remark
        What the reader must know.
    wanted
        Whether a recording belongs to it.
    to_count
        There are sets in it, so it tells who counts best.
    """

    name: str
    remark: str
    wanted: Callable[[IndexRow], bool]
    to_count: bool = True


def _is(
    dataset: str, wanted: Callable[[IndexRow], bool] = lambda _: True
) -> Callable[[IndexRow], bool]:
    return lambda row: row.dataset == dataset and wanted(row)


def _with_agreeing(dataset: str, remark: str) -> tuple[Group, Group]:
    """Return a data set whose counts are doubtful, and the part of it in which they agree."""
    return (
        Group(name=dataset, remark=remark, wanted=_is(dataset)),
        Group(
            name=f"{dataset}, agree",
            remark="only counts that a rough independent estimate shares",
            wanted=_is(dataset, lambda row: row.label_check == "agree"),
        ),
    )


GROUPS = (
    Group(
        name="applewatch_gym",
        remark="counts corrected; whole recordings with handling and racking; the engine's whole "
        "count is that of the display 1 s after the set, unarmed",
        wanted=_is("applewatch_gym"),
    ),
    Group(
        name="pt_dumbbell, wrist",
        remark="sets of 10, and sessions of 30 with pauses; engine unarmed",
        wanted=_is("pt_dumbbell", lambda row: "_wrist_" in row.file),
    ),
    Group(
        name="pt_dumbbell, upper arm",
        remark="the same sets, sensor above the elbow",
        wanted=_is("pt_dumbbell", lambda row: "_arm_" in row.file),
    ),
    *_with_agreeing(
        "metamotion_barbell",
        "planned counts, visibly wrong in several; trimmed by its makers; engine unarmed",
    ),
    *_with_agreeing(
        "muvr_pebble", "counts typed in by the wearer; trimmed by its makers; engine unarmed"
    ),
    Group(
        name="berkeley_mhad, bends and jacks",
        remark="clips of one set; counts corrected; engine armed",
        wanted=_is("berkeley_mhad", lambda row: row.exercise in {BENDS, JACKS}),
    ),
    Group(
        name="berkeley_mhad, jumps and sit-to-stand",
        remark="clips of one set, counts doubtful; counts corrected; engine armed",
        wanted=_is("berkeley_mhad", lambda row: row.exercise not in {BENDS, JACKS}),
    ),
    Group(
        name="repmate_form",
        remark="one lift a file; engine armed",
        wanted=_is("repmate_form"),
    ),
    *(
        Group(
            name=name,
            remark=f"{what}: nothing to count, and no set is given to anybody; error is false "
            "reps a recording; engine unarmed",
            wanted=_is(name),
            to_count=False,
        )
        for name, what in _DAILY.items()
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One recording, counted by everybody.

    Parameters
    ----------
    row
        What the index says.
    reps_true
        The true count, corrected where a correction is known.
    trimmed, whole
        What each method counted, by its name: in the labelled set alone, in all of the recording.
    spent_s
        CPU time of each for the whole recording.
    """

    row: IndexRow
    reps_true: int
    trimmed: Mapping[str, int]
    whole: Mapping[str, int]
    spent_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialJob:
    """Count one recording.

    Parameters
    ----------
    span_s
        The labelled set, s; None where the recording is one already.
    """

    row: IndexRow
    reps_true: int
    span_s: tuple[float, float] | None

    def run(self) -> Trial:
        """Read and count."""
        _warm_up()
        recording = read_recording(self.row.path)
        block = recording.block
        trimmed, whole, spent_s = {}, {}, {}
        began_s = time.process_time()
        whole[ENGINE] = self._engine(recording, live=True)
        spent_s[ENGINE] = time.process_time() - began_s
        part = block if self.span_s is None else cut(block, *self.span_s)
        trimmed[ENGINE] = (
            self._engine(Recording(path=self.row.path, block=part), live=False)
            if self.span_s
            else whole[ENGINE]
        )
        for name, method in METHODS.items():
            began_s = time.process_time()
            whole[name] = method(on_even_grid(block.t_s, block.accel_g))
            spent_s[name] = time.process_time() - began_s
            trimmed[name] = (
                method(on_even_grid(part.t_s, part.accel_g)) if self.span_s else whole[name]
            )
        return Trial(
            row=self.row,
            reps_true=self.reps_true,
            trimmed=trimmed,
            whole=whole,
            spent_s=spent_s,
        )

    def _engine(self, recording: Recording, *, live: bool) -> int:
        armed = self.row.dataset in _ARMED
        known = armed and self.row.exercise in load_catalogue()
        run = run_recording(recording, armed=armed, exercise=self.row.exercise if known else None)
        if live and self.row.active_end_s is not None:
            return run.live_reps(self.row.active_end_s + _GLANCE_S)
        return run.reps


def cut(block: SampleBlock, start_s: float, end_s: float) -> SampleBlock:
    """Return the part of a block from a margin before ``start_s`` to a margin after ``end_s``."""
    first, last = np.searchsorted(block.t_s, (start_s - MARGIN_S, end_s + MARGIN_S))
    return block.part(int(first), int(last))


def trial_jobs(folder: Path, limit: int | None) -> Iterator[TrialJob]:
    """Yield a job for each recording with a trusted count that stands in a table.

    Parameters
    ----------
    limit
        At most so many of each group.
    """
    seen = read_corrections(folder / "corrections.csv")
    reps = session_times(folder / "pt_dumbbell" / "rep_times.csv")
    rows = [
        row
        for row in read_index(folder / "index.csv")
        if row.reps_true is not None
        and (row.reps_true or row.form == "no_lift" or row.dataset in _DAILY)
        and row.label_check != "suspect"
    ]
    chosen = {row.file for group in GROUPS for row in [*filter(group.wanted, rows)][:limit]}
    for row in rows:
        if row.file in chosen:
            reps_true = seen[row.file].reps_seen if row.file in seen else row.reps_true
            yield TrialJob(row=row, reps_true=reps_true or 0, span_s=_span_s(row, reps))


def session_times(path: Path) -> dict[str, list[RepTime]]:
    """Return when the reps of each session, like ``s1_e6``, were."""
    return {_session(file)[0]: times for file, times in read_rep_times(path).items()}


def _span_s(row: IndexRow, reps: Mapping[str, Sequence[RepTime]]) -> tuple[float, float] | None:
    if row.active_start_s is not None and row.active_end_s is not None:
        return row.active_start_s, row.active_end_s
    session, form = _session(row.file)
    done = [one for one in reps.get(session, ()) if form in {one.form, "session"}]
    if not done:
        return None
    offset_s = _PARTS_S.get(form, 0.0)
    return done[0].start_s - offset_s, done[-1].end_s - offset_s


def _session(file: str) -> tuple[str, str]:
    """Return which session a set was cut from, like ``s1_e6``, and its form."""
    subject, exercise, *rest = Path(file).stem.split("_")
    form = "_".join(rest).partition("wrist_")[2] or "_".join(rest).partition("elbow_")[2]
    return f"{subject}_{exercise}", form


@cache
def _warm_up() -> None:
    """Have the engine compiled before its time is taken."""
    run_recording(Recording(path=Path("warm_up.csv"), block=endless_set(60.0)))
