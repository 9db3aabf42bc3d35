"""Sets to be recognised: simulated ones by people nobody was trained on, and real ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repsense.events import Event, ExerciseRecognised, SetFinished
from repsense.exercises import load_catalogue
from repsense.exercises.recognition import UNKNOWN
from repsense.pipeline.chains import Cycle
from repsense.pipeline.exercise import NO_IDEA, Guess, Recogniser, probabilities
from repsense.pipeline.history import History
from repsense.pipeline.pipeline import Pipeline
from repsense.pipeline.traits import free_traits, worn_traits
from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow, read_index
from repsense.samples import Axis, FloatArray, SampleBlock, Worn, Wrist
from repsense.tuning.recognition_sets import (
    HELD_OUT,
    INVENTED,
    Example,
    draw_set,
    examples_of,
)

#: Seeds below are for training.
FIRST_SEED = 1_000_000

WORN, FREE, BLIND = "frame known", "frame unknown", "frame unknown, never seen walking"
WAYS = (WORN, FREE, BLIND)

# Real exercises that are one of the ten, or so close that a wrist cannot tell: these are right.
_ROWS = frozenset({"one_arm_row", "single_arm_row", "reverse_grip_row"})
_MAPPED: dict[tuple[str, str], frozenset[str]] = {
    ("applewatch_gym", "dumbbell_shoulder_press"): frozenset({"overhead_press"}),
    ("applewatch_gym", "straight_bar_lat_pulldown"): frozenset({"lat_pulldown"}),
    ("metamotion_barbell", "barbell_overhead_press"): frozenset({"overhead_press"}),
    ("metamotion_barbell", "barbell_row"): _ROWS,
    ("muvr_pebble", "dumbbell-front-rise"): frozenset({"front_raise"}),
    ("muvr_pebble", "dumbbell-row"): _ROWS,
    ("muvr_pebble", "lat-pulldown-straight"): frozenset({"lat_pulldown"}),
    ("muvr_pebble", "lat-pulldown-angled"): frozenset({"lat_pulldown"}),
    ("muvr_pebble", "overhead-pull"): frozenset({"overhead_pull"}),
    ("pt_dumbbell", "shoulder_extension_prone"): frozenset({"press_back"}),
}
# Their names do not say whether the weight goes up from the chest or from the shoulders.
_AMBIGUOUS = {("muvr_pebble", "barbell-press"), ("muvr_pebble", "dumbbell-press")}

# Both watches have x to the right of the screen, which on a left wrist is to the hand, and z out of
# it. Apple's reads -1 along z when the screen faces up (its reference of UIAcceleration), which is
# the opposite of specific force. So does the Pebble: its curls, which begin with hanging arms,
# begin with the same sign as Apple's. Of the others nobody wrote down how they sat on the arm.
_PULL = ("applewatch_gym", "muvr_pebble")
_WATCH = Worn(along=Axis.PLUS_X, out=Axis.PLUS_Z, wrist=Wrist.LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was said of one set.

    Parameters
    ----------
    way
        What was known of the sensor's frame.
    name, right
        What was done, and what may be said of it.
    found
        The engine found the set.
    early, final
        What was said after three reps and at the end.
    trained
        A movement that is none of the ten, of a kind that was trained on.
    """

    way: str
    name: str
    right: frozenset[str]
    found: bool
    early: Guess = NO_IDEA
    final: Guess = NO_IDEA
    trained: bool = False


class _Blind(Recogniser):
    """Never sees the arm hang."""

    def hang(self, history: History, cycles: Sequence[Cycle], now: int) -> FloatArray | None:
        return None


def simulated_names() -> list[str]:
    """Return what is done in the simulated sets."""
    return [*load_catalogue(), *HELD_OUT, INVENTED]


def simulated_trials(name: str, seed: int) -> Iterator[Trial]:
    """Yield what is said of a simulated set, in each way, and of its true reps."""
    made = draw_set(name, FIRST_SEED + seed)
    truth = made.labels.sets[0]
    right = frozenset({name if name in load_catalogue() else UNKNOWN})
    told = made.wearer.told()
    for way, recogniser in ((WORN, Recogniser(told)), (FREE, Recogniser()), (BLIND, _Blind())):
        events = _events(made.block, recogniser)
        yield _trial(way, name, right, events, (truth.start_s, truth.end_s))
    seen = [one for one in examples_of(made, seed=seed) if one.as_done]
    for way in WAYS:
        said = {one.early: _guess(one, way, told) for one in seen}
        yield Trial(
            way=f"{way}, true reps",
            name=name,
            right=right,
            found=True,
            early=said.get(True, NO_IDEA),
            final=said.get(False, NO_IDEA),
        )


def real_rows(folder: Path) -> list[IndexRow]:
    """Return the recordings of one exercise each, worn on the wrist."""
    if not (folder / "index.csv").is_file():
        return []
    return [
        row
        for row in read_index(folder / "index.csv")
        if row.dataset in {"applewatch_gym", "metamotion_barbell", "muvr_pebble", "pt_dumbbell"}
        and row.reps_true
        and row.label_check != "suspect"
        and row.form != "mixed"
        and "above_elbow" not in row.file
        and (row.dataset, row.exercise) not in _AMBIGUOUS
    ]


def real_trials(row: IndexRow) -> Iterator[Trial]:
    """Yield what is said of a real set: its frame unknown, and known where the make says it."""
    block = read_recording(row.path).block
    right = _MAPPED.get((row.dataset, row.exercise), frozenset({UNKNOWN}))
    name = f"{row.dataset}: {row.exercise}"
    start_s = float(block.t_s[0]) if row.active_start_s is None else row.active_start_s
    end_s = float(block.t_s[-1]) if row.active_end_s is None else row.active_end_s
    span_s = (start_s, end_s)
    yield _trial(FREE, name, right, _events(block, Recogniser()), span_s)
    if row.dataset in _PULL:
        force = replace(block, accel_g=-block.accel_g)
        yield _trial(WORN, name, right, _events(force, Recogniser(_WATCH)), span_s)


def _events(block: SampleBlock, recogniser: Recogniser) -> list[Event]:
    pipeline = Pipeline(armed=True, recogniser=recogniser)
    return [*pipeline.push(block), *pipeline.flush()]


def _trial(
    way: str,
    name: str,
    right: frozenset[str],
    events: Sequence[Event],
    span_s: tuple[float, float],
) -> Trial:
    """Take what is said of the set that shares most time with the true one, half of it at least."""
    start_s, end_s = span_s

    def shared_s(done: SetFinished) -> float:
        return min(done.end_s, end_s) - max(done.start_s, start_s)

    sets = [one for one in events if isinstance(one, SetFinished) and one.reps]
    best = max(sets, key=shared_s, default=None)
    if best is None or shared_s(best) < 0.5 * (end_s - start_s):
        return Trial(way=way, name=name, right=right, found=False)
    early = next(
        (
            Guess(one.exercise, one.confidence)
            for one in events
            if isinstance(one, ExerciseRecognised) and one.set == best.set
        ),
        NO_IDEA,
    )
    final = Guess(best.exercise, best.exercise_confidence)
    return Trial(way=way, name=name, right=right, found=True, early=early, final=final)


def _guess(one: Example, way: str, told: Worn) -> Guess:
    model = Recogniser().model
    if way == WORN:
        classifier = model.worn
        traits = worn_traits(one.parts_g, one.cycles, told.to_forearm())
    else:
        classifier = model.free
        traits = free_traits(one.parts_g, one.cycles, one.hang_g if way == FREE else None)
    shares = probabilities(classifier, traits, early=one.early)
    return Guess(model.names[int(shares.argmax())], float(shares.max()))
