"""The entities of a wearer and of the bridge, as Home Assistant's MQTT integration wants them.

Each has the fields of that integration's documentation. ``needs_sensor`` is ours:
False means that the entity is there whether or not the wearer's sensor is.
"""

from collections.abc import Sequence
from typing import Any

from repsense.samples import LinkState
from repsense.sinks.live import UNKNOWN_EXERCISE, Phase
from repsense.sinks.mqtt.commands import AUTOMATIC, BUTTON_PRESS, MOST_REPS
from repsense.sinks.mqtt.payloads import OFFLINE, ONLINE
from repsense.sinks.mqtt.topics import EventKind, Topics

Component = dict[str, Any]

# A device trigger makes something happen, so what comes late, after the broker was away, is not
# one any more. The event entities take it all the same.
_STILL_NEWS_S = 60
_NEWS = f"(now() - as_datetime(value_json.at)).total_seconds() < {_STILL_NEWS_S}"

_EVENT_ICONS: dict[EventKind, str] = {
    "rep": "mdi:counter",
    "set": "mdi:flag-checkered",
    "cue": "mdi:bullhorn",
}

_BUTTONS = {
    "start_set": ("Start set", "mdi:play"),
    "end_set": ("End set", "mdi:stop"),
    "undo_rep": ("Undo rep", "mdi:undo"),
    "next_exercise": ("Next exercise", "mdi:skip-next"),
    "calibrate": ("Calibrate", "mdi:tune"),
}


def of_wearer(topics: Topics, wearer: str, exercises: Sequence[str]) -> dict[str, Component]:
    """Return a wearer's components by their key."""
    state = topics.state(wearer)
    made = _counting(state) | _last_rep(state) | _workout(state) | _about_sensor(topics, wearer)
    made["rest"] = _sensor(
        "Rest", topics.rest(wearer), "{{ value }}", icon="mdi:timer-sand", **_SECONDS
    )
    made |= _controls(topics, wearer, exercises)
    made |= _events(topics, wearer)
    return made | _triggers(topics, wearer)


def of_bridge(topics: Topics) -> dict[str, Component]:
    """Return the bridge's components by their key."""
    health = topics.bridge("health")
    about: Component = {"entity_category": "diagnostic", "needs_sensor": False}
    counted = {"state_class": "measurement", **about}
    connection = {
        "platform": "binary_sensor",
        "name": "Connection",
        "state_topic": topics.bridge_state(),
        "value_template": "{{ value_json.state }}",
        "payload_on": ONLINE,
        "payload_off": OFFLINE,
        "device_class": "connectivity",
        "entity_category": "diagnostic",
    }
    return {
        "connection": connection,
        "uptime": _sensor("Uptime", health, _json("uptime_s"), **_SECONDS, **about),
        "sensors": _sensor(
            "Sensors streaming", health, _json("sensors.streaming"), icon="mdi:watch", **counted
        ),
        "data_rate": _sensor(
            "Data rate",
            health,
            _json("samples_per_s"),
            unit_of_measurement="samples/s",
            suggested_display_precision=0,
            icon="mdi:speedometer",
            **counted,
        ),
        "lost_samples": _sensor(
            "Lost samples",
            health,
            _json("lost_samples"),
            unit_of_measurement="samples",
            state_class="total_increasing",
            icon="mdi:signal-off",
            **about,
        ),
        "queue": _sensor(
            "Queue",
            health,
            _json("queue"),
            unit_of_measurement="events",
            icon="mdi:tray-full",
            **counted,
        ),
    }


_SECONDS: Component = {
    "device_class": "duration",
    "unit_of_measurement": "s",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
_TENTHS = _SECONDS | {"suggested_display_precision": 1}
_REPS: Component = {"unit_of_measurement": "reps", "state_class": "measurement"}


def _counting(state: str) -> dict[str, Component]:
    return {
        "reps": _sensor("Reps", state, _json("reps"), icon="mdi:counter", **_REPS),
        "set": _sensor(
            "Set", state, _json("set"), icon="mdi:format-list-numbered", state_class="measurement"
        ),
        "phase": _sensor(
            "Phase",
            state,
            _json("phase"),
            device_class="enum",
            options=[phase.value for phase in Phase],
            icon="mdi:run",
        ),
        "in_set": _binary(
            "In set", state, "{{ value_json.phase == 'set' }}", device_class="running"
        ),
        "recognised": _sensor(
            "Recognised exercise",
            state,
            f"{{{{ None if value_json.exercise == '{UNKNOWN_EXERCISE}' "
            f"else value_json.exercise | replace('_', ' ') | capitalize }}}}",
            icon="mdi:dumbbell",
        ),
        "cue_text": _sensor(
            "Cue text", state, "{{ value_json.cue or '-' }}", icon="mdi:message-text"
        ),
        "resting_since": _sensor(
            "Resting since", state, _json("rest_since"), device_class="timestamp"
        ),
    }


def _last_rep(state: str) -> dict[str, Component]:
    def of_rep(field: str) -> str:
        return f"{{{{ value_json.last_rep.{field} if value_json.last_rep else None }}}}"

    tempo = (
        "{% set rep = value_json.last_rep %}"
        "{{ '%.1f-%.1f-%.1f' | format(rep.lift_s, rep.hold_s, rep.lower_s) if rep else None }}"
    )
    return {
        "momentum": _sensor(
            "Momentum",
            state,
            of_rep("momentum"),
            state_class="measurement",
            suggested_display_precision=2,
            icon="mdi:speedometer",
        ),
        "swing": _binary(
            "Swing",
            state,
            "{{ value_json.last_rep is not none and 'swing' in value_json.last_rep.flags }}",
            device_class="problem",
            icon="mdi:weight-lifter",
        ),
        "tempo": _sensor("Tempo", state, tempo, icon="mdi:metronome"),
        "lift_time": _sensor("Lift time", state, of_rep("lift_s"), **_TENTHS),
        "hold_time": _sensor("Hold time", state, of_rep("hold_s"), **_TENTHS),
        "lower_time": _sensor("Lower time", state, of_rep("lower_s"), **_TENTHS),
    }


def _workout(state: str) -> dict[str, Component]:
    grows: Component = {"state_class": "total_increasing", "needs_sensor": False}
    return {
        "workout_sets": _sensor(
            "Workout sets",
            state,
            _json("totals.sets"),
            unit_of_measurement="sets",
            icon="mdi:format-list-checks",
            **grows,
        ),
        "workout_reps": _sensor(
            "Workout reps",
            state,
            _json("totals.reps"),
            unit_of_measurement="reps",
            icon="mdi:sigma",
            **grows,
        ),
        "week_workouts": _sensor(
            "Week workouts",
            state,
            _json("week.workouts"),
            unit_of_measurement="workouts",
            icon="mdi:calendar-week",
            **grows,
        ),
    }


def _about_sensor(topics: Topics, wearer: str) -> dict[str, Component]:
    state = topics.state(wearer)
    about: Component = {"entity_category": "diagnostic"}
    return {
        "battery": _sensor(
            "Battery",
            state,
            _json("sensor.battery_percent"),
            device_class="battery",
            unit_of_measurement="%",
            state_class="measurement",
            **about,
        ),
        "signal": _sensor(
            "Signal",
            state,
            _json("sensor.rssi_dbm"),
            device_class="signal_strength",
            unit_of_measurement="dBm",
            state_class="measurement",
            **about,
        ),
        "sensor_state": _sensor(
            "Sensor state",
            state,
            _json("sensor.state"),
            device_class="enum",
            options=[link.value for link in LinkState],
            icon="mdi:bluetooth",
            needs_sensor=False,
            **about,
        ),
        "sensor_connection": _binary(
            "Sensor connection",
            topics.availability(wearer),
            None,
            payload_on=ONLINE,
            payload_off=OFFLINE,
            device_class="connectivity",
            needs_sensor=False,
            **about,
        ),
    }


def _controls(topics: Topics, wearer: str, exercises: Sequence[str]) -> dict[str, Component]:
    state = topics.state(wearer)
    made: dict[str, Component] = {
        "exercise": {
            "platform": "select",
            "name": "Exercise",
            "state_topic": state,
            "value_template": f"{{{{ (value_json.chosen_exercise or '{AUTOMATIC}') "
            f"| replace('_', ' ') | capitalize }}}}",
            "command_topic": topics.command(wearer, "exercise"),
            "options": [_words(one) for one in (AUTOMATIC, *exercises)],
            "icon": "mdi:dumbbell",
            "needs_sensor": False,
        },
        "target_reps": {
            "platform": "number",
            "name": "Target reps",
            "state_topic": state,
            "value_template": "{{ value_json.target_reps or 0 }}",
            "command_topic": topics.command(wearer, "target_reps"),
            "min": 0,
            "max": MOST_REPS,
            "step": 1,
            "mode": "box",
            "unit_of_measurement": "reps",
            "icon": "mdi:bullseye-arrow",
            "needs_sensor": False,
        },
    }
    for command, (name, icon) in _BUTTONS.items():
        made[command] = {
            "platform": "button",
            "name": name,
            "command_topic": topics.command(wearer, command),
            "payload_press": BUTTON_PRESS,
            "icon": icon,
            "needs_sensor": False,
        }
    made["calibrate"] |= {"entity_category": "config"}
    return made


def _events(topics: Topics, wearer: str) -> dict[str, Component]:
    def event(
        name: str, kind: EventKind, types: Sequence[str], which: str, fields: Sequence[str]
    ) -> Component:
        kept = ", ".join(f"{field}=value_json.{field}" for field in ("id", "at", *fields))
        return {
            "platform": "event",
            "name": name,
            "state_topic": topics.event(wearer, kind),
            "event_types": list(types),
            "value_template": f"{{% set type = {which} %}}"
            f"{{{{ dict(event_type=type, {kept}) | to_json if type else '' }}}}",
            "icon": _EVENT_ICONS[kind],
            # What was waiting for the broker may come after the sensor has gone.
            "needs_sensor": False,
        }

    rep = ("set", "rep", "lift_s", "hold_s", "lower_s", "momentum", "range", "flags")
    ends = ("set", "reps", "exercise", "flags")
    return {
        "rep": event(
            "Rep",
            "rep",
            ("rep", "provisional"),
            "'provisional' if value_json.provisional else 'rep'",
            rep,
        ),
        "set_finished": event(
            "Set finished",
            "set",
            ("set_finished", "taken_back"),
            "'' if value_json.event != 'set_finished' else "
            "'set_finished' if value_json.reps else 'taken_back'",
            ends,
        ),
        "cue": event("Cue", "cue", ("cue",), "'cue'", ("set", "rep", "cue", "text")),
    }


def _triggers(topics: Topics, wearer: str) -> dict[str, Component]:
    def trigger(kind: EventKind, subtype: str, verb: str, when: str) -> Component:
        return {
            "platform": "device_automation",
            "automation_type": "trigger",
            "type": verb,
            "subtype": subtype,
            "topic": topics.event(wearer, kind),
            "value_template": f"{{{{ 'yes' if {when} and {_NEWS} else 'no' }}}}",
            "payload": "yes",
        }

    ended = "value_json.event == 'set_finished' and value_json.reps > 0"
    return {
        "rep_finished": trigger("rep", "rep", "finished", "not value_json.provisional"),
        "rep_swung": trigger("rep", "rep", "swung", "'swing' in value_json.flags"),
        "set_started": trigger("set", "set", "started", "value_json.event == 'set_started'"),
        "set_ended": trigger("set", "set", "finished", ended),
        "set_clean": trigger("set", "set", "clean", f"{ended} and 'swing' not in value_json.flags"),
        "cue_given": trigger("cue", "cue", "given", "true"),
        "target_reached": trigger("cue", "target", "reached", "value_json.cue == 'reached'"),
    }


def _sensor(name: str, topic: str, template: str, **more: object) -> Component:
    return {
        "platform": "sensor",
        "name": name,
        "state_topic": topic,
        "value_template": template,
        **more,
    }


def _binary(name: str, topic: str, template: str | None, **more: object) -> Component:
    made: Component = {"platform": "binary_sensor", "name": name, "state_topic": topic, **more}
    if template is not None:
        made |= {"value_template": template, "payload_on": "True", "payload_off": "False"}
    return made


def _json(path: str) -> str:
    return f"{{{{ value_json.{path} }}}}"


def _words(identifier: str) -> str:
    return identifier.replace("_", " ").capitalize()
