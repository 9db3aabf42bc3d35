"""What the fleet's benchmark sends, what has to be counted of it, and what was."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from repsense.batches import Packer, encode, partition
from repsense.exercises.catalogue import load_catalogue
from repsense.fleet.line import Line
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState
from repsense.simulator import WorkoutSet, simulate_workout
from repsense.sinks.mqtt import payloads

PATIENCE_S = 600.0
# What an event says that must be right; times are compared with this much grace, s.
_FACTS = ("event", "set", "rep", "reps", "sets", "provisional")
_GRACE_S = 0.25
_TELL_EVERY_S = 10.0

Said = tuple[object, ...]


@dataclass(frozen=True)
class Stream:
    """A wearer's samples as messages, and what is to be counted of them."""

    messages: tuple[str, ...]
    span_s: float

    @cached_property
    def expected(self) -> list[tuple[Said, float]]:
        """What a line says that is never disturbed."""
        line = Line("anna", self.messages[0], Pipeline(), now_s=0.0)
        notices = [
            notice
            for number, message in enumerate(self.messages)
            for notice in line.take(message, number * self.span_s)
            if payloads.event_kind(notice.event) in {"rep", "set"}
        ]
        return [told(json.loads(payloads.event(notice))) for notice in notices]

    @property
    def has_a_set(self) -> bool:
        """Whether a workout is said to be over at its end."""
        return any(said[0] == "workout_finished" for said, _ in self.expected)


def told(fields: dict[str, object]) -> tuple[Said, float]:
    """Return what an event said that matters, and when in the stream it did."""
    announced_s = fields["announced_s"]
    assert isinstance(announced_s, int | float)
    return tuple(fields.get(key) for key in _FACTS), float(announced_s)


def streams(count: int, seconds: float, span_s: float) -> list[Stream]:
    """Return streams in which a set is found, in messages of ``span_s``."""
    exercises = list(load_catalogue())
    made = (
        _stream(exercises[seed % len(exercises)], seed, seconds, span_s)
        for seed in itertools.count()
    )
    return list(itertools.islice((one for one in made if one.has_a_set), count))


def _stream(exercise: str, seed: int, seconds: float, span_s: float) -> Stream:
    reps = max(3, int((seconds - 15.0) / 5.0))
    plan = (WorkoutSet(exercise_id=exercise, reps=reps, rest_s=seconds),)
    block = simulate_workout(plan, seed=seed).block
    block = block.part(0, int(np.searchsorted(block.t_s, block.t_s[0] + seconds)))
    # A sample less than the span: messages then cover it, whatever the rounding.
    packer = Packer("benchmark", span_s=span_s - 1.5 / block.median_rate_hz())
    batches = [batch for one in block.cut(1) for batch in packer.add(one)]
    ended = LinkReport(state=LinkState.ENDED, sensor="simulated")
    return Stream(tuple(map(encode, [*batches, *packer.report(ended)])), span_s)


@dataclass
class Gym:
    """Gateways and listeners of all wearers, as one client each."""

    port: int
    partitions: int
    heard: dict[str, dict[str, tuple[dict[str, object], float]]] = field(default_factory=dict)
    copies: int = 0
    sent_s: dict[tuple[int, int], float] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)
    unsent: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(2000))

    def __enter__(self) -> "Gym":
        self._ear = self._client("ear")
        self._ear.on_message = self._hear
        subscribed = threading.Event()
        self._ear.on_subscribe = lambda *_: subscribed.set()
        self._ear.subscribe([("repsense/+/rep", 1), ("repsense/+/set", 1)])
        assert subscribed.wait(PATIENCE_S)
        self._gateway = self._client("gateway")
        self._gateway.on_publish = lambda *_: self.unsent.release()
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self._ear, self._gateway):
            client.disconnect()
            client.loop_stop()

    def _client(self, name: str) -> paho.Client:
        connected = threading.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"benchmark-{name}")
        client.max_inflight_messages_set(2000)
        client.on_connect = lambda *_: connected.set()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        assert connected.wait(PATIENCE_S)
        return client

    def _hear(self, _c: object, _u: object, message: paho.MQTTMessage) -> None:
        now_s = time.monotonic()
        fields = json.loads(message.payload)
        with self.news:
            events = self.heard.setdefault(fields["wearer"], {})
            self.copies += fields["id"] in events
            events.setdefault(fields["id"], (fields, now_s))
            self.news.notify_all()

    def send(
        self,
        streams: Sequence[Stream],
        wearers: int,
        speed: float | None,
        tell: Callable[[int, int, int], None] = lambda *_: None,
    ) -> float:
        """Send all wearers' messages, ``speed`` times as fast as real time; return how long, s.

        None sends as fast as the broker takes them. Every some seconds ``tell`` is called with the
        messages sent, all there are, and the events heard so far.
        """
        began_s = told_s = time.monotonic()
        total = sum(len(streams[number % len(streams)].messages) for number in range(wearers))
        span_s = streams[0].span_s
        topics = [self._topic(number) for number in range(wearers)]
        rounds = max(len(stream.messages) for stream in streams)
        for index, number in itertools.product(range(rounds), range(wearers)):
            messages = streams[number % len(streams)].messages
            if index >= len(messages):
                continue
            if speed is not None:
                due_s = began_s + (index + number / wearers) * span_s / speed
                time.sleep(max(due_s - time.monotonic(), 0.0))
            self.unsent.acquire()
            now_s = self.sent_s[number, index] = time.monotonic()
            if now_s - told_s > _TELL_EVERY_S:
                told_s = now_s
                tell(len(self.sent_s), total, sum(map(len, tuple(self.heard.values()))))
            self._gateway.publish(topics[number], messages[index], qos=1)
        return time.monotonic() - began_s

    def _topic(self, number: int) -> str:
        part = partition(name(number), self.partitions)
        return f"repsense/bridge/samples/p/{part}/{name(number)}"

    def wait_for_the_end(self, wearers: int) -> bool:
        """Return whether every wearer's workout was said to be over."""
        seen: set[str] = set()

        def all_over() -> bool:
            for wearer, events in list(self.heard.items()):
                if wearer not in seen and any(
                    fields["event"] == "workout_finished" for fields, _ in events.values()
                ):
                    seen.add(wearer)
            return len(seen) == wearers

        with self.news:
            return self.news.wait_for(all_over, PATIENCE_S)


def name(number: int) -> str:
    """Return a wearer's name."""
    return f"wearer-{number:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What arrived against what should have."""

    wearers: int
    expected: int
    reps: int
    lost: int
    doubled: int
    same_id_again: int

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost or doubled."""
        return self.lost == self.doubled == 0


def judge(gym: Gym, streams: Sequence[Stream], wearers: int) -> Verdict:
    """Compare what was heard with what an undisturbed line says, wearer by wearer."""
    lost = doubled = expected = reps = 0
    for number in range(wearers):
        wanted = streams[number % len(streams)].expected
        heard = [told(fields) for fields, _ in gym.heard.get(name(number), {}).values()]
        missing = _unmatched(wanted, heard)
        extra = _unmatched(heard, wanted)
        expected += len(wanted)
        reps += sum(said[0] == "rep" for said, _ in wanted)
        lost += missing
        doubled += extra
    return Verdict(
        wearers=wearers,
        expected=expected,
        reps=reps,
        lost=lost,
        doubled=doubled,
        same_id_again=gym.copies,
    )


def _unmatched(some: Iterable[tuple[Said, float]], others: Iterable[tuple[Said, float]]) -> int:
    """Return how many of ``some`` have no partner of their own among the ``others``."""
    left = list(others)
    unmatched = 0
    for said, at_s in some:
        partner = next(
            (one for one in left if one[0] == said and abs(one[1] - at_s) <= _GRACE_S), None
        )
        if partner is None:
            unmatched += 1
        else:
            left.remove(partner)
    return unmatched


def delays_s(gym: Gym, streams: Sequence[Stream], wearers: int) -> np.ndarray:
    """Return how long after the message that completed it each event was heard, s."""
    delays = []
    for number in range(wearers):
        stream = streams[number % len(streams)]
        for fields, heard_s in gym.heard.get(name(number), {}).values():
            _, announced_s = told(fields)
            # The stream's clock is 0 at the end of the first message.
            index = int(np.ceil(announced_s / stream.span_s - 1e-3))
            sent_s = gym.sent_s.get((number, index))
            if sent_s is not None and fields["event"] == "rep":
                delays.append(heard_s - sent_s)
    return np.array(delays)


def spread(wearers: int, partitions: int) -> Counter[int]:
    """Return how many wearers each partition has."""
    return Counter(partition(name(number), partitions) for number in range(wearers))
