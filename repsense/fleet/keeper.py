"""What a worker holds until it is safe: messages that the broker must not forget yet."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

from repsense.errors import SnapshotError
from repsense.fleet.line import Line
from repsense.fleet.snapshot import pack, unpack
from repsense.fleet.store import Store
from repsense.sinks.mqtt.wire import Receipt

# Sentences that are remembered so that each is said once.
_MOST_TOLD = 1000


@dataclass(slots=True)
class Lane:
    """A line, how many messages it was given, and how many of them are in its snapshot."""

    line: Line
    taken: int = 0
    stored: int = 0

    @property
    def is_stored(self) -> bool:
        """Whether the snapshot holds all."""
        return self.stored >= self.taken


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that is taken but not acknowledged, and the state of the lane that holds it."""

    receipt: Receipt
    taken_s: float
    lane: Lane | None
    mark: int


class Keeper:
    """Write snapshots, and acknowledge messages once they are in one.

    Parameters
    ----------
    store
        Where the snapshots are.
    acknowledge
        Tells the broker that it need not keep a message.
    on_displaced
        Called, once, when somebody else has opened the store: nothing is written then.
    say
        Takes sentences for people; each comes once.
    """

    def __init__(
        self,
        store: Store,
        *,
        acknowledge: Callable[[Receipt], None],
        on_displaced: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.displaced = False
        self.snapshots = 0
        self._store = store
        self._acknowledge = acknowledge
        self._on_displaced = on_displaced
        self._say = say
        self._held: deque[_Held] = deque()
        self._told: set[str] = set()

    def __len__(self) -> int:
        """Return how many messages are held."""
        return len(self._held)

    def hold(self, receipt: Receipt, lane: Lane | None, now_s: float) -> None:
        """Hold a message until what it did to its lane, if anything, is in a snapshot."""
        self._held.append(_Held(receipt, now_s, lane, 0 if lane is None else lane.taken))

    def settle(self, *, before_s: float, until_s: float = inf) -> None:
        """Acknowledge what was taken before, in its order, writing the snapshots that it needs.

        Parameters
        ----------
        before_s
            Wall-clock time, s since 1970.
        until_s
            Monotonic time after which no further snapshot is begun, s.
        """
        while self._held and self._held[0].taken_s <= before_s:
            held = self._held[0]
            if held.lane is not None and held.lane.stored < held.mark:
                late = time.monotonic() > until_s
                if late or not self.put_away(held.lane):
                    return
            self._acknowledge(held.receipt)
            self._held.popleft()

    def put_away(self, lane: Lane) -> bool:
        """Write a line's snapshot; say whether that went well."""
        try:
            if not self._is_ours():
                return False
            self._store.save(lane.line.wearer, pack(lane.line))
        except SnapshotError as error:
            self.complain(str(error))
            return False
        lane.stored = lane.taken
        self.snapshots += 1
        return True

    def restore(self) -> Iterator[Line]:
        """Yield all lines that were put away and can be read."""
        for data in self._store.snapshots():
            try:
                yield unpack(data)
            except SnapshotError as error:
                self.complain(str(error))

    def forget(self, wearer: str) -> None:
        """Remove a wearer's snapshot."""
        try:
            self._store.remove(wearer)
        except SnapshotError as error:
            self.complain(str(error))

    def see_whose_turn_it_is(self) -> None:
        """Notice that somebody else has the store now."""
        try:
            self._is_ours()
        except SnapshotError as error:
            self.complain(str(error))

    def complain(self, text: str) -> None:
        """Say something, but not again and again."""
        if text in self._told:
            return
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told.add(text)
        self._say(text)

    def _is_ours(self) -> bool:
        if not self.displaced and not self._store.is_ours():
            self.displaced = True
            self._on_displaced()
        return not self.displaced
