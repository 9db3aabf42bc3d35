"""What sensors and the air do wrong, what is promised then, and what was seen."""

import asyncio
import random
import struct
from dataclasses import replace

import numpy as np
from faults_air import Driver, Scene, Session, over_the_air, session
from faults_table import Fault, Place, Seen

from repsense.samples import LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Timing

_HZ = 50.0
# Said within these, s: a drop at once, silence when two of the longest batches are missing.
_LOST_SAID_S, _SILENT_SAID_S = 1.0, 5.0
# From being back in reach, or answering again, to samples, s.
_BACK_S, _AWAKE_S = 8.0, 15.0
_RANGE_G = 1.3
# Packets in order, as close as the event loop can tell apart.
_APART_S = 1e-6
_CUT = struct.Struct("<dd")


def _seen(
    told: Session, scene: Scene, *, slack: int = 0, hit: int | None = None, **facts: float | str
) -> Seen:
    """Judge the counts: all as without the fault, but for ``slack`` reps and the set that is hit.

    That one may not have more reps; the engine learns from each set, so that those
    after it may differ by one.
    """
    slack = slack if hit is None else 1
    expected, counted = told.reps, told.reps_of(scene.sets)
    wrong = scene.sound()
    for number, (want, got) in enumerate(zip(expected, counted, strict=True)):
        if number == hit:
            wrong += [f"set {number + 1} has {got} reps, more than {want}"] if got > want else []
        elif abs(want - got) > slack:
            wrong.append(f"set {number + 1} has {got} reps, not {want}")
    told_facts = {name: round(x, 3) if isinstance(x, float) else x for name, x in facts.items()}
    return Seen(wrong, {"reps": f"{counted} of {expected}", **told_facts})


def _late(seen: Seen, what: str, took_s: float, most_s: float) -> Seen:
    if not took_s <= most_s:
        seen.wrong.append(f"{what} took {took_s:.1f} s, promised {most_s:g}")
    return replace(seen, facts={**seen.facts, f"{what}_s": round(float(took_s), 2)})


def lost(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    at_s, away_s = told.inside_s(0), chance.uniform(5.0, 15.0)

    async def leave(scene: Scene) -> None:
        await asyncio.sleep(at_s)
        scene.radio.out_of_reach.add(scene.band.address)
        scene.band.drop()
        await asyncio.sleep(away_s)
        scene.radio.out_of_reach.clear()

    scene = over_the_air(told.block, script=leave)
    seen = _seen(told, scene, hit=0, away_s=away_s)
    seen = _late(seen, "said", scene.seen_after_s(LinkState.LOST, at_s), _LOST_SAID_S)
    back_s = scene.seen_after_s(LinkState.STREAMING, at_s + away_s)
    return _late(seen, "back", back_s, _BACK_S)


def silent(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    at_s, quiet_s = told.inside_s(0), chance.uniform(6.0, 25.0)

    async def hush(scene: Scene) -> None:
        await asyncio.sleep(at_s)
        scene.band.mute = True
        await asyncio.sleep(quiet_s)
        scene.band.mute = False

    scene = over_the_air(told.block, script=hush)
    seen = _seen(told, scene, hit=0, quiet_s=quiet_s)
    seen = _late(seen, "said", scene.seen_after_s(LinkState.SILENT, at_s), _SILENT_SAID_S)
    back_s = scene.seen_after_s(LinkState.STREAMING, at_s + quiet_s)
    return _late(seen, "back", back_s, _AWAKE_S)


def rebooting(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    at_s, off_s, dropping = told.after_s(0), chance.uniform(1.0, 4.0), chance.random() < 0.5

    async def reboot(scene: Scene) -> None:
        await asyncio.sleep(at_s)
        if dropping:
            scene.radio.out_of_reach.add(scene.band.address)
            scene.band.drop()
        else:
            scene.band.mute = True
        await asyncio.sleep(off_s)
        scene.band.clock_s = -(at_s + off_s)
        scene.band.mute = False
        scene.radio.out_of_reach.clear()

    scene = over_the_air(told.block, script=reboot)
    return _seen(told, scene, slack=0, dropped=str(dropping).lower(), off_s=off_s)


def lying(chance: random.Random, place: Place) -> Seen:
    """Send at another rate than the driver asked for, with and without times."""
    told = session(chance, place)
    times = chance.uniform(0.55, 1.8)
    timing = chance.choice((Timing.DEVICE, Timing.EVEN))
    driver = Driver(rate_hz=_HZ * times, timing=timing)
    scene = over_the_air(told.block, driver=driver)
    slack = 0 if timing is Timing.DEVICE else 1
    seen = _seen(told, scene, slack=slack, asked_hz=driver.rate_hz, timing=str(timing))
    return _off(seen, scene, told.block)


def drifting(chance: random.Random, place: Place) -> Seen:
    """Run 2 % fast or slow, as the worst crystals do, without times of its own."""
    told = session(chance, place)
    times = 1.0 + chance.choice((-0.02, 0.02))
    scene = over_the_air(told.block, driver=Driver(rate_hz=_HZ * times, timing=Timing.EVEN))
    return _off(_seen(told, scene, slack=1, rate_off=times - 1.0), scene, told.block)


def _off(seen: Seen, scene: Scene, block: SampleBlock) -> Seen:
    """Judge how far the last samples' times are from when they were measured."""
    off_s = abs(float(scene.t_s[-1]) - float(block.t_s[-1]))
    if off_s > 0.3:
        seen.wrong.append(f"times are {off_s:.2f} s off at the end")
    return replace(seen, facts={**seen.facts, "time_off_s": round(off_s, 3)})


def saturating(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    clipped = np.clip(told.block.accel_g, -_RANGE_G, _RANGE_G)
    share = float((clipped != told.block.accel_g).any(axis=1).mean())
    scene = over_the_air(replace(told.block, accel_g=clipped))
    return _seen(told, scene, slack=1, clipped_share=share)


def garbage(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    spoilt = 0

    def air(_: float, packet: bytes) -> list[tuple[float, bytes]]:
        nonlocal spoilt
        if chance.random() > 0.05:
            return [(0.0, packet)]
        spoilt += 1
        return [(0.0, _spoilt(packet, chance))]

    scene = over_the_air(told.block, air=air)
    return _seen(told, scene, slack=1, spoilt_packets=spoilt)


def _spoilt(packet: bytes, chance: random.Random) -> bytes:
    match chance.randrange(5):
        case 0:
            return chance.randbytes(chance.randrange(0, 200))
        case 1:
            return packet[: chance.randrange(len(packet))]
        case 2:  # not a number, where one was
            at = _CUT.size + 4 * chance.randrange((len(packet) - _CUT.size) // 4)
            return packet[:at] + struct.pack("<f", float("nan")) + packet[at + 4 :]
        case 3:  # a clock that is far off, for this packet alone
            first_s, interval_s = _CUT.unpack_from(packet)
            return _CUT.pack(first_s + chance.uniform(-1e6, 1e6), interval_s) + packet[_CUT.size :]
        case _:  # as many bytes, none of them right
            return chance.randbytes(len(packet))


def packets_lost(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    sent: list[tuple[float, bool]] = []

    def air(first_s: float, packet: bytes) -> list[tuple[float, bytes]]:
        arrives = chance.random() > 0.1
        sent.append((first_s, arrives))
        return [(0.0, packet)] if arrives else []

    scene = over_the_air(told.block, air=air)
    arrived = [number for number, (_, here) in enumerate(sent) if here]
    missing = 5 * (arrived[-1] - arrived[0] + 1 - len(arrived))
    counted = sum(block.lost for block in scene.blocks)
    seen = _seen(told, scene, slack=1, lost=missing, said_lost=counted)
    if counted != missing:
        seen.wrong.append(f"{counted} samples were said to be lost, {missing} were")
    return seen


def doubled(chance: random.Random, place: Place) -> Seen:
    told = session(chance, place)
    packets = 0

    def air(_: float, packet: bytes) -> list[tuple[float, bytes]]:
        nonlocal packets
        packets += 1
        again = [(chance.choice((0.0, 0.25)), packet)] if chance.random() < 0.2 else []
        return [(0.0, packet), *again]

    scene = over_the_air(told.block, air=air)
    seen = _seen(told, scene, slack=0)
    samples = sum(len(block) for block in scene.blocks)
    if samples > 5 * packets:
        seen.wrong.append(f"{samples} samples came of {5 * packets}")
    return seen


def late(chance: random.Random, place: Place) -> Seen:
    """Hold packets up by as much as 2 s, without changing their order, as Bluetooth does."""
    told = session(chance, place)
    timing = chance.choice((Timing.DEVICE, Timing.EVEN))
    until_s = [0.0]

    def air(first_s: float, packet: bytes) -> list[tuple[float, bytes]]:
        held_s = chance.uniform(0.0, 2.0) if chance.random() < 0.02 else chance.uniform(0.0, 0.08)
        # Never at the same moment: the loop does not keep the order of those.
        until_s[0] = max(until_s[0] + _APART_S, first_s + held_s)
        return [(until_s[0] - first_s, packet)]

    scene = over_the_air(told.block, air=air, driver=Driver(timing=timing))
    return _seen(told, scene, slack=0 if timing is Timing.DEVICE else 1, timing=str(timing))


def out_of_order(chance: random.Random, place: Place) -> Seen:
    """Let one packet in twenty be overtaken, as phones' apps do: it counts as lost."""
    told = session(chance, place)

    def air(_: float, packet: bytes) -> list[tuple[float, bytes]]:
        return [(chance.uniform(0.15, 0.6) if chance.random() < 0.05 else 0.0, packet)]

    return _seen(told, over_the_air(told.block, air=air), slack=1)


# Left out of the short run: the clocks' own tests look at most of these every time.
_TESTED = (lying, drifting, saturating, late, out_of_order)
_SAME = "every set counts as without the fault"
_ONE = "every set within 1 rep of without the fault"

FAULTS = tuple(
    Fault(name, promise, run, alone=True, brief=run not in _TESTED)
    for name, promise, run in (
        (
            "sensor lost",
            "said in 1 s, streams 8 s after it is back; no rep made up, others within 1",
            lost,
        ),
        (
            "sensor silent",
            "said in 5 s, streams 15 s after it speaks; no rep made up, others within 1",
            silent,
        ),
        ("sensor rebooting", f"its clock starts at 0 again in a rest: {_SAME}", rebooting),
        ("sensor lying about its rate", f"by 0.55 to 1.8 times: {_ONE}, times right", lying),
        ("sensor drifting 2 %", f"{_ONE}, times right to 0.3 s", drifting),
        ("sensor saturating", f"at {_RANGE_G} g: {_ONE}", saturating),
        ("sensor sending garbage", f"5 % of packets: {_ONE}", garbage),
        ("packets lost 10 %", f"{_ONE}; what is said to be lost was", packets_lost),
        ("packets doubled", f"{_SAME}, no sample twice", doubled),
        ("packets late", f"by up to 2 s: {_ONE}, with times of its own the same", late),
        ("packets out of order", f"1 in 20: {_ONE}", out_of_order),
    )
)
