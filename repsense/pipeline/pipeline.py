"""The whole way from samples to events, as one object with one verb."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from repsense.calibration import Calibration
from repsense.errors import CommandError
from repsense.events import Event, SamplesLost, SetFinished, WorkoutFinished
from repsense.pipeline.calibration import (
    CLEAN_REPS,
    calibrated,
    said_of,
    usual_of,
)
from repsense.pipeline.coaching import Coaching
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters, Hole
from repsense.pipeline.exercise import Recogniser
from repsense.pipeline.form import Form
from repsense.pipeline.form_parameters import FormParameters
from repsense.pipeline.history import AHEAD_S, new_history, next_cell
from repsense.pipeline.judge import Listener
from repsense.pipeline.openset import CHECK
from repsense.pipeline.parameters import ChainParameters, EdgeParameters, SetParameters
from repsense.pipeline.seen import Said
from repsense.pipeline.sets import SetTracker
from repsense.pipeline.views import main_view, straight_view
from repsense.samples import FloatArray, SampleBlock

# How far a known exercise's reps may fall outside what its catalogue entry expects.
_HASTE, _PATIENCE = 0.7, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParameters:
    """All published parameters, one group a stage."""

    conditioning: ConditioningParameters = field(default_factory=ConditioningParameters)
    chains: ChainParameters = field(default_factory=ChainParameters)
    edges: EdgeParameters = field(default_factory=EdgeParameters)
    sets: SetParameters = field(default_factory=SetParameters)
    form: FormParameters = field(default_factory=FormParameters)


class Pipeline:
    """Count reps in a stream of sample blocks.

    Parameters
    ----------
    parameters
        Settings of the stages; the defaults are the tuned ones.
    armed
        A set is due: the start costs less and even a single rep counts.
    exercise
        Identifier of the exercise if it is known (plan, or chosen by the person).
    coaching
        Adds what a coach says, and knows the plan; None says cues in English, without a plan.
    recogniser
        Tells which exercise a set is, where that is not known; None for one that
        does not know how the sensor sits on the arm.
    """

    def __init__(
        self,
        parameters: PipelineParameters | None = None,
        *,
        armed: bool = False,
        exercise: str | None = None,
        coaching: Coaching | None = None,
        recogniser: Recogniser | None = None,
    ) -> None:
        self.parameters = parameters or PipelineParameters()
        history = new_history()
        self._conditioner = Conditioner(history, self.parameters.conditioning)
        p = self.parameters
        main = main_view(history, p.chains, p.edges, p.sets)
        straight = straight_view(history, p.chains, p.sets)
        self._search = main.search
        self._recogniser = recogniser or Recogniser()
        self._form = Form(history, p.form)
        self._tracker = SetTracker(
            main, straight, sets=p.sets, form=self._form, recogniser=self._recogniser
        )
        self._next_check = CHECK
        self._totals = _Totals()
        self.coaching = coaching or Coaching()
        self.armed = False
        self.exercise: str | None = None
        self._personal: dict[str, Calibration] = {}
        self._to_calibrate: str | None = None
        if armed or exercise is not None:
            self.arm(exercise)

    def listen(self, listener: Listener) -> None:
        """Have ``listener`` told of every chain that is judged from now on, and why."""
        for view in (self._tracker.main, self._tracker.straight):
            view.judge.listener = listener

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next samples and return the events they complete, in order."""
        if len(block) == 0:
            return []
        if block.t_s[-1] - block.t_s[0] < AHEAD_S:
            return self._take(block.t_s, block.accel_g)
        # In pieces, so that a whole recording in one block never outruns the history that the
        # stages look back on. Only pieces that hold samples: a hole of years in a block must not
        # cost a year's work.
        piece_of = np.floor_divide(block.t_s - block.t_s[0], AHEAD_S)
        events: list[Event] = []
        edges = [0, *(np.flatnonzero(np.diff(piece_of)) + 1).tolist(), len(block)]
        for start, stop in pairwise(edges):
            events += self._take(block.t_s[start:stop], block.accel_g[start:stop])
        return events

    def arm(self, exercise: str | None = None) -> None:
        """Say that a set is due, and which exercise if that is known."""
        self.coaching.choose(exercise)
        self._arm(exercise or self.coaching.known, armed=True)

    def calibrate(self) -> None:
        """Take the next set as the measure of this person's reps.

        Raises
        ------
        CommandError
            When nobody has said which exercise it will be.
        """
        if self.exercise is None:
            raise CommandError(
                f"It is not known which exercise comes: choose it, then calibrate and do a set of "
                f"at least {CLEAN_REPS} clean reps."
            )
        self._to_calibrate = self.exercise
        self._form.watching = True

    def know(self, calibrations: Iterable[Calibration]) -> None:
        """Take what was measured of this person before."""
        self._personal |= {one.exercise: one for one in calibrations}
        self._arm(self.exercise, armed=self.armed)

    def disarm(self) -> None:
        """Say that no set is due any more, but for the plan's."""
        self.coaching.forget()
        self._arm(None, armed=False)

    def end_set(self) -> list[Event]:
        """Finish the running set, if there is one, and return its events: the person says so.

        Where none runs, a plan goes on: the set that is due was done unseen, or will not be.
        """
        said = self._tracker.end()
        if not said:
            self.coaching.skip(self._tracker.announced_s)
        events = self._coached(said)
        self._totals.take(events)
        return events

    def flush(self) -> list[Event]:
        """Finish a running set and return the last events: the stream has ended."""
        self._conditioner.flush()
        events = self._run()
        events += self._coached(self._tracker.end(), last=True)
        self._totals.take(events)
        if self._totals.sets:
            events.append(self._totals.event(self._tracker.announced_s))
        return events

    def _take(self, t_s: FloatArray, accel_g: FloatArray) -> list[Event]:
        holes = [_lost(hole) for hole in self._conditioner.take(t_s, accel_g)]
        events = self._run()
        self._totals.take(events)
        return sorted(holes + events, key=lambda event: event.announced_s) if holes else events

    def _run(self) -> list[Event]:
        """Search as far as there are cells, stopping wherever something may have to be said."""
        events: list[Event] = []
        last_cell = next_cell(self._conditioner.history) - 1
        while True:
            changed = self._search.advance(min(last_cell, self._next_check))
            if changed:
                events += self._coached(self._tracker.follow())
            elif self._search.now >= self._next_check:
                events += self._coached(self._tracker.check())
                self._next_check += CHECK
            else:
                return events

    def _coached(self, said: list[Said], *, last: bool = False) -> list[Event]:
        """Add what the coach says, and be ready for the set that the plan says is due."""
        now_s = self._tracker.announced_s
        events = self.coaching.take(said, now_s, last=last)
        if self._form.watching:
            events += [one for event in events for one in self._measured(event)]
        if self.coaching.follower is not None and self._tracker.open is None:
            due = self.coaching.due(now_s)
            # After a short rest the same exercise may be due again at once: another set of it.
            again = any(isinstance(event, SetFinished) and event.reps for event in said)
            if again or (due is not None, due) != (self.armed, self.exercise):
                self._arm(due, armed=due is not None)
        return events

    def _arm(self, exercise: str | None, *, armed: bool) -> None:
        self.armed, self.exercise = armed, exercise
        known = self.coaching.catalogue.get(exercise or "")
        personal = self._personal.get(exercise or "")
        if exercise != self._to_calibrate:
            self._form.watching = False  # another one comes now
        self._recogniser.known = exercise
        self._form.expect(known, None if personal is None else usual_of(personal))
        rep_s = None if known is None else _patient(known.period_s)
        self._tracker.arm(armed=armed, rep_s=rep_s, single=armed and self.coaching.single)

    def _measured(self, event: Event) -> list[Event]:
        """Take a finished set as the measure of this person, if that was ordered."""
        if not isinstance(event, SetFinished) or not event.reps:
            return []
        seen, reps = self._form.watched
        exercise = self._to_calibrate or event.exercise
        found = calibrated(exercise, seen, reps)
        if found is not None:
            self._form.watching = False
            self.know([found])
        known = self.coaching.catalogue.get(exercise)
        return said_of(found, event, exercise if known is None else known.name)


def _patient(period_s: tuple[float, float]) -> tuple[float, float]:
    """Widen what may be expected of a rep: people differ more than the catalogue."""
    return _HASTE * period_s[0], _PATIENCE * period_s[1]


@dataclass(slots=True)
class _Totals:
    """What the workout amounts to so far."""

    sets: int = 0
    reps: int = 0
    start_s: float = 0.0
    end_s: float = 0.0

    def take(self, events: list[Event]) -> None:
        """Add the sets that these events finish; sets taken back do not count."""
        for event in events:
            if isinstance(event, SetFinished) and event.reps:
                self.start_s = event.start_s if self.sets == 0 else self.start_s
                self.end_s = event.end_s
                self.sets += 1
                self.reps += event.reps

    def event(self, announced_s: float) -> WorkoutFinished:
        """Return the totals as the stream's last event."""
        return WorkoutFinished(
            sets=self.sets,
            reps=self.reps,
            start_s=self.start_s,
            end_s=self.end_s,
            announced_s=announced_s,
        )


def _lost(hole: Hole) -> Event:
    return SamplesLost(start_s=hole.start_s, end_s=hole.end_s, announced_s=hole.end_s)
