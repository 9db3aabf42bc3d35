"""Commands as nobody should send them, for the tests and for ``benchmarks/mqtt_hostile.py``."""

import random
from collections.abc import Collection, Iterator

from repsense.errors import CommandError
from repsense.sinks.mqtt import commands
from repsense.sinks.mqtt.commands import COMMANDS


def hostile(seed: int) -> Iterator[tuple[str, str]]:
    """Yield (topic, payload) for ever: near misses, nonsense, attacks, and some right ones."""
    chance = random.Random(seed)
    wearers = ["anna", "anna", "anna", "ben", "bridge", "", "an na", "anna\x00", "ä" * 300]
    names = [*COMMANDS, "dance", "", "start_set\n", "../state", "__class__", "x" * 500]
    pieces = ["{", "}", "[", "]", '"', "\\", ":", ",", "exercise", "reps", "1e308", "-0", "null"]
    pieces += ["\x00", "\ud7ff", "\u202e", "{{7*7}}", "${jndi:x}", "'; DROP TABLE events;--", "é"]
    fixed = ["", "PRESS", "shrug", "12", "[" * 1000, '{"a":' * 200, "9" * 1000, "x" * 100_000]
    fixed += ['{"exercise":"shrug","exercise":1}', '{"reps":1e400}', "NaN", '{"__proto__":{}}']
    while True:
        made = "".join(chance.choices(pieces, k=chance.randrange(12)))
        payload = chance.choice([made, chance.choice(fixed), chance.randbytes(9).decode("latin-1")])
        yield f"repsense/{chance.choice(wearers)}/command/{chance.choice(names)}", payload


def would_be_done(topic: str, payload: str, exercises: Collection[str]) -> bool:
    """Return whether this is a command to anna that can be carried out, however it came about."""
    if not topic.startswith("repsense/anna/command/"):
        return False
    try:
        fields = commands.parse(topic.rpartition("/")[2], payload).fields
    except CommandError:
        return False
    return fields.get("exercise") is None or fields["exercise"] in exercises
