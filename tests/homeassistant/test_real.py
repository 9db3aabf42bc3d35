"""RepSense as a real Home Assistant sees it, over a real Mosquitto.

``scripts/test`` makes a Home Assistant where a Python can be had that it runs
under, and names it in REPSENSE_HOME_ASSISTANT. Elsewhere these are skipped.
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made_reps import made_rep

from repsense.events import (
    Chosen,
    Event,
    FormCue,
    FormFlag,
    RepFinished,
    SensorState,
    SetFinished,
    SetStarted,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.samples import LinkState
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.homeassistant import Discovery
from repsense.sinks.mqtt.mosquitto import find_mosquitto, free_port
from repsense.sinks.mqtt.removal import remove
from repsense.sinks.mqtt.settings import BrokerSettings, HomeAssistantSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.mqtt.topics import Topics

PYTHON = os.environ.get("REPSENSE_HOME_ASSISTANT", "")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "homeassistant"
SETTINGS = HomeAssistantSettings()
EXERCISES = tuple(load_catalogue())

pytestmark = [
    pytest.mark.skipif(
        not PYTHON,
        reason="no Home Assistant here: scripts/test makes one where it finds Python 3.13",
    ),
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]

REP = made_rep(1.0, FormFlag.SWING, hold_s=0.5, lower_s=2.5, momentum=0.75)


class House:
    """A Home Assistant and a broker, for all tests of this file."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        program = find_mosquitto() or "mosquitto"
        # Nobody reads the log after the start, so it must stay short.
        log = ("log_type information", "connection_messages false")
        lines = (f"listener {self.port} 127.0.0.1", "allow_anonymous true", "user root", *log)
        (folder / "mosquitto.conf").write_text("\n".join(lines), "utf-8")
        self._broker = subprocess.Popen(
            [program, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.PIPE, text=True
        )
        assert self._broker.stderr is not None
        assert any(" running" in line for line in self._broker.stderr)
        config = folder / "config"
        config.mkdir()
        (config / "configuration.yaml").write_text(
            "homeassistant:\n  name: Test\n  time_zone: UTC\n"
            f"http:\n  server_host: 127.0.0.1\n  server_port: {free_port()}\n"
            "automation: !include automations.yaml\n",
            "utf-8",
        )
        self.automations = config / "automations.yaml"
        self.automations.write_text("[]", "utf-8")
        self._home = subprocess.Popen(
            [PYTHON, "-I", str(Path(__file__).with_name("inside.py")), str(config), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.version = self._answer()["ready"]

    @property
    def broker(self) -> BrokerSettings:
        return BrokerSettings(host="127.0.0.1", port=self.port)

    async def ask(self, do: str, **more: object) -> Any:  # noqa: ANN401 - whatever it answers
        return await asyncio.to_thread(self._ask, do, more)

    def _ask(self, do: str, more: dict[str, object]) -> Any:  # noqa: ANN401 - as above
        assert self._home.stdin is not None
        print(json.dumps({"do": do, **more}), file=self._home.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - as above
        assert self._home.stdout is not None
        line = self._home.stdout.readline()
        assert line, "Home Assistant has ended"
        return json.loads(line)

    def close(self) -> None:
        self._home.communicate(timeout=60)
        self._broker.kill()
        self._broker.communicate()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


class Wearer:
    """Somebody who trains, as the sinks are told."""

    def __init__(self, sink: MqttSink, name: str) -> None:
        self.sink, self.name, self._told = sink, name, 0

    def say(self, *events: Event) -> None:
        for event in events:
            self._told += 1
            self.sink.take(
                Notice(
                    wearer=self.name,
                    event=event,
                    at_utc=datetime.now(UTC),
                    event_id=f"{id(self)}-{self._told}",
                )
            )

    def entity(self, what: str) -> str:
        platform, name = what.split(".")
        return f"{platform}.repsense_{self.name}_{name}"


@asynccontextmanager
async def training(
    house: House, name: str = "anna", commands: list[Any] | None = None
) -> AsyncIterator[Wearer]:
    def on_command(_: str, command: str, fields: Any) -> None:  # noqa: ANN401 - any fields
        if commands is not None:
            commands.append((command, dict(fields)))

    sink = MqttSink(
        house.broker,
        wearers=[name],
        home_assistant=SETTINGS,
        exercises=EXERCISES,
        on_command=on_command,
    )
    await sink.start()
    wearer = Wearer(sink, name)
    wearer.say(
        SensorState(
            sensor="band",
            state=LinkState.STREAMING,
            detail="",
            announced_s=0.0,
            battery_percent=80,
            rssi_dbm=-61,
        )
    )
    await house.ask("wait", entity=wearer.entity("sensor.reps"), state="0")
    yield wearer
    await sink.stop()


def test_every_entity_appears_under_the_name_the_examples_use(house: House) -> None:
    async def scenario() -> None:
        async with training(house):
            registered = {one["unique_id"]: one for one in await house.ask("entities")}
            discovery = Discovery(
                settings=SETTINGS, topics=Topics(), exercises=EXERCISES, version=""
            )
            wanted = {
                one["unique_id"]: one
                for text in discovery.messages(["anna"]).values()
                for one in json.loads(text)["components"].values()
                if "unique_id" in one
            }
            assert {
                key: one["entity_id"] for key, one in registered.items() if "_anna_" in key
            } == {key: one["default_entity_id"] for key, one in wanted.items() if "_anna_" in key}
            assert wanted.keys() <= registered.keys()
            for key, one in wanted.items():
                assert registered[key]["category"] == one.get("entity_category")
                assert registered[key]["disabled"] == (not one.get("enabled_by_default", True))
            devices = {one["name"]: one["via"] for one in await house.ask("devices")}
            assert devices["RepSense bridge"] is False
            assert devices["RepSense anna"] is True

    asyncio.run(scenario())


def test_states_follow_a_set(house: House) -> None:
    async def scenario() -> None:
        async with training(house) as anna:
            anna.say(
                SetStarted(set=1, t_s=1.0, announced_s=4.0),
                RepFinished(set=1, rep=1, measured=REP, announced_s=5.0),
                RepFinished(set=1, rep=2, measured=REP, announced_s=9.0),
            )
            await house.ask("wait", entity=anna.entity("sensor.reps"), state="2")
            anna.sink.show_week("anna", 3)
            await house.ask("wait", entity=anna.entity("sensor.week_workouts"), state="3")
            states = await house.ask("states")
            shown = {
                what: states[anna.entity(what)]["state"]
                for what in (
                    *("sensor.set", "sensor.phase", "sensor.momentum", "sensor.tempo"),
                    *("sensor.battery", "sensor.signal", "sensor.sensor_state", "sensor.rest"),
                    *("binary_sensor.swing", "binary_sensor.in_set"),
                    *("binary_sensor.sensor_connection", "select.exercise", "number.target_reps"),
                )
            }
            assert shown == {
                "sensor.set": "1",
                "sensor.phase": "set",
                "sensor.momentum": "0.75",
                "sensor.tempo": "1.0-0.5-2.5",
                "sensor.battery": "80",
                "sensor.signal": "-61",
                "sensor.sensor_state": "streaming",
                "sensor.rest": "0",
                "binary_sensor.swing": "on",
                "binary_sensor.in_set": "on",
                "binary_sensor.sensor_connection": "on",
                "select.exercise": "Automatic",
                "number.target_reps": "0",
            }
            end = SetFinished(
                set=1, reps=2, start_s=1.0, end_s=9.0, announced_s=15.0, rep_details=(REP, REP)
            )
            anna.say(end, Chosen(exercise="front_raise", target_reps=12, announced_s=15.0))
            for what, state in (
                ("sensor.phase", "rest"),
                ("sensor.workout_reps", "2"),
                ("select.exercise", "Front raise"),
                ("number.target_reps", "12"),
            ):
                answer = await house.ask("wait", entity=anna.entity(what), state=state)
                assert answer["state"] == state
            resting = (await house.ask("states"))[anna.entity("sensor.resting_since")]["state"]
            datetime.fromisoformat(resting)

    asyncio.run(scenario())


def test_events_and_triggers_happen_once_and_old_news_trigger_nothing(house: House) -> None:
    async def scenario() -> None:
        async with training(house, "ben") as ben:
            triggers = await house.ask("attach_triggers", device="RepSense ben")
            assert triggers == [
                *("cue given", "rep finished", "rep swung", "set clean"),
                *("set finished", "set started", "target reached"),
            ]
            ben.say(
                SetStarted(set=1, t_s=1.0, announced_s=4.0),
                RepFinished(set=1, rep=1, measured=REP, announced_s=5.0, provisional=True),
                RepFinished(set=1, rep=1, measured=REP, announced_s=9.0),
                FormCue(set=1, rep=1, cue="swing", text="Calmly.", announced_s=9.0),
            )
            rep = await house.ask(
                "wait_attribute", entity=ben.entity("event.rep"), name="event_type", value="rep"
            )
            assert (rep["attributes"]["rep"], rep["attributes"]["flags"]) == (1, ["swing"])
            await house.ask(
                "wait_attribute", entity=ben.entity("event.cue"), name="text", value="Calmly."
            )
            clean = replace(REP, flags=())
            ben.say(
                SetFinished(
                    set=1, reps=1, start_s=1.0, end_s=4.0, announced_s=12.0, rep_details=(clean,)
                )
            )
            await house.ask(
                "wait_attribute", entity=ben.entity("event.set_finished"), name="reps", value=1
            )
            old = Notice(
                wearer="ben",
                event=RepFinished(set=1, rep=5, measured=REP, announced_s=20.0),
                at_utc=datetime(2026, 1, 1, tzinfo=UTC),
                event_id="old",
            )
            ben.sink.take(old)
            late = await house.ask(
                "wait_attribute", entity=ben.entity("event.rep"), name="rep", value=5
            )
            assert late["attributes"]["at"] == "2026-01-01T00:00:00.000Z"
            assert sorted(await house.ask("fired")) == [
                *("cue given", "rep finished", "rep swung", "rep swung"),
                *("set clean", "set finished", "set started"),
            ]

    asyncio.run(scenario())


def test_buttons_numbers_and_the_select_command(house: House) -> None:
    async def scenario() -> list[Any]:
        commands: list[Any] = []
        async with training(house, commands=commands) as anna:
            for button in ("start_set", "end_set", "undo_rep", "next_exercise"):
                entity = anna.entity(f"button.{button}")
                await house.ask(
                    "call", domain="button", service="press", data={"entity_id": entity}
                )
            await house.ask(
                "call",
                domain="number",
                service="set_value",
                data={"entity_id": anna.entity("number.target_reps"), "value": 12},
            )
            for option in ("Front raise", "Automatic"):
                await house.ask(
                    "call",
                    domain="select",
                    service="select_option",
                    data={"entity_id": anna.entity("select.exercise"), "option": option},
                )
            anna.say(Chosen(exercise=None, target_reps=7, announced_s=1.0))
            await house.ask("wait", entity=anna.entity("number.target_reps"), state="7")
        return commands

    assert asyncio.run(scenario()) == [
        *(("start_set", {}), ("end_set", {}), ("undo_rep", {}), ("next_exercise", {})),
        ("target_reps", {"reps": 12}),
        ("exercise", {"exercise": "front_raise"}),
        ("exercise", {"exercise": None}),
    ]


def test_availability_follows_the_sensor_and_the_bridge(house: House) -> None:
    async def scenario() -> None:
        async with training(house) as anna:
            reps, button = anna.entity("sensor.reps"), anna.entity("button.undo_rep")
            lost = SensorState(sensor="band", state=LinkState.LOST, detail="", announced_s=1.0)
            anna.say(lost)
            assert (await house.ask("wait", entity=reps, state="unavailable"))["state"]
            assert (await house.ask("states"))[button]["state"] != "unavailable"
        for entity in (button, "sensor.repsense_bridge_queue"):
            answer = await house.ask("wait", entity=entity, state="unavailable")
            assert answer["state"] == "unavailable"
        bridge = "binary_sensor.repsense_bridge_connection"
        assert (await house.ask("wait", entity=bridge, state="off"))["state"] == "off"

    asyncio.run(scenario())


def test_the_automations_of_the_examples_do_what_they_say(house: House) -> None:
    shutil.copy(EXAMPLES / "automations.yaml", house.automations)

    async def scenario() -> None:
        async with training(house) as anna:
            await house.ask("call", domain="automation", service="reload", data={})
            every_fifth = "automation.repsense_say_every_fifth_rep"
            await house.ask(
                "call", domain="automation", service="turn_on", data={"entity_id": every_fifth}
            )
            states = await house.ask("states")
            names = [entity for entity in states if entity.startswith("automation.")]
            assert len(names) == 6
            assert {states[name]["state"] for name in names} == {"on"}
            anna.say(SetStarted(set=1, t_s=1.0, announced_s=4.0))
            for number in range(1, 6):
                one = RepFinished(set=1, rep=number, measured=REP, announced_s=4.0 * number + 4.0)
                anna.say(one)
                await house.ask(
                    "wait_attribute", entity=anna.entity("event.rep"), name="rep", value=number
                )
            clean = replace(REP, flags=())
            end = SetFinished(
                set=1, reps=1, start_s=1.0, end_s=4.0, announced_s=30.0, rep_details=(clean,)
            )
            anna.say(end)
            await house.ask(
                "wait_attribute", entity=anna.entity("event.set_finished"), name="reps", value=1
            )
            anna.sink.link.keep("repsense/anna/rest", "90")
            await house.ask("wait", entity=anna.entity("sensor.rest"), state="90")
            anna.sink.show_week("anna", 2)
            anna.sink.show_week("anna", 3)
            await house.ask("wait", entity=anna.entity("sensor.week_workouts"), state="3")
        calls = await house.ask("calls")
        spoken = [one["data"]["message"] for one in calls if one["service"] == "tts.speak"]
        assert sorted(map(str, spoken)) == ["1", "2", "3", "4", "5", "5", "Rest is over."]
        lights = [one["data"]["color_name"] for one in calls if one["service"] == "light.turn_on"]
        assert lights == ["red", "green"]
        notes = [one["data"]["message"] for one in calls if one["service"] == "notify.notify"]
        assert notes == ["Three workouts this week. Well done, Anna!"]

    asyncio.run(scenario())


def test_a_wearer_is_removed_and_comes_back_and_all_are_removed(house: House) -> None:
    async def scenario() -> None:
        async with training(house), training(house, "ben"):
            pass
        removed = await remove(house.broker, SETTINGS, wearer="ben")
        assert removed.devices == ("homeassistant/device/repsense_ben/config",)
        gone = await house.ask("wait_gone", entity="sensor.repsense_ben_reps")
        assert gone["state"] is None
        assert "sensor.repsense_anna_reps" in await house.ask("states")
        async with training(house, "ben"):
            pass
        assert not (await remove(house.broker, SETTINGS)).running
        for name in ("anna_reps", "ben_reps", "bridge_queue"):
            gone = await house.ask("wait_gone", entity=f"sensor.repsense_{name}")
            assert gone["state"] is None
        names = {one["name"] for one in await house.ask("devices")}
        assert not any(name.startswith("RepSense") for name in names)

    asyncio.run(scenario())


def test_home_assistant_complains_of_nothing(house: House) -> None:
    # Home Assistant clears a removed device with triggers once more, and warns of its own message.
    own = "No device components to cleanup"
    complaints = [one for one in asyncio.run(house.ask("complaints")) if own not in one]
    assert not complaints, "\n".join(complaints)
