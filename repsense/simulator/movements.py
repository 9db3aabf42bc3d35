"""Movements that are none of the ten: whoever names an exercise has to know what to leave unnamed.

Some are exercises of the gym, described like the ten in :mod:`repsense.simulator.paths`; any
number more are invented by chance.
"""

from dataclasses import dataclass, replace

import numpy as np

from repsense.errors import CatalogueError
from repsense.exercises import Exercise, Posture, Tempo, find_exercise, load_catalogue
from repsense.samples import FloatArray
from repsense.simulator.kinematics import forearm_axes
from repsense.simulator.paths import HANG, JointPath, joint_path
from repsense.simulator.pose import Pose
from repsense.simulator.sensor import SensorModel
from repsense.simulator.session import Simulated, simulate_scene, with_surroundings
from repsense.simulator.sets import ExerciseSet
from repsense.simulator.style import CLEAN, SetStyle
from repsense.simulator.wearer import Wearer

# An invented movement must leave the ten alone: seen from the forearm, "up" has to differ by this
# angle at the start or at the turn from every one of them.
_APART_DEG = 35.0
# Share of the invented movements in which legs and trunk do the work.
_LEGS_SHARE = 0.4
# Done with both arms, eight to twelve times, with nothing asked for by name.
_LIKE = "front_raise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A movement outside the catalogue: its facts, and how the joints go."""

    exercise: Exercise
    path: JointPath


def _movement(
    name: str,
    posture: Posture,
    tempo: tuple[float, float, float],
    path: JointPath,
    *,
    concentric_first: bool = True,
) -> Movement:
    lift_s, hold_s, lower_s = tempo
    facts = replace(
        find_exercise(_LIKE),
        id=name,
        name=name.replace("_", " ").capitalize(),
        other_names=(),
        posture=posture,
        concentric_first=concentric_first,
        tempo=Tempo(lift_s=lift_s, hold_s=hold_s, lower_s=lower_s),
        cues=(),
    )
    return Movement(exercise=facts, path=path)


_PALMS_AHEAD = HANG.but(upper_raise=2.0, fore_raise=8.0, pronation=-75.0, effort=0.35)
_BAR_ON_BACK = Pose(
    upper_raise=-25.0,
    upper_spread=35.0,
    fore_raise=165.0,
    fore_spread=12.0,
    pronation=80.0,
    effort=0.4,
)
_ON_BENCH = Pose(
    hips_z=-0.45,
    lean=-90.0,
    upper_raise=92.0,
    upper_spread=8.0,
    fore_raise=178.0,
    pronation=88.0,
    effort=0.6,
)
_OVERHEAD = Pose(
    upper_raise=176.0,
    upper_spread=10.0,
    fore_raise=178.0,
    fore_spread=2.0,
    pronation=10.0,
    effort=0.6,
)

#: Exercises of the gym that are none of the ten, by name.
MOVEMENTS: dict[str, Movement] = {
    "biceps_curl": _movement(
        "biceps_curl", Posture.STANDING, (1.5, 0.3, 2.0),
        JointPath(
            start=_PALMS_AHEAD,
            turn=_PALMS_AHEAD.but(upper_raise=12.0, fore_raise=132.0, effort=0.8),
            throw={"lean": -12.0},
        ),
    ),
    "hammer_curl": _movement(
        "hammer_curl", Posture.STANDING, (1.5, 0.3, 2.0),
        JointPath(
            start=HANG.but(effort=0.35),
            turn=HANG.but(upper_raise=12.0, fore_raise=130.0, effort=0.8),
            throw={"lean": -12.0},
        ),
    ),
    "dumbbell_squat": _movement(
        "dumbbell_squat", Posture.STANDING, (1.5, 0.2, 2.0),
        JointPath(
            start=HANG.but(effort=0.4),
            turn=HANG.but(hips_z=-0.42, hips_x=-0.22, lean=32.0, effort=0.6),
            throw={"lean": 8.0},
        ),
        concentric_first=False,
    ),
    "barbell_squat": _movement(
        "barbell_squat", Posture.STANDING, (1.5, 0.2, 2.0),
        JointPath(
            start=_BAR_ON_BACK,
            turn=_BAR_ON_BACK.but(hips_z=-0.45, hips_x=-0.22, lean=35.0, fore_raise=180.0),
            throw={"lean": 8.0},
        ),
        concentric_first=False,
    ),
    "lateral_raise": _movement(
        "lateral_raise", Posture.STANDING, (1.5, 0.2, 2.0),
        JointPath(
            start=HANG.but(effort=0.3),
            turn=HANG.but(upper_spread=86.0, fore_spread=84.0, effort=0.8),
            throw={"hips_z": 0.05, "lean": -6.0},
        ),
    ),
    "bench_press": _movement(
        "bench_press", Posture.LYING, (1.5, 0.2, 2.0),
        JointPath(
            start=_ON_BENCH,
            turn=_ON_BENCH.but(upper_raise=70.0, upper_spread=72.0, fore_spread=12.0),
            throw={"hips_z": 0.04},
        ),
        concentric_first=False,
    ),
    "chest_fly": _movement(
        "chest_fly", Posture.LYING, (1.5, 0.2, 2.0),
        JointPath(
            start=_ON_BENCH.but(pronation=10.0),
            turn=_ON_BENCH.but(upper_spread=78.0, fore_spread=58.0, pronation=10.0),
            throw={"hips_z": 0.04},
        ),
        concentric_first=False,
    ),
    "triceps_extension": _movement(
        "triceps_extension", Posture.STANDING, (1.5, 0.2, 2.0),
        JointPath(
            start=_OVERHEAD,
            turn=_OVERHEAD.but(upper_raise=168.0, fore_raise=292.0),
            throw={"lean": -6.0},
        ),
        concentric_first=False,
    ),
    "triceps_pushdown": _movement(
        "triceps_pushdown", Posture.STANDING, (1.2, 0.4, 1.8),
        JointPath(
            start=HANG.but(upper_raise=8.0, fore_raise=112.0, pronation=80.0, effort=0.4),
            turn=HANG.but(upper_raise=2.0, fore_raise=12.0, pronation=80.0, effort=0.6),
            throw={"lean": 10.0},
        ),
    ),
    "upright_row": _movement(
        "upright_row", Posture.STANDING, (1.5, 0.3, 2.0),
        JointPath(
            start=HANG.but(upper_raise=4.0, fore_raise=9.0, pronation=82.0, effort=0.35),
            turn=HANG.but(
                upper_raise=20.0, upper_spread=85.0, fore_raise=30.0, fore_spread=-28.0,
                pronation=82.0, effort=0.7,
            ),
            throw={"hips_z": 0.05, "lean": -8.0},
        ),
    ),
}  # fmt: skip


def find_movement(name: str) -> Movement:
    """Return the movement of this name.

    Raises
    ------
    CatalogueError
        When there is none.
    """
    try:
        return MOVEMENTS[name]
    except KeyError:
        raise CatalogueError(
            f"The simulator has no movement '{name}' beside the catalogue's exercises. It knows "
            f"{', '.join(MOVEMENTS)}."
        ) from None


def invented_movement(rng: np.random.Generator) -> Movement:
    """Return a movement that nobody has a name for: a start, a turn and a tempo by chance.

    In some the arms are held, often as in one of the ten, and the legs and trunk do the work.
    """
    legs = bool(rng.random() < _LEGS_SHARE)
    path = _legs_path(rng) if legs else _arms_path(rng)
    tempo = (
        float(rng.uniform(0.8, 2.5)),
        float(rng.uniform(0.0, 1.2)),
        float(rng.uniform(0.8, 3.0)),
    )
    first = bool(rng.random() < (0.2 if legs else 0.7))
    return _movement("invented", Posture.STANDING, tempo, path, concentric_first=first)


def legs_movement(start: Pose, rng: np.random.Generator) -> Movement:
    """Return a movement of legs and trunk by chance, the arms held as in this pose."""
    tempo = (
        float(rng.uniform(0.8, 2.0)),
        float(rng.uniform(0.0, 0.6)),
        float(rng.uniform(0.8, 2.5)),
    )
    path = _bent(start, rng)
    first = bool(rng.random() < 0.2)
    return _movement("legs", Posture.STANDING, tempo, path, concentric_first=first)


def _arms_path(rng: np.random.Generator) -> JointPath:
    while True:
        start = Pose(
            lean=float(rng.choice([2.0, 2.0, 35.0, 80.0, -90.0])),
            upper_raise=float(rng.uniform(-20.0, 185.0)),
            upper_spread=float(rng.uniform(0.0, 70.0)),
            fore_raise=float(rng.uniform(-5.0, 185.0)),
            fore_spread=float(rng.uniform(-25.0, 35.0)),
            pronation=float(rng.uniform(-85.0, 100.0)),
            effort=0.4,
        )
        reach = rng.uniform(-75.0, 75.0, 4) * (rng.random(4) < 0.6)
        turn = start.but(
            upper_raise=start.upper_raise + float(reach[0]),
            upper_spread=start.upper_spread + float(reach[1]),
            fore_raise=start.fore_raise + 1.4 * float(reach[2]),
            fore_spread=start.fore_spread + 0.5 * float(reach[3]),
            effort=0.7,
        )
        path = JointPath(start=start, turn=turn, throw={"lean": -8.0})
        if all(_apart(path, joint_path(other)) for other in load_catalogue()):
            return path


def _legs_path(rng: np.random.Generator) -> JointPath:
    held = [joint_path(other).start for other in load_catalogue()]
    start = held[int(rng.integers(len(held)))] if rng.random() < 0.5 else HANG
    if rng.random() < 0.4:
        start = start.but(
            pronation=float(rng.uniform(-85.0, 100.0)),
            fore_raise=start.fore_raise + float(rng.uniform(-40.0, 40.0)),
        )
    return _bent(start, rng)


def _bent(start: Pose, rng: np.random.Generator) -> JointPath:
    down_m = float(rng.uniform(0.15, 0.55))
    turn = start.but(
        hips_z=start.hips_z - down_m,
        hips_x=start.hips_x - float(rng.uniform(0.0, 0.6)) * down_m,
        lean=start.lean + float(rng.uniform(0.0, 45.0)),
        fore_raise=start.fore_raise + float(rng.uniform(-15.0, 15.0)),
        effort=0.6,
    )
    return JointPath(start=start, turn=turn, throw={"lean": 8.0})


def simulate_movement(
    movement: Movement,
    *,
    reps: int,
    seed: int = 0,
    wearer: Wearer | None = None,
    style: SetStyle = CLEAN,
    sensor: SensorModel | None = None,
) -> Simulated:
    """Simulate one set of a movement, with walking and handling around it."""
    middle = ExerciseSet(exercise=movement.exercise, reps=reps, style=style, path=movement.path)
    return simulate_scene(with_surroundings(middle), seed=seed, wearer=wearer, sensor=sensor)


def _apart(path: JointPath, other: JointPath) -> bool:
    ends = zip(_ups(path), _ups(other), strict=True)
    nearest = np.cos(np.radians(_APART_DEG))
    return any(float(ours @ theirs) < nearest for ours, theirs in ends)


def _ups(path: JointPath) -> FloatArray:
    """Return where "up" is for the forearm at the start and at the turn, shape (2, 3)."""
    return forearm_axes(np.stack([path.start.vector(), path.turn.vector()]))[:, 2, :]
