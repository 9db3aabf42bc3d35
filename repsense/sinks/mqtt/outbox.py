"""Events on their way to the broker: kept until it has acknowledged them."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

MAX_EVENTS = 2000  # a few hours of reps for a whole family; about 1 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """One event as it goes out: ``key`` is its event id."""

    key: str
    topic: str
    payload: str


class Outbox(Protocol):
    """Where events wait. All calls come from the event loop and must not block."""

    #: Events given up because too many waited.
    dropped: int

    @property
    def outlives_us(self) -> bool:
        """Whether what waits is still there at the next start."""
        ...

    def put(self, event: OutgoingEvent) -> None:
        """Take an event in."""
        ...

    def next_unsent(self) -> OutgoingEvent | None:
        """Return the oldest event not handed over yet and count it as handed over."""
        ...

    def delivered(self, key: str) -> None:
        """Forget an event: the broker has acknowledged it."""
        ...

    def take_back(self) -> None:
        """Count what was handed over as unsent again: the connection it went to is no more."""
        ...

    def doubt(self) -> None:
        """Take that the connection broke: what was acknowledged just now may be sent again."""
        ...

    def forget_settled(self) -> None:
        """Drop what was acknowledged long enough ago. Called a while after the last event."""
        ...

    def close(self) -> None:
        """End on good terms."""
        ...

    def __len__(self) -> int:
        """Return how many events the broker has not acknowledged."""
        ...


class MemoryOutbox:
    """A bounded outbox in memory: when it is full the oldest waiting event goes.

    A dashboard prefers what happens now to what happened an hour ago; the
    history keeps everything anyway.

    Parameters
    ----------
    max_events
        Most events that may wait; those handed over come on top.

    Raises
    ------
    ValueError
        When ``max_events`` is below 1.
    """

    def __init__(self, max_events: int = MAX_EVENTS) -> None:
        if max_events < 1:
            raise ValueError(f"An outbox of {max_events} events cannot work: use at least 1.")
        self.max_events = max_events
        self.dropped = 0
        self._waiting: OrderedDict[str, OutgoingEvent] = OrderedDict()
        self._handed_over: dict[str, OutgoingEvent] = {}

    @property
    def outlives_us(self) -> bool:
        """Never: memory does not."""
        return False

    def put(self, event: OutgoingEvent) -> None:
        """Take an event in; one that is here already is not taken twice."""
        if event.key in self._waiting or event.key in self._handed_over:
            return
        self._waiting[event.key] = event
        self._trim()

    def next_unsent(self) -> OutgoingEvent | None:
        """Return the oldest event not handed over yet and count it as handed over."""
        if not self._waiting:
            return None
        key, event = self._waiting.popitem(last=False)
        self._handed_over[key] = event
        return event

    def delivered(self, key: str) -> None:
        """Forget an event: the broker has acknowledged it."""
        self._handed_over.pop(key, None)

    def take_back(self) -> None:
        """Count what was handed over as unsent again: the connection it went to is no more."""
        self._waiting = OrderedDict({**self._handed_over, **self._waiting})
        self._handed_over.clear()
        self._trim()

    def doubt(self) -> None:
        """Do nothing: what has been acknowledged is not kept."""

    def forget_settled(self) -> None:
        """Do nothing: what has been acknowledged is not kept."""

    def close(self) -> None:
        """Do nothing: there is no file."""

    def __len__(self) -> int:
        """Return how many events the broker has not acknowledged."""
        return len(self._waiting) + len(self._handed_over)

    def _trim(self) -> None:
        while len(self._waiting) > self.max_events:
            self._waiting.popitem(last=False)
            self.dropped += 1
