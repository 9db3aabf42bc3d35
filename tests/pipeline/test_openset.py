"""The cycles of a set that is longer than what the search still holds."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.openset import CHECK, complete

KEPT = (Cycle(500, 600), Cycle(600, 700), Cycle(700, 800))


def chain_from(start: int, reps: int) -> Chain:
    """Return a chain of equal reps since ``start`` of which only the newest are kept."""
    return Chain(cycles=KEPT, start=start, reps=reps, score=9.0)


def test_what_was_known_before_stays() -> None:
    known = [Cycle(200, 300), Cycle(310, 400), Cycle(400, 500), Cycle(500, 600)]

    assert complete(chain_from(200, 6), known) == [*known[:3], *KEPT]


def test_a_rep_nobody_knew_lies_where_there_is_room_for_it() -> None:
    known = [Cycle(200, 300), Cycle(400, 500)]

    assert complete(chain_from(200, 6), known) == [
        Cycle(200, 300),
        Cycle(300, 400),
        Cycle(400, 500),
        *KEPT,
    ]


def test_reps_are_spread_evenly_where_those_known_leave_no_room() -> None:
    known = [Cycle(200, 350), Cycle(350, 500)]

    assert complete(chain_from(200, 6), known)[:3] == [
        Cycle(200, 300),
        Cycle(300, 400),
        Cycle(400, 500),
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    borders=st.lists(st.integers(0, 520), max_size=24, unique=True).map(sorted),
    start=st.integers(0, 440),
    missing=st.integers(0, 12),
)
def test_a_chain_has_as_many_cycles_as_it_says_and_no_slivers(
    borders: list[int], start: int, missing: int
) -> None:
    pairs = zip(borders[::2], borders[1::2], strict=False)
    known = [Cycle(a, b) for a, b in pairs if b - a > CHECK]

    cycles = complete(chain_from(start, missing + len(KEPT)), known)

    assert len(cycles) == missing + len(KEPT)
    assert tuple(cycles[missing:]) == KEPT
    assert all(a.start <= b.start for a, b in pairwise(cycles))
    shortest = min([b - a for a, b in known], default=1)
    even = (KEPT[0].start - start) // max(missing, 1)
    assert all(b - a >= min(shortest // 2, even) for a, b in cycles[:missing])
