"""Feed every decoder with mutated packets, and count what it makes of them.

    python benchmarks/fuzz.py [--packets 1000000] [--driver ID] [--seed 1] [--json]

The packets are those of the captures under tests/sources/ble/captures, changed at random: bits
turned, bytes replaced, cut off, put in, repeated, moved to the next packet, packets swapped and
left out. What phones and gateways send (fuzz_messages.py) is changed as JSON, too. A decoder may
return samples or raise DecodeError. Anything else is a finding: it is shown with the bytes that led
to it, and the exit code is 1.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from repsense.errors import DecodeError
from repsense.sources.ble.captures import capture_line, read_capture
from repsense.sources.ble.drivers.base import Batch, Decoder, Driver, Notification
from repsense.sources.ble.registry import drivers, find_driver

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fuzz_messages import Sender, mutate_json, senders
from options import add_json, described

_CAPTURES = Path(__file__).resolve().parent.parent / "tests" / "sources" / "ble" / "captures"
_CONNECTION = 50  # packets until a new decoder begins, so that no state lasts for long
_MOST_FINDINGS = 5  # shown of each driver; one is enough to mend it
_STEP = 2000


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one driver made of its packets.

    Parameters
    ----------
    driver
        Its id.
    packets, decoded, refused, passed_over
        Packets fed, and of these: with samples, with a DecodeError, with neither.
    samples, lost
        Samples returned, and those reported as lost.
    seconds
        CPU time of decoding and mutating.
    findings
        Whatever must not happen, with the packets since the decoder was new.
    """

    driver: str
    packets: int = 0
    decoded: int = 0
    refused: int = 0
    passed_over: int = 0
    samples: int = 0
    lost: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def main() -> int:
    """Run the benchmark."""
    parser = described(__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000, help="in all, for all drivers")
    parser.add_argument("--driver", help="only this one")
    parser.add_argument("--seed", type=int, default=1, help="the same packets for the same number")
    add_json(parser)
    options = parser.parse_args()
    chosen = _chosen(options.driver)
    share = -(-options.packets // len(chosen))
    hidden = options.json or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar:
        tallies = [_tally(driver, share, options.seed, bar) for driver in chosen]
    if options.json:
        print(json.dumps({"seed": options.seed, "drivers": [asdict(one) for one in tallies]}))
    else:
        _print(tallies)
    return 1 if any(one.findings for one in tallies) else 0


def _chosen(name: str | None) -> list[Driver | Sender]:
    if name is None:
        return [*drivers(), *senders()]
    return [one for one in senders() if one.id == name] or [find_driver(name)]


def _tally(driver: Driver | Sender, packets: int, seed: int, bar: Progress) -> Tally:
    tally = Tally(driver=driver.id)
    began_s = time.process_time()
    task = bar.add_task(driver.id, total=packets)
    rng = random.Random(f"{seed} {driver.id}")
    decoder, fed = driver.decoder(), []
    for packet in _mutations(captured(driver), packets, rng):
        if len(fed) == _CONNECTION:
            decoder, fed = driver.decoder(), []
        fed.append(packet)
        problem = _feed(decoder, packet, tally)
        if problem and len(tally.findings) < _MOST_FINDINGS:
            tally.findings.append("\n".join([problem, *map(capture_line, fed)]))
            decoder, fed = driver.decoder(), []
        if tally.packets % _STEP == 0:
            bar.update(task, completed=tally.packets)
    tally.seconds = time.process_time() - began_s
    return tally


def captured(driver: Driver | Sender) -> list[Notification]:
    """Return real packets, as they came."""
    if isinstance(driver, Sender):
        return list(driver.real)
    paths = sorted(_CAPTURES.glob(f"{driver.id}.*txt"))
    return [one for path in paths for one in read_capture(path).notifications]


def _feed(decoder: Decoder, packet: Notification, tally: Tally) -> str:
    """Count one packet; return what must not happen, or nothing."""
    tally.packets += 1
    try:
        batches = decoder.feed(packet)
    except DecodeError:
        tally.refused += 1
        return ""
    except Exception as error:  # noqa: BLE001 - every other exception is what is looked for
        return f"{type(error).__name__}: {error}"
    tally.decoded += bool(batches)
    tally.passed_over += not batches
    tally.samples += sum(len(batch.accel_g) for batch in batches)
    tally.lost += sum(batch.lost for batch in batches)
    return next((problem for batch in batches if (problem := _unsound(batch))), "")


def fed_packet(decoder: Decoder, like: Notification, data: bytes) -> str:
    """Feed these bytes as if they came where another packet did; return what must not happen."""
    return _feed(decoder, replace(like, data=data), Tally(driver=""))


def _unsound(batch: Batch) -> str:
    n = len(batch.accel_g)
    arrays = [batch.accel_g] if batch.gyro_dps is None else [batch.accel_g, batch.gyro_dps]
    if n == 0 or batch.lost < 0 or any(one.shape != (n, 3) for one in arrays):
        return f"a batch of shape {batch.accel_g.shape} with {batch.lost} lost"
    if not all(np.isfinite(one).all() for one in arrays):
        return "numbers that are not finite"
    times_s = batch.device_s
    if times_s is not None and (
        times_s.shape != (n,) or not np.isfinite(times_s).all() or (np.diff(times_s) <= 0).any()
    ):
        return f"times that do not go on: {times_s}"
    return ""


def _mutations(
    real: list[Notification], packets: int, rng: random.Random
) -> Iterator[Notification]:
    """Yield packets in their order for some time, then from another place on."""
    at, carried = 0, b""
    is_json = real[0].data.startswith(b"{")
    for _ in range(packets):
        if rng.random() < 0.1:
            at = rng.randrange(len(real))
        one = real[at % len(real)]
        at += rng.choice((1, 1, 1, 1, 0, 2))
        if is_json and rng.random() < 0.8:  # the others are changed byte by byte
            data = one.data if rng.random() < 0.2 else mutate_json(one.data, rng)
            yield replace(one, data=data)
            continue
        data = bytearray(carried + one.data)
        carried = b""
        for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
            carried += _mutate(data, rng)
        yield replace(one, data=bytes(data))


def _mutate(data: bytearray, rng: random.Random) -> bytes:
    """Change the bytes at one place; return what goes into the next packet."""
    if not data:
        return b""
    at = rng.randrange(len(data))
    match rng.randrange(7):
        case 0:
            data[at] ^= 1 << rng.randrange(8)
        case 1:
            data[at] = rng.choice((0x00, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        case 2:
            del data[at:]
        case 3:
            del data[at : at + rng.randrange(1, 9)]
        case 4:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        case 5:
            data[at:at] = data[at : at + rng.randrange(1, 21)]
        case _:
            cut = bytes(data[at:])
            del data[at:]
            return cut
    return b""


def _print(tallies: list[Tally]) -> None:
    table = Table("driver", box=None, pad_edge=False)
    for name in (
        "packets",
        "decoded",
        "refused",
        "passed over",
        "samples",
        "packets/s",
        "findings",
    ):
        table.add_column(name, justify="right")
    for one in tallies:
        counts = (one.packets, one.decoded, one.refused, one.passed_over, one.samples)
        speed = one.packets / max(one.seconds, 1e-9)
        shown = (*counts, round(speed), len(one.findings))
        table.add_row(one.driver, *(f"{count:,}" for count in shown))
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    for one in tallies:
        for finding in one.findings:
            console.print(f"\n{one.driver}: {finding}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
