"""Every MQTT payload has one builder here and one JSON schema in ``schemas/``."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from repsense.events import (
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormCue,
    PlanFinished,
    RepFinished,
    SetDue,
    SetFinished,
    SetStarted,
    WorkoutFinished,
    to_dict,
)
from repsense.sinks.base import Notice
from repsense.sinks.live import LastRep, LiveState, SetSummary
from repsense.sinks.mqtt.commands import COMMANDS
from repsense.sinks.mqtt.topics import EventKind

ONLINE = "online"
OFFLINE = "offline"

SCHEMAS = (
    *("state", "rep", "set", "cue", "rest", "availability", "command", "response"),
    *("bridge_state", "bridge_info", "bridge_health", "bridge_logging", "fleet_worker"),
)

_DECIMALS = 3


@cache
def _schema_text(name: str) -> str:
    folder = resources.files("repsense.sinks.mqtt") / "schemas"
    return (folder / f"{name}.json").read_text(encoding="utf-8")


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of one payload; names are in ``SCHEMAS``."""
    loaded: dict[str, Any] = json.loads(_schema_text(name))
    return loaded


def state(live: LiveState, *, week_workouts: int | None = None) -> str:
    """Return the retained state of a wearer: all that a dashboard wants to show.

    ``week_workouts`` counts this week's workouts; None where no history is kept.
    """
    return _json(
        {
            "wearer": live.wearer,
            "updated_at": _iso(live.updated_at),
            "phase": live.phase,
            "set": live.set,
            "reps": live.reps,
            "provisional": live.provisional,
            "exercise": live.exercise,
            "exercise_confidence": _rounded(live.exercise_confidence),
            "last_rep": _last_rep(live.last_rep),
            "cue": live.cue,
            "chosen_exercise": live.chosen_exercise,
            "target_reps": live.target_reps,
            "due": _due(live.due),
            "set_started_at": _iso(live.set_started_at),
            "rest_since": _iso(live.rest_since),
            "workout_started_at": _iso(live.workout_started_at),
            "last_set": _last_set(live.last_set),
            "totals": {"sets": live.total_sets, "reps": live.total_reps},
            "week": {"workouts": week_workouts},
            "sensor": {
                "name": live.sensor,
                "state": live.sensor_state,
                "detail": live.sensor_detail,
                "lost_s": _rounded(live.lost_s),
                "battery_percent": live.battery_percent,
                "rssi_dbm": live.rssi_dbm,
                "lost_samples": live.lost_samples,
            },
        }
    )


def event_kind(event: Event) -> EventKind | None:
    """Return which of the event topics an event goes to; None: only the state says it."""
    match event:
        case RepFinished():
            return "rep"
        case FormCue():
            return "cue"
        case SetStarted() | SetFinished() | CountCorrected():
            return "set"
        case ExerciseRecognised() | WorkoutFinished() | SetDue() | PlanFinished():
            return "set"
        case _:
            return None


def event(notice: Notice) -> str:
    """Return an event as published: who, when, its unique id, and the event's own fields."""
    head = {"id": notice.event_id, "wearer": notice.wearer, "at": _iso(notice.at_utc)}
    return _json(head | to_dict(notice.event))


def availability(*, available: bool) -> str:
    """Return the plain text that Home Assistant expects of an availability topic."""
    return ONLINE if available else OFFLINE


def bridge_state(*, online: bool) -> str:
    """Return what the service says about itself; ``offline`` is also its last will."""
    return _json({"state": ONLINE if online else OFFLINE})


def rest(seconds: float) -> str:
    """Return the rest clock as plain text: whole seconds, 0 unless resting."""
    return str(max(round(seconds), 0))


def bridge_info(
    *,
    version: str,
    started_at: datetime,
    protocol: str,
    base_topic: str,
    discovery_prefix: str | None,
    wearers: Sequence[str],
    exercises: Sequence[str],
) -> str:
    """Return what the service is; ``discovery_prefix`` is None where discovery is off."""
    return _json(
        {
            "version": version,
            "started_at": _iso(started_at),
            "mqtt": protocol,
            "base_topic": base_topic,
            "discovery_prefix": discovery_prefix,
            "wearers": list(wearers),
            "exercises": list(exercises),
            "commands": list(COMMANDS),
        }
    )


def bridge_health(
    *,
    uptime_s: float,
    streaming: int,
    sensors: int,
    samples_per_s: float,
    lost_samples: int,
    queue: int,
    dropped: int,
    wearers: Mapping[str, tuple[str, float]],
) -> str:
    """Return how the service does; ``wearers`` gives each one's sensor state and data rate."""
    return _json(
        {
            "at": _iso(datetime.now(UTC)),
            "uptime_s": round(uptime_s),
            "sensors": {"streaming": streaming, "total": sensors},
            "samples_per_s": round(samples_per_s, 1),
            "lost_samples": lost_samples,
            "queue": queue,
            "dropped_events": dropped,
            "wearers": {
                name: {"sensor": state, "samples_per_s": round(rate, 1)}
                for name, (state, rate) in wearers.items()
            },
        }
    )


def fleet_worker(*, part: int, partitions: int, facts: Mapping[str, str | int | float]) -> str:
    """Return how a worker of a fleet does; without facts it is away, as its last will says."""
    head = {"state": ONLINE if facts else OFFLINE, "part": part, "partitions": partitions}
    rounded = {
        key: _rounded(fact) if isinstance(fact, float) else fact for key, fact in facts.items()
    }
    return _json(head | rounded)


def bridge_logging(level: str, message: str) -> str:
    """Return a sentence that the service says."""
    return _json({"at": _iso(datetime.now(UTC)), "level": level, "message": message})


def response(
    *, wearer: str, command: str, transaction: str | int | None, refusal: str | None
) -> str:
    """Return the answer to a command; ``refusal`` says why it is refused, None that it is not."""
    return _json(
        {
            "at": _iso(datetime.now(UTC)),
            "wearer": wearer,
            "command": command,
            "status": "ok" if refusal is None else "refused",
            "reason": refusal,
            "transaction": transaction,
        }
    )


def _last_rep(last: LastRep | None) -> dict[str, Any] | None:
    if last is None:
        return None
    rep = last.measured
    return {
        "rep": last.rep,
        "lift_s": _rounded(rep.lift_s),
        "hold_s": _rounded(rep.hold_s),
        "lower_s": _rounded(rep.lower_s),
        "momentum": _rounded(rep.momentum),
        "range": _rounded(rep.range),
        "flags": list(rep.flags),
    }


def _due(due: SetDue | None) -> dict[str, Any] | None:
    if due is None:
        return None
    fields = to_dict(due)
    del fields["event"], fields["announced_s"]
    return fields


def _last_set(summary: SetSummary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    return {
        "id": summary.event_id,
        "set": summary.set,
        "reps": summary.reps,
        "exercise": summary.exercise,
        "exercise_confidence": _rounded(summary.exercise_confidence),
        "started_at": _iso(summary.started_at),
        "ended_at": _iso(summary.ended_at),
        "duration_s": _rounded(summary.duration_s),
        "lift_s": _rounded(summary.lift_s),
        "hold_s": _rounded(summary.hold_s),
        "lower_s": _rounded(summary.lower_s),
        "momentum": _rounded(summary.momentum),
        "flags": list(summary.flags),
        "under_tension_s": _rounded(summary.under_tension_s),
    }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rounded(value: float) -> float:
    return round(value, _DECIMALS)


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
