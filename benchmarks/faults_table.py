"""What a fault is to this harness, and how its results are shown."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how long a fault is played.

    Parameters
    ----------
    folder
        An empty folder of its own.
    short
        Play little, for a test of some seconds.
    """

    folder: Path
    short: bool = False

    @property
    def sets(self) -> int:
        """How many sets are lifted."""
        return 1 if self.short else 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: nothing wrong, or what; and figures."""

    wrong: list[str] = field(default_factory=list)
    facts: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what is promised when it happens, and what plays it.

    Parameters
    ----------
    alone
        It changes what others look at, so that nothing else may run beside it.
    brief
        It is part of the short run.
    """

    name: str
    promise: str
    play: Callable[[random.Random, Place], Seen]
    alone: bool = False
    brief: bool = True
