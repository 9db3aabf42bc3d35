"""How long to wait before the next try: pure, so that it can be read off a table."""

from enum import Enum

# A wearer who walked out of reach is back within seconds, and searching costs the phone-sized
# battery of nobody: the cap is what keeps a log readable.
_LONGEST_S = 30.0


class Trouble(Enum):
    """Why a try ended; the value is the wait after the first time, in s."""

    #: It streamed, and the connection broke: the set is still going on.
    DROPPED = 0.0
    #: It was heard, but the connection was not made: radios need a moment to let go.
    NOT_CONNECTED = 0.5
    #: It is connected and says nothing, or refuses: asking at once again annoys both.
    NOT_STREAMING = 2.0
    #: Bluetooth itself is away: a person has to do something.
    NO_ADAPTER = 5.0


def wait_s(trouble: Trouble, times: int) -> float:
    """Return how long to wait after trouble that came ``times`` times in a row, in s.

    Doubles each time up to half a minute. The first reconnection after a drop
    starts at once, the next ones as if the connection had not been made.
    """
    first_s = trouble.value
    if trouble is Trouble.DROPPED:
        first_s, times = Trouble.NOT_CONNECTED.value, times - 1
    if times < 1:
        return 0.0
    # The exponent is capped too: 2.0 ** 1100 would overflow after a week out of reach.
    return float(min(first_s * 2.0 ** min(times - 1, 10), _LONGEST_S))
