"""A trial on its way: which recordings it needs next, and what those counted so far are worth."""

from collections.abc import Mapping, Sequence

from repsense.tuning.trial import (
    Counted,
    Material,
    Outcome,
    Trial,
    count_one,
    engine_version,
    steps_of,
    worth_of,
)


class Attempt:
    """A trial that is counted recording by recording, by whom and in whatever order.

    A step is begun when the one before is complete and was not hopeless, and its scores are put
    in their own order before anything is reckoned. So the outcome is always the same.

    Parameters
    ----------
    material
        What it is counted on.
    trial
        What is tried.
    """

    def __init__(self, material: Material, trial: Trial) -> None:
        self.values: Mapping[str, float] = trial.values
        self._trial = trial
        self._examples = material.examples
        self._steps = steps_of(material.examples)
        self._waiting = self._longest_first(self._steps[0])
        self._counted: dict[int, Counted] = {}
        self._reached: list[float] = []
        self._stopped = False

    @property
    def over(self) -> bool:
        """Whether it is done, or given up."""
        return self._stopped or len(self._reached) == len(self._steps)

    def next_place(self) -> int | None:
        """Return the place of a recording to count now; None while others are waited for."""
        return self._waiting.pop(0) if self._waiting else None

    def take(self, place: int, counted: Counted) -> None:
        """Take what was counted of the recording at a place."""
        self._counted[place] = counted
        step = self._steps[len(self._reached)]
        if all(one in self._counted for one in step):
            self._finish_step()

    def outcome(self) -> Outcome:
        """Return what became of it."""
        engines = {one.engine for one in self._counted.values()}
        strange = sorted(engines - {engine_version()})
        return Outcome(
            number=self._trial.number,
            worth=tuple(self._reached),
            stopped=self._stopped,
            scores={self._examples[place].digest: one.score for place, one in self._in_order()},
            engine=strange[0] if strange else engine_version(),
        )

    def _finish_step(self) -> None:
        scored = [(self._examples[place].person, one.score) for place, one in self._in_order()]
        step = len(self._reached)
        self._reached.append(worth_of(scored))
        if self.over:
            return
        limits = self._trial.hopeless_below[step : step + 1]
        self._stopped = bool(limits) and self._reached[-1] < limits[0]
        if not self._stopped:
            self._waiting = self._longest_first(self._steps[step + 1])

    def _longest_first(self, places: Sequence[int]) -> list[int]:
        """Return places so that those who share a step are done at about the same time."""
        return sorted(places, key=lambda place: -len(self._examples[place].recording.block))

    def _in_order(self) -> list[tuple[int, Counted]]:
        places = [place for step in self._steps for place in step if place in self._counted]
        return [(place, self._counted[place]) for place in places]


def run_trial(material: Material, trial: Trial) -> Outcome:
    """Count with the trial's settings here and now, until it is done or hopeless."""
    attempt = Attempt(material, trial)
    while (place := attempt.next_place()) is not None:
        attempt.take(place, count_one(material, trial.values, place))
    return attempt.outcome()
