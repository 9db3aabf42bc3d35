"""A sensor near another machine, whose samples come in a gateway's messages."""

from collections.abc import Iterator

from repsense.batches import Batch, decode
from repsense.errors import DecodeError
from repsense.samples import LinkReport, SampleBlock
from repsense.sources.ble.drivers import base
from repsense.sources.pushed import Heard, NewStream


class RemoteDecoder:
    """Read the messages of a gateway, and count what did not arrive.

    A message that comes twice is dropped. When the gateway starts anew its stream is
    another one; samples lost between the two are not known to anyone.
    """

    def __init__(self) -> None:
        self._stream: str | None = None
        self._next_seq = 0
        self._next_sample = 0

    @property
    def title(self) -> str:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return "Gateway"

    @property
    def rate_hz(self) -> float:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return 50.0

    @property
    def knows_losses(self) -> bool:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return True

    def feed(self, message: str | bytes, now_s: float) -> Iterator[Heard]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        del now_s
        batch = decode(message)
        anew = batch.stream != self._stream
        if not anew and batch.seq < self._next_seq:
            return iter(())
        missing = 0 if anew else batch.first - self._next_sample
        if missing < 0:
            raise DecodeError(
                f"A gateway counts samples backwards ({batch.first} after {self._next_sample}): do "
                f"two of them send for the same wearer?"
            )
        self._stream, self._next_seq = batch.stream, batch.seq + 1
        if isinstance(batch.content, SampleBlock):
            self._next_sample = batch.first + len(batch.content)
        elif anew:
            self._next_sample = batch.first
        return self._items(batch, anew=anew, missing=missing)

    def has_taken(self, message: str | bytes) -> bool:
        """Say whether a message of the newest stream has come before.

        Raises
        ------
        DecodeError
            When it is no message of a gateway.
        """
        batch = decode(message)
        return batch.stream == self._stream and batch.seq < self._next_seq

    def tick(self, now_s: float) -> Iterator[Heard]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        del now_s
        return iter(())

    def _items(self, batch: Batch, *, anew: bool, missing: int) -> Iterator[Heard]:
        if anew:
            yield NewStream()
        content = batch.content
        if isinstance(content, LinkReport):
            yield content
            return
        yield base.Batch(
            accel_g=content.accel_g,
            gyro_dps=content.gyro_dps,
            device_s=content.t_s,
            lost=content.lost + missing,
        )
