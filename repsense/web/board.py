"""Everyone who trains, for the live page: events and samples in, views out to the hub."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from repsense.events import RepFinished, SetFinished, SetStarted
from repsense.exercises.exercise import Exercise
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveState, Phase, reduce
from repsense.web.hub import Hub
from repsense.web.live_view import shown_exercise, view_of
from repsense.web.stroke import Stroke

# How often the tempo bars move; between two frames the browser glides.
_FRAME_S = 0.1


def _now() -> datetime:
    return datetime.now(UTC)


class Board:
    """The newest state of each wearer and where their wrists are.

    Parameters
    ----------
    wearers
        Wearers known beforehand, so that they have a card before their first event.
    catalogue
        Exercises by identifier.
    now, clock
        The wall clock, and a steady one in s.
    """

    def __init__(
        self,
        wearers: Iterable[str],
        catalogue: Mapping[str, Exercise],
        *,
        now: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hub = Hub()
        self.catalogue = catalogue
        self._now = now
        self._clock = clock
        self._states: dict[str, LiveState] = {}
        self._strokes: dict[str, Stroke] = {}
        self._frame_at_s = 0.0
        for wearer in wearers:
            self._show(LiveState(wearer=wearer))

    def take(self, notice: Notice) -> None:
        """Bring the wearer's card up to date."""
        state = self._states.get(notice.wearer) or LiveState(wearer=notice.wearer)
        match notice.event:
            case RepFinished(measured=measured):
                self._stroke(notice.wearer).learn(measured)
            case SetStarted() | SetFinished():
                self._stroke(notice.wearer).forget()
        self._show(reduce(state, notice))

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Move the wearer's tempo bar, with everyone's, some ten times a second."""
        self._stroke(wearer).push(block)
        now_s = self._clock()
        if now_s - self._frame_at_s >= _FRAME_S:
            self._frame_at_s = now_s
            self.hub.tell_positions({name: self._position(name) for name in self._strokes})

    def _stroke(self, wearer: str) -> Stroke:
        return self._strokes.setdefault(wearer, Stroke())

    def _position(self, wearer: str) -> float | None:
        """Return how far the weight is lifted, 0 to 1; None outside a set."""
        state = self._states.get(wearer)
        position = self._strokes[wearer].position
        if state is None or state.phase is not Phase.SET or position is None:
            return None
        exercise = self.catalogue.get(shown_exercise(state))
        lift_first = exercise is None or exercise.concentric_first
        return position if lift_first else 1.0 - position

    def _show(self, state: LiveState) -> None:
        self._states[state.wearer] = state
        self.hub.tell(state.wearer, partial(self._fields, state.wearer))

    def _fields(self, wearer: str) -> Mapping[str, object]:
        return view_of(self._states[wearer], self._now(), self.catalogue).fields()
