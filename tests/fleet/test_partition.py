"""Who counts whom: gateways and workers agree by the wearer's name alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from repsense.batches import partition
from repsense.sinks.mqtt.topics import Topics

names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20).filter(
    lambda name: name != "bridge"
)
counts = st.integers(1, 100)


@given(wearer=names, partitions=counts)
def test_all_bands_of_a_wearer_go_to_the_worker_of_the_wearers_partition(
    wearer: str, partitions: int
) -> None:
    topics, part = Topics(), partition(wearer, partitions)
    assert 0 <= part < partitions
    prefix = topics.samples_prefix(part)
    for band in (wearer, f"{wearer}-left"):
        assert topics.samples(wearer, band, partitions) == prefix + band
    others = {topics.samples_prefix(n) for n in range(partitions)} - {prefix}
    assert not any(topics.samples(wearer, wearer, partitions).startswith(one) for one in others)


def test_wearers_spread_evenly() -> None:
    held = Counter(partition(f"wearer-{n}", 16) for n in range(16_000))
    assert len(held) == 16
    assert max(held.values()) < 1.2 * min(held.values())
