"""Workers and a real broker: who takes over goes on, and commands reach who counts."""

import asyncio
import json
import time
from functools import partial
from pathlib import Path

import pytest
from fleet_hall import TOPICS, hall, messages, new_engine, online
from listening import PATIENCE_S, replayed_reps

from repsense.errors import ConfigError
from repsense.fleet.line import Line
from repsense.fleet.settings import FleetSettings, WorkerFacts
from repsense.fleet.worker import Worker
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.mosquitto import find_mosquitto
from repsense.sinks.mqtt.outbox import OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.wire import Message, Receipt

pytestmark = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed (Debian: apt install mosquitto)"
)


@pytest.fixture(autouse=True)
def _time_is_looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repsense.fleet.worker._TICK_S", 0.05)


def test_one_worker_goes_on_where_another_one_stopped(tmp_path: Path) -> None:
    async def main() -> None:
        async with hall(tmp_path) as here:
            async with here.worker():
                await online(here)
                here.send("anna", messages()[:25])
                here.send("ben", ["no message of a gateway"])
                # Nobody can be called so, and it would be said where the service speaks.
                topic = TOPICS.samples_prefix(0) + "bridge"
                here.link.send(OutgoingEvent(key=topic, topic=topic, payload=messages()[0]))
                await here.until_event("anna", "rep", "rep")
            assert list((tmp_path / "1" / "0").glob("*.line"))
            # Nobody counts now; the broker keeps what comes.
            here.send("anna", messages()[25:])
            async with here.worker() as second:
                total = await here.until_event("anna", "set", "workout_finished")
                assert second.facts().restored == 1
            assert not [one for one in here.heard if one.topic == "repsense/bridge/state"]
            assert (total["sets"], total["reps"]) == (1, sum(replayed_reps()))
            said = here.events("anna")
            assert [one["rep"] for one in said if one["event"] == "rep"] == list(
                range(1, total["reps"] + 1)
            )
            state = [one.payload for one in here.heard if one.topic == TOPICS.state("anna")]
            assert json.loads(state[-1])["totals"] == {"sets": 1, "reps": total["reps"]}

    asyncio.run(main())


def test_a_wearer_who_has_ended_is_let_go_and_may_come_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with hall(tmp_path) as here, here.worker() as worker:
            await online(here)
            here.send("anna", messages("a"))
            first = await here.until_event("anna", "set", "workout_finished")
            here.send("anna", messages("a")[-40:])  # as a broker does that missed the thanks
            topic = TOPICS.worker(0)
            await here.until(
                lambda one: (
                    one.topic == topic
                    and (facts := json.loads(one.payload)).get("wearers") == 0
                    and facts["snapshots"] > 0
                )
            )
            assert worker.facts().unacknowledged == 0
            assert not list((tmp_path / "1" / "0").glob("*.line"))
            here.send("anna", messages("b"))
            await here.until(
                lambda one: '"workout_finished"' in one.payload and first["id"] not in one.payload
            )
            said = here.events("anna")
            assert [one["event"] for one in said].count("workout_finished") == 2
            assert len({one["id"] for one in here.events("anna")}) == len(here.events("anna"))

    asyncio.run(main())


def test_who_is_behind_puts_a_wearer_away_once_and_not_for_each_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repsense.fleet.worker._TURN_S", 0.002)  # so that it takes many turns
    settings = FleetSettings(
        broker=BrokerSettings(host="127.0.0.1"), snapshots=tmp_path, new_engine=new_engine
    )

    async def main() -> None:
        worker = Worker(settings, 0)
        topic = TOPICS.samples_prefix(0) + "anna"
        came_s = time.time() - 100.0 * settings.keep_s
        worker._inbox.extend(
            (came_s, Message(topic=topic, payload=text, receipt=Receipt(0, mid, again=False)))
            for mid, text in enumerate(messages()[:40])
        )
        while worker._inbox:
            await worker._turn()
        assert (worker.facts().messages, worker.facts().snapshots) == (40, 1)

    asyncio.run(main())


def test_commands_reach_the_worker_who_counts(tmp_path: Path) -> None:
    async def main() -> None:
        async with hall(tmp_path) as here, here.worker():
            await online(here)
            here.send("anna", messages()[:25])
            rep = await here.until_event("anna", "rep", "rep")
            for wearer in ("anna", "nobody"):
                topic = TOPICS.command(wearer, "undo_rep")
                here.link.send(OutgoingEvent(key=topic, topic=topic, payload=""))
            answer = await here.until(lambda one: one.topic == TOPICS.response("anna"))
            assert json.loads(answer.payload)["status"] == "ok"
            refused = await here.until(lambda one: one.topic == TOPICS.response(None))
            assert "Nobody called" in json.loads(refused.payload)["reason"]
            here.send("anna", messages()[25:26])
            corrected = await here.until_event("anna", "set", "count_corrected")
            assert corrected["reps"] < rep["rep"] + 20

    asyncio.run(main())


def test_one_wearers_fault_is_not_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(line: Line, message: str, now_s: float) -> list[Notice]:
        if line.wearer == "ben":
            raise ZeroDivisionError
        return right(line, message, now_s)

    async def main() -> WorkerFacts:
        async with hall(tmp_path) as here:
            async with here.worker() as worker:
                await online(here)
                here.send("ben", messages()[:3])
                here.send("anna", messages()[:25])
                await here.until_event("anna", "rep", "rep")
            return worker.facts()

    right = Line.take
    monkeypatch.setattr(Line, "take", take)
    facts = asyncio.run(main())
    assert facts.wearers == 1
    assert len(list((tmp_path / "1" / "0").glob("*.line"))) == 1


def test_a_worker_whose_partition_is_taken_over_ends(tmp_path: Path) -> None:
    async def main() -> list[str]:
        said: list[str] = []
        async with hall(tmp_path) as here:
            first = Worker(here.settings, 0, say=said.append)
            working = asyncio.create_task(first.work())
            await online(here)
            async with here.worker(), asyncio.timeout(PATIENCE_S):
                await working
        return said

    assert any("Somebody else counts partition 0" in text for text in asyncio.run(main()))


def test_what_a_worker_says_of_itself_fits_its_schema(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    async def main() -> list[str]:
        async with hall(tmp_path) as here:
            async with here.worker():
                await online(here)
            topic = TOPICS.worker(0)
            await here.until(lambda one: one.topic == topic and "offline" in one.payload)
            return [one.payload for one in here.heard if one.topic == topic]

    check = Draft202012Validator(payloads.schema("fleet_worker"))
    for payload in asyncio.run(main()):
        check.validate(json.loads(payload))


def test_a_fleet_needs_a_broker_and_possible_numbers(tmp_path: Path) -> None:
    make = partial(FleetSettings, snapshots=tmp_path, new_engine=new_engine)
    with pytest.raises(ConfigError, match=r"set broker\.host"):
        make(broker=BrokerSettings())
    with pytest.raises(ConfigError, match="at least 1 partition"):
        make(broker=BrokerSettings(host="127.0.0.1"), partitions=0)
