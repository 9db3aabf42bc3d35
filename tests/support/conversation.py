"""A sensor to talk to, for scripts: it answers each step by a function."""

from collections.abc import Callable

import pytest

from repsense.errors import CharacteristicMissingError
from repsense.sources.ble.drivers.base import Script, Step

Peer = Callable[[Step], bytes]
_MOST_STEPS = 200


def silent_peer(step: Step) -> bytes:
    """Answer everything with nothing."""
    del step
    return b""


def converse(script: Script, peer: Peer = silent_peer) -> list[Step]:
    """Return the steps of a whole conversation; a peer may raise CharacteristicMissingError."""
    said: list[Step] = []
    try:
        step = next(script)
        while len(said) < _MOST_STEPS:
            said.append(step)
            try:
                answer = peer(step)
            except CharacteristicMissingError as missing:
                step = script.throw(missing)
            else:
                step = script.send(answer)
    except StopIteration:
        return said
    pytest.fail(f"the script does not end: {said[-3:]}")
