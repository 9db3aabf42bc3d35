"""Which benchmarks there are, and how the rows of the one table are made of what each found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What is found in a benchmark's JSON: its own business, so no types.
Found = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table; ``kept`` is None where nothing is promised."""

    what: str
    promised: str
    measured: str
    kept: bool | None
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A benchmark.

    Parameters
    ----------
    words
        What Python is called with.
    short
        What is added for the short form.
    rows
        Makes rows of what it found.
    """

    name: str
    words: Sequence[str]
    short: Sequence[str]
    rows: Callable[[Found], list[Row]]


def _row(
    command: str,
    what: str,
    measured: float | None,
    promised: float | None = None,
    *,
    most: bool = True,
    unit: str = "",
) -> Row:
    """Return a row of one figure, of which at most (or at least) so much is promised."""
    limit = "" if promised is None else f"{'≤' if most else '≥'} {_text(promised)}{unit}"
    if most and promised == 0:
        limit = "none"
    kept = None
    if promised is not None and measured is not None:
        kept = measured <= promised if most else measured >= promised
    shown = "not measured" if measured is None else f"{_text(measured)}{unit}"
    return Row(what=what, promised=limit, measured=shown, kept=kept, command=command)


def _text(number: float) -> str:
    if number and abs(number) < 100:  # 92.55 is not the 93 that were promised
        return f"{number:.3g}"
    return f"{number:,.0f}"


# -- this machine as it is -----------------------------------------------------------------------


def _process(found: Found) -> list[Row]:
    command = "python benchmarks/process.py"
    start, live, memory, mqtt = (found[key] for key in ("start", "live", "memory", "mqtt"))
    core = live["carried_wearers"] / live["carried_of_core"] if live["carried_wearers"] else None
    return [
        _row(command, "`repsense --help`", start["help_s"], 0.3, unit=" s"),
        _row(command, "time of a core that it took", start["help_cpu_s"], unit=" s"),
        _row(command, "a bare Python, in the same run", start["bare_python_s"], unit=" s"),
        _row(command, "`repsense run` until it is online", start["run_online_s"], unit=" s"),
        _row(
            command,
            "live 50 Hz wearers in one process, p99 event delay ≤ 100 ms",
            live["carried_wearers"],
            500,
            most=False,
        ),
        _row(command, "their p99 event delay", 1e3 * live.get("carried_p99_s", 0.0), unit=" ms"),
        _row(
            command,
            "share of a core that they took",
            1e2 * live.get("carried_of_core", 0),
            unit=" %",
        ),
        _row(command, "wearers that would fill a core at that rate", core),
        _row(
            command,
            "share of a core of one 52 Hz wearer",
            1e2 * live["one_52hz_wearer_of_core"],
            unit=" %",
        ),
        _row(command, "memory of one more wearer", memory["used_bytes"] / 1e3, 300, unit=" KB"),
        _row(
            command,
            f"a wearer's state after {memory['hours']:.0f} h against after 1 h",
            memory["state_at_the_end_bytes"] / memory["state_after_1_h_bytes"],
            1.1,
        ),
        _row(command, "notification to MQTT, median", 1e3 * mqtt["p50_s"], unit=" ms"),
        _row(command, "notification to MQTT, p99", 1e3 * mqtt["p99_s"], unit=" ms"),
    ]


def _pipeline(found: Found) -> list[Row]:
    command = "python benchmarks/pipeline.py"
    rows = [
        _row(command, f"samples a second, blocks of {one['block']}", one["samples_per_s"])
        for one in found["speeds"]
    ]
    whole = found["speeds"][-1]["times_real_time"]
    return [*rows, _row(command, "replay, times real time", whole, 5000, most=False)]


def _peers(found: Found) -> list[Row]:
    command = "python benchmarks/peers.py"
    rows = list[Row]()
    for data in found["data"]:
        costs = sorted(line["cost"] for line in data["lines"][1:])
        what = f"{data['name']}: a set costs the engine"
        rows.append(_row(command, what, data["engine_ms"], unit=" ms"))
        rows.append(
            Row(
                what=f"{data['name']}: the peers' cost, in the engine's",
                promised="",
                measured=f"{_text(costs[0])} to {_text(costs[-1])}",
                kept=None,
                command=command,
            )
        )
    return rows


# -- over MQTT, and on more machines ---------------------------------------------------------------


def _mqtt_latency(found: Found) -> list[Row]:
    what = f"engine's word to subscriber, p99, {found['wearers']} wearers"
    return [
        _row(
            "python benchmarks/mqtt_latency.py",
            what,
            found["p99_ms"],
            found["target_ms"],
            unit=" ms",
        )
    ]


def _latency(found: Found) -> list[Row]:
    what = f"notification to event, p99, {found['bands']} bands at {found['rate_hz']:.0f} Hz"
    return [
        _row(
            "python benchmarks/latency.py",
            f"{what}, {name}",
            one["p99_ms"],
            found["target_ms"],
            unit=" ms",
        )
        for name, one in found["delays"].items()
    ]


def _dashboard(found: Found) -> list[Row]:
    command = "python benchmarks/dashboard.py"
    who = f"{found['pages']} live pages, {found['wearers']} wearers"
    return [
        _row(command, f"{who}: latest view", found["worst_ms"], found["target_ms"], unit=" ms"),
        _row(command, f"{who}: share of a core", 1e2 * found["of_core"], unit=" %"),
    ]


def _mqtt_faults(found: Found) -> list[Row]:
    return [
        _row(
            "python benchmarks/mqtt_faults.py",
            f"events missing after {one['kills']} kills of {name}, of {one['events']:,}",
            one["missing"],
            0,
        )
        for name, one in found.items()
    ]


def _mqtt_hostile(found: Found) -> list[Row]:
    command = "python benchmarks/mqtt_hostile.py"
    what = f"errors logged over {found['commands']:,} hostile commands"
    changed = Row(
        what="events changed by them",
        promised="none",
        measured="yes" if found["events_changed"] else "none",
        kept=not found["events_changed"],
        command=command,
    )
    return [_row(command, what, found["errors_logged"], 0), changed]


def _fleet(found: Found) -> list[Row]:
    command = "python benchmarks/fleet.py"
    trial, costs = found["trial"], found["costs"]
    verdict = trial["verdict"]
    who = f"{verdict['wearers']:,} wearers on two Ray nodes, {trial['speed']:.2g} times real time"
    rows = [
        _row(command, f"{who}: events lost, of {verdict['expected']:,}", verdict["lost"], 0),
        _row(command, f"{who}: events doubled", verdict["doubled"], 0),
    ]
    rows += [
        _row(
            command,
            f"after the death of {kill['what']}: counted again after",
            kill["silent_s"],
            unit=" s",
        )
        for kill in trial["kills"]
    ]
    rows += [
        _row(
            command,
            f"wearers in real time that a full broker is emptied of by {one['workers']} worker(s)",
            one["times_real_time"],
        )
        for one in found["growth"]
    ]
    if found["live"]:
        what = "wearers carried live by two workers, p99 event delay ≤ 1 s"
        rows.append(_row(command, what, found["carried"]))
    return [
        *rows,
        _row(command, "snapshot of a wearer", costs["snapshot_bytes"] / 1e3, unit=" KB"),
    ]


# -- whatever goes wrong ---------------------------------------------------------------------------


def _faults(found: Found) -> list[Row]:
    return [
        Row(
            what=f"fault: {one['fault']}",
            promised=one["promise"],
            measured=f"broken in {one['broken']} of {one['rounds']}",
            kept=one["broken"] == 0,
            command="python benchmarks/faults.py",
        )
        for one in found
    ]


def _soak(found: Found) -> list[Row]:
    return [
        Row(
            what=f"soak: {one['what']}",
            promised=str(one["promised"]),
            measured=str(one["measured"]),
            kept=one["kept"],
            command="python benchmarks/soak.py",
        )
        for one in found
    ]


def _fuzz(found: Found) -> list[Row]:
    packets = sum(one["packets"] for one in found["drivers"])
    findings = sum(len(one["findings"]) for one in found["drivers"])
    what = f"findings in {packets:,} mutated packets"
    return [_row("python benchmarks/fuzz.py", what, findings, 0)]


# -- counting --------------------------------------------------------------------------------------


def _evaluation(found: Found) -> list[Row]:
    command = "python benchmarks/evaluation.py"
    hour = found["an_hour"]
    if hour is None:
        return []
    what = "evaluating an hour of 50 Hz recordings, time of a core"
    return [_row(command, what, hour["cpu_s"], 3.0, unit=" s")]


def _tune(found: Found) -> list[Row]:
    return [
        Row(
            what=f"tuning: {one['promise']}",
            promised="yes",
            measured=one["seen"],
            kept=one["kept"],
            command="python benchmarks/tune.py",
        )
        for one in found
    ]


def _fuzz_input(found: Found) -> list[Row]:
    inputs = sum(one["inputs"] for one in found)
    findings = sum(len(one["findings"]) for one in found)
    what = f"findings in {inputs:,} changed files, commands and requests"
    return [_row("python benchmarks/fuzz_input.py", what, findings, 0)]


def _promises(command: str) -> Callable[[Found], list[Row]]:
    """Return what reads the rows of a benchmark that has such a table itself."""

    def rows(found: Found) -> list[Row]:
        listed = found["rows"] if isinstance(found, Mapping) else found
        return list(_of_table(command, listed))

    return rows


def _of_table(command: str, listed: Sequence[Found]) -> Iterator[Row]:
    for one in listed:
        if one["promised"] is None:
            continue  # its own table has those, too
        most = one.get("comparison") == "<="  # recognition's promises are all "at least"
        what = f"{one['group']}: {one['what']}"
        row = _row(command, what, one["measured"], one["promised"], most=most)
        yield Row(
            what=row.what,
            promised=row.promised,
            measured=row.measured,
            kept=one["kept"],
            command=command,
        )


def _part(name: str, rows: Callable[[Found], list[Row]], *short: str) -> Part:
    return Part(name=name, words=(f"benchmarks/{name}.py",), short=short, rows=rows)


PARTS = (
    _part("process", _process, "--quick"),
    _part("pipeline", _pipeline, "--seconds", "300"),
    _part("latency", _latency, "--seconds", "20"),
    _part("dashboard", _dashboard, "--seconds", "20"),
    _part("mqtt_latency", _mqtt_latency, "--seconds", "10"),
    _part("mqtt_faults", _mqtt_faults, "--kills", "3"),
    _part("mqtt_hostile", _mqtt_hostile, "--commands", "500"),
    _part("fleet", _fleet, "--quick"),
    _part("faults", _faults, "--short"),
    _part("soak", _soak, "--days", "1", "--worn", "2"),
    _part("fuzz", _fuzz, "--packets", "20000"),
    _part("fuzz_input", _fuzz_input, "--inputs", "4000"),
    _part("engine", _promises("python benchmarks/engine.py"), "--quick"),
    _part("coach", _promises("python benchmarks/coach.py"), "--sets", "2"),
    _part("recognition", _promises("python benchmarks/recognition.py"), "--quick", "--sets", "2"),
    _part("peers", _peers, "--limit", "2"),
    _part("evaluation", _evaluation, "--seeds", "1", "--limit", "1"),
    _part("tune", _tune, "--trials", "12"),
)
