"""Lets the wearer feel on the wrist what the coach would otherwise only show."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from repsense.events import FormCue
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sources.ble.drivers.base import Feedback

# Cues of the coach that a buzz can say; more kinds of buzz nobody could tell apart.
_FELT = {"reached": Feedback.TARGET_REACHED, "swing": Feedback.SWING}


class Wrist(Protocol):
    """A sensor that may be able to buzz."""

    def feel(self, kind: Feedback) -> None:
        """Let the wearer feel it, where that is possible."""
        ...


class WristSink:
    """Pass cues on to the bands of their wearer.

    Parameters
    ----------
    wrists
        The bands of each wearer.
    """

    def __init__(self, wrists: Mapping[str, Sequence[Wrist]]) -> None:
        self._wrists = wrists

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Buzz for the cues that are felt."""
        if isinstance(notice.event, FormCue) and notice.event.cue in _FELT:
            for wrist in self._wrists.get(notice.wearer, ()):
                wrist.feel(_FELT[notice.event.cue])

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing."""
