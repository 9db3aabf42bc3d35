"""What RepSense's own page sends from a phone's browser: DeviceMotion events in batches.

A message is ``{"v": 1, "page": id, "seq": n, "inverted": bool, "s": [[ms, x, y, z], ...]}``: the
event's time in ms on the page's clock, and its ``accelerationIncludingGravity`` in
m/s2 as the browser gave it. ``inverted`` says that it is a browser of iOS, which
gives it with the opposite sign (W3C DeviceOrientation Event, 4.5, has 9.8 up for a
phone that lies on its back; Safari gives -9.8).
"""

from collections.abc import Iterator

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.phone.fields import count, entries, number, parse, shown, table, vector
from repsense.sources.phone.units import force_g
from repsense.sources.pushed import Heard, NewStream

TITLE = "Phone's browser"
VERSION = 1
_COLUMNS = ("x", "y", "z")
# A page sends ten times a second, so this is many seconds of the fastest phone.
_MOST_EVENTS = 2000


class MotionPageDecoder:
    """Read the messages of one page after the other; the newest page counts."""

    def __init__(self) -> None:
        self._page = ""
        self._next_seq = 0

    @property
    def title(self) -> str:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return TITLE

    @property
    def rate_hz(self) -> float:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return 60.0

    @property
    def knows_losses(self) -> bool:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return False

    def feed(self, message: str | bytes, now_s: float) -> Iterator[Heard]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        del now_s
        fields = parse(message, title=TITLE)
        if fields.get("v") != VERSION:
            raise DecodeError(
                f"The phone shows a page of another version ({shown(fields.get('v'))}): load it "
                f"again."
            )
        page, seq = str(fields.get("page"))[:64], count(fields.get("seq"), what="seq")
        anew = page != self._page
        if not anew and seq < self._next_seq:
            return iter(())
        batch = _batch(fields)
        self._page, self._next_seq = page, seq + 1
        return iter([NewStream(), batch] if anew else [batch])

    def tick(self, now_s: float) -> Iterator[Heard]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        del now_s
        return iter(())


def _batch(fields: dict[str, object]) -> Batch:
    events = entries(fields.get("s"), what="s")
    if len(events) > _MOST_EVENTS:
        raise DecodeError(f"A page sent {len(events)} events at once; {_MOST_EVENTS} are the most.")
    rows = [_row(entries(event, what="an event")) for event in events]
    numbers = table(rows, 4)
    accel_g = force_g(numbers[:, 1:], is_g=False, title=TITLE)
    inverted = fields.get("inverted") is True
    return Batch(accel_g=-accel_g if inverted else accel_g, device_s=numbers[:, 0] / 1000.0)


def _row(event: object) -> list[float]:
    cells = entries(event, what="an event")
    if len(cells) != 4:
        raise DecodeError(f"An event of a page has {len(cells)} numbers instead of 4.")
    xyz = dict(zip(_COLUMNS, cells[1:], strict=True))
    return [_ms(cells[0]), *vector(xyz, _COLUMNS, what="an event")]


def _ms(value: object) -> float:
    at_ms = number(value, what="the time of an event")
    if not 0 <= at_ms < 1e13:  # ms since a page was loaded, or since 1970
        raise DecodeError(f"The time of an event is {at_ms:.4g} ms, which no browser says.")
    return at_ms
