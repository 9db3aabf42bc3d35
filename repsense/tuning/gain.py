"""What new settings gain on people they were not searched on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from repsense.tuning.people import Division, Example, people_of
from repsense.tuning.scoring import Accuracy, FileScore, accuracy
from repsense.tuning.trial import Outcome, worth_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How right the counts are with some settings.

    Parameters
    ----------
    worth
        See :func:`repsense.tuning.trial.worth_of`.
    counts
        Of the recordings with reps; None where there are none.
    false_reps
        Counted in the recordings without any.
    """

    worth: float
    counts: Accuracy | None
    false_reps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The settings as they were and the new ones, on the same recordings of some people.

    Parameters
    ----------
    name
        Of the people.
    files
        How many recordings.
    before, after
        What the settings came to as they were, and the new ones.
    better, worse
        Recordings whose count is nearer to the truth than before, and farther from it.
    """

    name: str
    files: int
    before: Side
    after: Side
    better: int
    worse: int

    @property
    def helps(self) -> bool:
        """Whether the counts are worth more."""
        return self.after.worth > self.before.worth


def gains(examples: Sequence[Example], before: Outcome, after: Outcome) -> list[Gain]:
    """Return the gain of each person, and last, where there are several, of all together."""
    groups = [
        (str(person), [one for one in examples if one.person == person])
        for person in people_of(examples)
    ]
    if len(groups) > 1:
        groups.append(("all", list(examples)))
    return [_gain(name, members, before.scores, after.scores) for name, members in groups]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One search of several, each judged by people that it alone never saw.

    Parameters
    ----------
    division
        Who was searched on, and who was kept out.
    winner, values
        The trial that was best on those searched on.
    before, after
        What the start and the winner count on those kept out.
    """

    division: Division
    winner: int
    values: Mapping[str, float]
    before: Outcome
    after: Outcome


def nested_gains(folds: Sequence[Fold]) -> list[Gain]:
    """Return everybody's gain by the search that never saw them, and last that of all together."""
    examples = sorted(
        (one for fold in folds for one in fold.division.kept_out),
        key=lambda one: (one.row.dataset, str(one.person), one.row.file),
    )
    before = _together([fold.before for fold in folds])
    after = _together([fold.after for fold in folds])
    return gains(examples, before, after)


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    scores = {digest: score for one in outcomes for digest, score in one.scores.items()}
    return replace(outcomes[0], scores=scores)


def _gain(
    name: str,
    examples: Sequence[Example],
    before: Mapping[str, FileScore],
    after: Mapping[str, FileScore],
) -> Gain:
    pairs = [(before[one.digest], after[one.digest]) for one in examples]
    return Gain(
        name=name,
        files=len(pairs),
        before=_side(examples, before),
        after=_side(examples, after),
        better=sum(abs(new.error) < abs(old.error) for old, new in pairs),
        worse=sum(abs(new.error) > abs(old.error) for old, new in pairs),
    )


def _side(examples: Sequence[Example], scores: Mapping[str, FileScore]) -> Side:
    mine = [scores[one.digest] for one in examples]
    return Side(
        worth=worth_of([(one.person, scores[one.digest]) for one in examples]),
        counts=accuracy((one.reps, one.reps_true) for one in mine if one.reps_true),
        false_reps=sum(one.reps for one in mine if not one.reps_true),
    )
