"""Counting one partition of the wearers: messages in, events out, nothing let go too early.

The broker keeps each message until it is acknowledged, and it is acknowledged when a
snapshot holds what it did. Who takes over after a death therefore finds every wearer's
newest snapshot here and all messages since then there, and says what may have been said
already once more, with the same identifiers.
"""

import asyncio
import logging
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from repsense.batches import partition
from repsense.errors import CommandError, RepSenseError
from repsense.fleet.keeper import Keeper, Lane
from repsense.fleet.line import Line
from repsense.fleet.publisher import Publisher
from repsense.fleet.settings import FleetSettings, WorkerFacts
from repsense.fleet.store import Store
from repsense.service import carry_out
from repsense.sinks.mqtt import commands
from repsense.sinks.mqtt.topics import checked_wearer
from repsense.sinks.mqtt.wire import Message

_LOG = logging.getLogger(__name__)

# How long the loop is kept to itself at most before the network has a turn, s.
_TURN_S = 0.01
# When nothing has come for this long, all is put away and acknowledged, s: a broker that sends
# only so many messages ahead must not wait for a worker that waits for more.
_QUIET_S = 0.25
# How often the passing of time is looked at, s.
_TICK_S = 1.0


class Worker:
    """Count the wearers of one partition until stopped.

    Parameters
    ----------
    settings
        The same for all workers.
    part
        Which partition, from 0.
    say
        Takes sentences for people.
    """

    def __init__(
        self, settings: FleetSettings, part: int, *, say: Callable[[str], None] = _LOG.warning
    ) -> None:
        self.settings = settings
        self.part = part
        self.say = say
        self._publisher = Publisher(
            settings.broker,
            part=part,
            partitions=settings.partitions,
            on_message=self._hear,
            on_status=say,
            on_connected=self._connected,
        )
        self._keeper = Keeper(
            Store(settings.snapshots / f"{settings.partitions}" / f"{part}"),
            acknowledge=self._publisher.acknowledge,
            on_displaced=self._stand_down,
            say=say,
        )
        self._lanes: dict[str, Lane] = {}
        self._inbox: deque[tuple[float, Message]] = deque()
        self._news = asyncio.Event()
        self._stopped = asyncio.Event()
        self._connected_s = 0.0
        self._messages = self._samples = self._restored = 0

    async def work(self) -> None:
        """Take over what is in the snapshots, and count until :meth:`stop`.

        Raises
        ------
        BrokerError
            When the password file or a certificate cannot be read.
        """
        self._restore()
        self._publisher.start()
        ticking = asyncio.create_task(self._tick())
        try:
            while not self._stopped.is_set():
                await self._turn()
        finally:
            ticking.cancel()
            self._keeper.settle(before_s=time.time())
            await self._publisher.stop()

    def stop(self) -> None:
        """End :meth:`work` with all put away; running sets go on where somebody takes over."""
        self._stopped.set()
        self._news.set()

    def facts(self) -> WorkerFacts:
        """Return how it does."""
        behind_s = time.time() - self._inbox[0][0] if self._inbox else 0.0
        return WorkerFacts(
            part=self.part,
            node=socket.gethostname(),
            process=os.getpid(),
            connected=self._publisher.connected,
            wearers=len(self._lanes),
            messages=self._messages,
            samples=self._samples,
            events=self._publisher.events,
            snapshots=self._keeper.snapshots,
            restored=self._restored,
            unacknowledged=len(self._keeper) + len(self._inbox),
            behind_s=behind_s,
            cpu_s=time.process_time(),
        )

    def _restore(self) -> None:
        for line in self._keeper.restore():
            line.heard_s = time.time()  # what came meanwhile is still to come
            self._lanes[line.wearer] = Lane(line)
            self._restored += 1
            self._publisher.publish_again(line)

    # -- what comes ----------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        self._inbox.append((time.time(), message))
        self._news.set()

    async def _turn(self) -> None:
        """Take what has come, for a short while; put away what is due."""
        self._news.clear()
        until_s = time.monotonic() + _TURN_S
        while self._inbox and time.monotonic() < until_s:
            now_s, message = self._inbox.popleft()
            self._take(message, now_s)
        self._keeper.settle(before_s=time.time() - self.settings.keep_s, until_s=until_s + _TURN_S)
        if self._inbox:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(_QUIET_S if len(self._keeper) else None):
                await self._news.wait()
        except TimeoutError:
            self._keeper.settle(before_s=time.time(), until_s=time.monotonic() + _TURN_S)

    def _take(self, message: Message, now_s: float) -> None:
        self._messages += 1
        lane = None
        try:
            lane = self._given(message, now_s)
        except RepSenseError as error:
            self._keeper.complain(f"{message.topic}: {error}")
        except Exception as error:  # noqa: BLE001 - one wearer's fault is not the others'
            wearer = self._publisher.band_of(message.topic)
            self._keeper.complain(
                f"Counting {wearer!r} failed ({error!r}) and begins anew; report it."
            )
            _LOG.error("A line failed", exc_info=error)
            self._give_up(wearer)
        if message.receipt is not None:
            # From now and not from when it came: a worker that is behind would write a snapshot
            # for each message, and never catch up.
            self._keeper.hold(message.receipt, lane, time.time())

    def _given(self, message: Message, now_s: float) -> Lane | None:
        """Give a message to the line it is for, and return that."""
        if message.retained:
            return None  # of another day
        wearer = self._publisher.band_of(message.topic)
        if wearer is None:
            return self._command(message)
        lane = self._lane(checked_wearer(wearer), message.payload, now_s)
        before = lane.line.samples
        lane.taken += 1
        self._publisher.publish(lane.line, lane.line.take(message.payload, now_s))
        self._samples += lane.line.samples - before
        return lane

    def _lane(self, wearer: str, payload: str, now_s: float) -> Lane:
        lane = self._lanes.get(wearer)
        if lane is not None and not lane.line.is_over_for(payload):
            return lane
        engine = self.settings.new_engine(wearer)
        line = Line(wearer, payload, engine, exercises=self.settings.exercises, now_s=now_s)
        if lane is None:
            lane = self._lanes[wearer] = Lane(line)
        else:
            line.unsent.update(lane.line.unsent)
            lane.line = line
        return lane

    def _command(self, message: Message) -> Lane | None:
        asked = self._publisher.topics.parse_command(message.topic)
        if asked is None or partition(asked[0], self.settings.partitions) != self.part:
            return None
        wearer, name = asked
        lane = self._lanes.get(wearer)
        transaction, refusal = None, None
        try:
            command = commands.parse(name, message.payload)
            transaction = command.transaction
            if lane is None:
                refusal = f"Nobody called {commands.shown(wearer)} is here."
            elif _is_new(lane, message):
                carry_out(lane.line.orders, name, command.fields)
        except CommandError as error:
            refusal = str(error)
        self._publisher.answer(wearer, name, transaction, refusal, known=lane is not None)
        return lane

    # -- what time brings ----------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            now_s = time.time()
            for lane in tuple(self._lanes.values()):
                self._look_at(lane, now_s)
            self._publisher.show(asdict(self.facts()))

    def _look_at(self, lane: Lane, now_s: float) -> None:
        line = lane.line
        if self._inbox:
            return  # what seems to be silent may be waiting there
        was_over = line.over
        self._publisher.publish(line, line.tick(now_s, away_s=self.settings.away_s))
        if line.over and not was_over:
            lane.taken += 1
        if line.over and not lane.is_stored:
            self._keeper.put_away(lane)
        elif line.over and not line.unsent and self._is_settled(line, now_s):
            self._forget(lane)

    def _is_settled(self, line: Line, now_s: float) -> bool:
        """Say whether the broker will not send anything of a line again, which would begin one."""
        since_s = max(line.heard_s, self._connected_s)
        return self._publisher.connected and now_s - since_s > 2.0 * self.settings.keep_s

    def _give_up(self, wearer: str | None) -> None:
        """Let a line go that failed: its state is not to be trusted, so none of it is kept."""
        lane = self._lanes.get(wearer or "")
        if lane is not None:
            lane.stored = sys.maxsize
            self._forget(lane)

    def _forget(self, lane: Lane) -> None:
        wearer = lane.line.wearer
        self._keeper.forget(wearer)
        self._publisher.release(wearer)
        del self._lanes[wearer]

    def _connected(self) -> None:
        self._connected_s = time.time()
        self._keeper.see_whose_turn_it_is()

    def _stand_down(self) -> None:
        self.say(
            f"Somebody else counts partition {self.part} now; this worker ends. If that is not "
            f"meant to be: does another fleet use the same broker and folder?"
        )
        self.stop()


def _is_new(lane: Lane, message: Message) -> bool:
    """Say whether a command was not carried out before; from now on it was."""
    lane.taken += 1
    if message.receipt is None:
        return True
    new = lane.line.is_new(message.receipt.mid, message.topic + message.payload)
    return new or not message.receipt.again
