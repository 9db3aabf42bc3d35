"""The tables of the history and what their rows mean; ``history`` reads and writes them."""

from dataclasses import dataclass, field
from datetime import datetime

from repsense.errors import HistoryError
from repsense.events import FormFlag, Rep

_MOST_REPS = 1000
_MOST_KG = 500.0

# Each entry brings a database of its index to the next version; entries are never changed, only
# added. The version is SQLite's user_version.
MIGRATIONS = (
    """
    CREATE TABLE workouts (
        id INTEGER PRIMARY KEY,
        event_id TEXT UNIQUE,             -- of the event that ended it; NULL while it runs
        wearer TEXT NOT NULL,
        started_at TEXT NOT NULL,         -- times are ISO 8601 in UTC
        ended_at TEXT
    );
    CREATE TABLE sets (
        id INTEGER PRIMARY KEY,
        event_id TEXT NOT NULL UNIQUE,
        workout_id INTEGER NOT NULL REFERENCES workouts(id) ON DELETE CASCADE,
        wearer TEXT NOT NULL,
        number INTEGER NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL,
        exercise TEXT NOT NULL,
        exercise_confidence REAL NOT NULL,
        reps INTEGER NOT NULL,
        flags TEXT NOT NULL               -- JSON array
    );
    CREATE INDEX sets_by_wearer ON sets (wearer, started_at);
    CREATE TABLE reps (
        set_id INTEGER NOT NULL REFERENCES sets(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        start_s REAL NOT NULL,            -- times in s on the sensor's clock
        turn_s REAL NOT NULL,
        end_s REAL NOT NULL,
        lift_s REAL NOT NULL,
        hold_s REAL NOT NULL,
        lower_s REAL NOT NULL,
        momentum REAL NOT NULL,
        range REAL NOT NULL,
        flags TEXT NOT NULL,              -- JSON array
        PRIMARY KEY (set_id, number)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE corrections (            -- what people say of a set; NULL where they say nothing
        set_id INTEGER PRIMARY KEY REFERENCES sets(id) ON DELETE CASCADE,
        reps INTEGER,
        exercise TEXT,
        weight_kg REAL,
        deleted INTEGER NOT NULL DEFAULT 0,
        corrected_at TEXT NOT NULL
    );
    """,
)

# The columns of a rep after its set and number, in order.
REP_NUMBERS = ("start_s", "turn_s", "end_s", "lift_s", "hold_s", "lower_s", "momentum", "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says of a set; kept beside the measurement, which never changes.

    Parameters
    ----------
    reps, exercise
        The true count and the true exercise; None where the measured one is right.
    weight_kg
        Weight in the hand, kg; None where nobody said.
    deleted
        The set is to be left out everywhere.
    """

    reps: int | None = None
    exercise: str | None = None
    weight_kg: float | None = None
    deleted: bool = False

    def __post_init__(self) -> None:
        if self.reps is not None and not 0 <= self.reps <= _MOST_REPS:
            raise HistoryError(f"A set has 0 to {_MOST_REPS} reps, not {self.reps}.")
        if self.weight_kg is not None and not 0 <= self.weight_kg <= _MOST_KG:
            raise HistoryError(
                f"A weight of {self.weight_kg:g} kg cannot be meant: use 0 to {_MOST_KG:g}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSet:
    """A set as it was finished, with its reps in order, and what a person says of it.

    ``reps`` and ``exercise`` are measured; ``true_reps`` and ``true_exercise``
    are corrected where somebody did.
    """

    event_id: str
    workout: int
    wearer: str
    number: int
    started_at: datetime
    ended_at: datetime
    exercise: str
    exercise_confidence: float
    reps: int
    flags: tuple[FormFlag, ...]
    rep_details: tuple[Rep, ...]
    correction: Correction = field(default_factory=Correction)

    @property
    def true_reps(self) -> int:
        """The count as a person corrected it, else as it was measured."""
        return self.reps if self.correction.reps is None else self.correction.reps

    @property
    def true_exercise(self) -> str:
        """The exercise as a person named it, else as it was recognised."""
        return self.correction.exercise or self.exercise

    @property
    def volume_kg(self) -> float | None:
        """Weight times reps; None where the weight is not known."""
        weight_kg = self.correction.weight_kg
        return None if weight_kg is None else weight_kg * self.true_reps
