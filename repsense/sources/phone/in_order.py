"""Numbered messages that may overtake each other, put back into their order."""

from typing import Generic, TypeVar

T = TypeVar("T")

# A stream whose first message has a number up to this began just now: its beginning may be late.
_JUST_BEGUN = 3


class InOrder(Generic[T]):
    """Hold a message back until those before it have come, or are given up.

    Parameters
    ----------
    most_held
        More messages are never held: a message that these have overtaken is lost.
    patience_s
        How long one is waited for, s.
    """

    def __init__(self, *, most_held: int = 4, patience_s: float = 2.0) -> None:
        self._most_held = most_held
        self._patience_s = patience_s
        self._stream = ""
        self._next = 0
        self._held: dict[int, T] = {}
        self._since_s = 0.0

    def take(self, stream: str, number: int, item: T, now_s: float) -> list[T]:
        """Return what is in order now; a message that came before, or too late, is dropped.

        Parameters
        ----------
        stream
            Whose numbers these are; another stream starts anew.
        """
        released: list[T] = []
        if stream != self._stream:
            released = self._all()
            self._stream, self._next = stream, 0 if number <= _JUST_BEGUN else number
        if number < self._next or number in self._held:
            return released
        if not self._held:
            self._since_s = now_s
        self._held[number] = item
        while len(self._held) > self._most_held:
            released += self._skip()
        ready = self._ready()
        if ready:
            self._since_s = now_s  # what is still held waits for another one
        return released + ready + self.tick(now_s)

    def tick(self, now_s: float) -> list[T]:
        """Return what has waited too long for its turn."""
        if self._held and now_s - self._since_s > self._patience_s:
            return self._skip()
        return []

    def _ready(self) -> list[T]:
        ready = []
        while self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        return ready

    def _skip(self) -> list[T]:
        self._next = min(self._held)
        return self._ready()

    def _all(self) -> list[T]:
        held = [self._held[number] for number in sorted(self._held)]
        self._held.clear()
        return held
