"""Measure a fleet of counting workers on a Ray cluster of two nodes, and kill some of it.

    python benchmarks/fleet.py [--wearers 2000] [--seconds 45] [--workers 2] [--json]
    python benchmarks/fleet.py --quick

Everything is on this machine: a Mosquitto with persistent sessions, two Ray nodes (raylets of
one core each) beside the head, the workers, and one process that is all gateways and listens.

1. *Costs*: what a wearer takes of a core, how large a snapshot is and what it costs.
2. *Growth*: the broker is filled while no worker runs; then 1, 2 and 4 workers empty it.
3. *Live*: how many wearers are carried in real time, sender, broker and listener on the same cores:
   99 of 100 reps are heard within a second of the message that completed them. It tries six tenths
   of what was emptied in real time, then more or fewer by a fifth.
4. *Kills*: as many wearers as asked for, in real time where they are carried; else in slow motion,
   so that three quarters of what is carried is asked of the workers. At a third of the way a worker
   is killed with SIGKILL, at half a node. Every rep and set is compared with what an undisturbed
   line says.

On two free cores it takes 10 to 15 minutes; how far it is, and how long the kills will take, it
says on standard error.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from fleet_costs import Costs, costs_of
from fleet_machines import Machines, broker, cpu_s, fleet_of, machines, said_by, wait_for
from fleet_streams import Gym, Stream, Verdict, delays_s, judge, streams
from options import add_json, described

from repsense.fleet.actors import Fleet
from repsense.fleet.settings import WorkerFacts
from repsense.service import warm_up

DIFFERENT = 12  # streams; wearers share them
SHARE = 0.75  # of what is carried in real time is asked of the workers while they are killed
LATE_S = 1.0  # more than this a rep must not be late at the 99th percentile
_FIRST_SHARE = 0.6  # of what a full broker was emptied in real time
_LEFT = 0.4  # of it is taken to be carried where nobody looked
_MORE = 1.25  # than in the try before; or fewer by as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How fast some workers empty a full broker.

    Parameters
    ----------
    times_real_time
        Seconds of wearers counted in a second.
    cpu_per_wearer_s
        Time of a core that a worker takes for a second of a wearer, snapshots and MQTT included.
    filled_messages_per_s
        How fast the broker took the messages, from one client, while nobody counted.
    """

    workers: int
    wearers: int
    seconds: float
    times_real_time: float
    against_one: float
    cpu_per_wearer_s: float
    filled_messages_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A run in real time in which nothing is killed.

    Parameters
    ----------
    delay_median_s, delay_p99_s
        From the message that completed a rep until the rep was heard.
    cpu_per_wearer_s
        Time of a core that a worker takes for a second of a wearer, snapshots and MQTT included.
    """

    workers: int
    wearers: int
    delay_median_s: float
    delay_p99_s: float
    cpu_per_wearer_s: float
    verdict: Verdict

    @property
    def is_carried(self) -> bool:
        """Whether that many wearers are no more than the machine carries."""
        return self.delay_p99_s <= LATE_S and self.verdict.is_right


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What a death cost.

    Parameters
    ----------
    processes
        Workers that died with it.
    silent_s
        Until all partitions were counted again.
    caught_up_s
        Until nothing waited any more.
    """

    what: str
    processes: int
    silent_s: float
    caught_up_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The run with deaths in it."""

    speed: float
    seconds: float
    kills: tuple[Kill, ...]
    verdict: Verdict
    delay_median_s: float
    delay_p99_s: float
    restored: int


def main() -> int:
    """Run the benchmark; 1 where a rep was lost or doubled."""
    options = _options()
    warm_up()
    # Ray writes of workers that die, as they shall here, to where the figures go.
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        found = _measured(options)
    if options.json:
        print(json.dumps(asdict(found)))
    return 0 if found.trial.verdict.is_right else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that was measured.

    Parameters
    ----------
    carried
        The most wearers of the tries in ``live`` that were carried; None in the quick form.
    """

    costs: Costs
    growth: list[Growth]
    live: list[Live]
    carried: int | None
    trial: Trial


def _measured(options: argparse.Namespace) -> Found:
    made = streams(DIFFERENT, options.seconds, options.span)
    costs = costs_of(made)
    _tell(options, costs)
    with tempfile.TemporaryDirectory(prefix="repsense-fleet-") as name, machines() as on:
        stage = Stage(options=options, made=made, folder=Path(name), on=on)
        growth: list[Growth] = []
        for workers in options.growth:
            growth.append(_growth(stage, workers, growth))
            _tell(options, growth[-1])
        emptied = _at(growth, options.workers).times_real_time
        live = [] if options.quick else _live(stage, emptied)
        carried = _carried(live)
        most = _LEFT * emptied if carried is None else carried
        trial = _trial(stage, min(SHARE * most / options.wearers, 1.0))
        _tell(options, trial)
    return Found(costs=costs, growth=growth, live=live, carried=carried, trial=trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where it is played, and what."""

    options: argparse.Namespace
    made: Sequence[Stream]
    folder: Path
    on: Machines


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    parser.add_argument("--wearers", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=45.0, help="of each wearer's stream")
    parser.add_argument("--span", type=float, default=1.0, help="seconds in a message")
    parser.add_argument("--workers", type=int, default=2, help="while they are killed")
    parser.add_argument("--growth", type=int, nargs="+", default=[1, 2, 4], metavar="WORKERS")
    parser.add_argument("--growth-wearers", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="40 wearers, to see that it works")
    add_json(parser)
    options = parser.parse_args()
    if options.quick:
        options.wearers, options.growth_wearers, options.growth = 40, 40, [options.workers]
    return options


def _tell(options: argparse.Namespace, found: Costs | Growth | Live | Trial) -> None:
    """Show a figure as soon as it is there; with ``--json`` where the progress is shown."""
    said = json.dumps(asdict(found), indent=None if options.json else 1)
    out = sys.stderr if options.json else sys.stdout
    print(type(found).__name__, said, file=out, flush=True)


def _at(growth: Sequence[Growth], workers: int) -> Growth:
    return next((one for one in growth if one.workers == workers), growth[-1])


# -- growth --------------------------------------------------------------------------------------


def _growth(stage: Stage, workers: int, before: Sequence[Growth]) -> Growth:
    options, wearers = stage.options, stage.options.growth_wearers
    with broker(stage.folder) as port, Gym(port, workers) as gym:
        where = {"on": stage.on, "port": port, "folder": stage.folder}
        with fleet_of(workers, **where):
            pass  # the broker keeps their sessions from now on
        filling_s = gym.send(stage.made, wearers, speed=None)
        with fleet_of(workers, **where) as fleet:
            began_s, ready_s = time.monotonic(), cpu_s(fleet)
            assert gym.wait_for_the_end(wearers)
            spent_s = time.monotonic() - began_s
            used_s = cpu_s(fleet) - ready_s
    played_s = wearers * options.seconds
    first = before[0].times_real_time if before else played_s / spent_s
    return Growth(
        workers=workers,
        wearers=wearers,
        seconds=spent_s,
        times_real_time=played_s / spent_s,
        against_one=played_s / spent_s / first,
        cpu_per_wearer_s=used_s / played_s,
        filled_messages_per_s=len(gym.sent_s) / filling_s,
    )


# -- as many as move at once ---------------------------------------------------------------------


def _live(stage: Stage, emptied: float) -> list[Live]:
    """Return tries with more and more wearers until one is not carried, or the other way round."""
    wearers = _FIRST_SHARE * emptied
    tries = [_in_real_time(stage, wearers)]
    first = tries[0].is_carried
    while tries[-1].is_carried == first and wearers > _MORE:
        wearers = wearers * _MORE if first else wearers / _MORE
        tries.append(_in_real_time(stage, wearers))
    return tries


def _carried(live: Sequence[Live]) -> int | None:
    """Return the most wearers that were carried; None where none were, or nobody looked."""
    return max((one.wearers for one in live if one.is_carried), default=None)


def _in_real_time(stage: Stage, about: float) -> Live:
    workers, wearers = stage.options.workers, max(10, 10 * round(about / 10.0))
    with (
        broker(stage.folder) as port,
        Gym(port, workers) as gym,
        fleet_of(workers, on=stage.on, port=port, folder=stage.folder) as fleet,
    ):
        before_s = cpu_s(fleet)
        gym.send(stage.made, wearers, speed=1.0, tell=_progress("live"))
        assert gym.wait_for_the_end(wearers), "not all workouts ended"
        used_s = cpu_s(fleet) - before_s
        delays = delays_s(gym, stage.made, wearers)
        live = Live(
            workers=workers,
            wearers=wearers,
            delay_median_s=float(np.median(delays)),
            delay_p99_s=float(np.percentile(delays, 99)),
            cpu_per_wearer_s=used_s / (wearers * stage.options.seconds),
            verdict=judge(gym, stage.made, wearers),
        )
    _tell(stage.options, live)
    return live


def _progress(what: str) -> Callable[[int, int, int], None]:
    """Return what says how far sending is."""

    def tell(sent: int, of: int, heard: int) -> None:
        said = f"{what}: {sent:,} of {of:,} messages sent, {heard:,} events heard"
        print(said, file=sys.stderr, flush=True)

    return tell


# -- kills ---------------------------------------------------------------------------------------


def _trial(stage: Stage, speed: float) -> Trial:
    options, made = stage.options, stage.made
    whole_s = options.seconds / speed
    print(
        f"kills: {options.wearers:,} wearers at {speed:.2g} times real time: {whole_s:.0f} s, and "
        f"what it takes to catch up",
        file=sys.stderr,
        flush=True,
    )
    with (
        broker(stage.folder) as port,
        Gym(port, options.workers) as gym,
        fleet_of(
            options.workers, on=stage.on, port=port, folder=stage.folder, speed=speed
        ) as fleet,
    ):
        kills: list[Kill] = []
        killing = threading.Thread(target=lambda: kills.extend(_kills(fleet, stage.on, whole_s)))
        killing.start()
        began_s = time.monotonic()
        gym.send(made, options.wearers, speed, tell=_progress("kills"))
        killing.join()
        assert gym.wait_for_the_end(options.wearers), "not all workouts ended"
        spent_s = time.monotonic() - began_s
        delays = delays_s(gym, made, options.wearers)
        return Trial(
            speed=speed,
            seconds=spent_s,
            kills=tuple(kills),
            verdict=judge(gym, made, options.wearers),
            delay_median_s=float(np.median(delays)),
            delay_p99_s=float(np.percentile(delays, 99)),
            restored=sum(one.restored for one in said_by(fleet)),
        )


def _kills(fleet: Fleet, on: Machines, whole_s: float) -> Iterator[Kill]:
    time.sleep(whole_s / 3.0)
    victim = said_by(fleet)[0].process
    yield _killed("a worker (SIGKILL)", fleet, lambda: os.kill(victim, signal.SIGKILL))
    time.sleep(whole_s / 6.0)
    yield _killed("a node", fleet, on.lose_one)


def _killed(what: str, fleet: Fleet, kill: Callable[[], object]) -> Kill:
    before = {one.process for one in said_by(fleet)}
    began_s = time.monotonic()
    kill()
    gone: set[int] = set()
    while not gone and time.monotonic() - began_s < 20.0:
        gone = {process for process in before if not Path(f"/proc/{process}").exists()}
        time.sleep(0.02)
    wait_for(fleet, lambda facts: _all_again(facts, gone))
    silent_s = time.monotonic() - began_s
    wait_for(fleet, lambda facts: all(one is not None and one.behind_s < 0.2 for one in facts))
    return Kill(
        what=what,
        processes=len(gone),
        silent_s=silent_s,
        caught_up_s=time.monotonic() - began_s,
    )


def _all_again(facts: Sequence[WorkerFacts | None], gone: set[int]) -> bool:
    return all(
        one is not None and one.connected and one.process not in gone and one.messages > 0
        for one in facts
    )


if __name__ == "__main__":
    sys.exit(main())
