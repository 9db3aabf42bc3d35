"""Change files and requests at random, and see that each is read or refused with a clear error.

    python benchmarks/fuzz_input.py [--inputs 20000] [--target NAME] [--seed 1] [--json]

Recordings, labels, indices, configurations, commands, and requests to the web servers. They begin
as what is right (the project's own files) and are changed as benchmarks/fuzz.py changes packets, or
made of nothing. Whatever is neither read nor refused in one of our own sentences, and whatever
takes longer than 5 s, is a finding: it is kept with --keep FOLDER, shown, and the exit code is 1.
What was found so far is in tests/fuzz/corpus and comes first each time.
"""

import asyncio
import gzip
import json
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Where PYTHONSAFEPATH is set, as scripts/test sets it, Python does not look beside a program.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from options import add_json, described
from rich.console import Console
from rich.table import Table
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repsense.config import load_settings
from repsense.errors import DecodeError, RepSenseError
from repsense.recording.format import read_recording
from repsense.recording.index import read_index
from repsense.recording.labels import read_labels
from repsense.sinks.mqtt.commands import COMMANDS, parse
from repsense.sinks.mqtt.topics import Topics
from repsense.sources.phone.motion_page import MotionPageDecoder
from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
from repsense.web.access import Access
from repsense.web.guard import Guard
from repsense.web.phones.address import Way
from repsense.web.phones.app import Door, build_app

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
LONGEST_S = 5.0
_MOST_BYTES = 4096
_MOST_SHOWN = 3

Feed = Callable[[bytes, Path], None]

_BYTES = rb"""\x00 \xff\xfe \xef\xbb\xbf \r \n " ' , ; : { [ - nan inf -1e308 1e999 0x7f
99999999999999999999 true null ~ !!python/object/apply:os.system &a\x20*a <<:\x20*a
../../etc/passwd %2e%2e/ \xc3\x28 \xc2\xb2 \xe2\x85\xa7 \xe2\x80\xa8 \x1b[31m 1_000 2026-11-31
?\x20 -\x20-\x20-"""
_TOKENS = tuple(
    one.decode("ascii").encode().decode("unicode_escape").encode("latin-1")
    for one in _BYTES.split()
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed.

    Parameters
    ----------
    seeds
        What is right, and read as it is.
    feed
        Reads it; may raise what ``refuses`` names.
    """

    name: str
    seeds: tuple[bytes, ...]
    feed: Feed


@dataclass
class Tally:
    """What became of a target's inputs."""

    target: str
    inputs: int = 0
    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def _file(read: Callable[[Path], object], suffix: str) -> Feed:
    def feed(data: bytes, folder: Path) -> None:
        path = folder / f"input{suffix}"
        path.write_bytes(data)
        read(path)

    return feed


def _packed(data: bytes, folder: Path) -> None:
    path = folder / "input.csv.gz"
    path.write_bytes(data if data[:2] == b"\x1f\x8b" else gzip.compress(data, 1))
    read_recording(path)


def _command(data: bytes, _: Path) -> None:
    topic, _, payload = data.partition(b"\n")
    name = topic.decode("utf-8", "surrogateescape").rpartition("/")[2]
    Topics("repsense").parse_command(topic.decode("utf-8", "replace"))
    parse(name, payload.decode("utf-8", "replace"))


def _request(data: bytes) -> tuple[str, str, bytes, list[tuple[bytes, bytes]], bytes]:
    """Return method, path, query, headers and body, as a web server would hand them over."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = target.partition(b"?")
    headers = [(name.lower(), value) for name, _, value in (one.partition(b":") for one in lines)]
    return method.decode("latin-1"), path.decode("utf-8", "replace"), query, headers, body


def _asked(app: ASGIApp, data: bytes, kind: str = "http") -> int:
    method, path, query, headers, body = _request(data)
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    answers: list[Message] = []
    questions = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return questions.pop() if questions else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(app(scope, receive, send))
    return int(answers[0]["status"])


def _guarded() -> Feed:
    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def feed(data: bytes, _: Path) -> None:
        for token in (None, "H7KQ-2MXA-9RTD"):
            status = _asked(Guard(inside, Access(token=token)), data)
            if status >= 500:
                raise RuntimeError(f"the pages answered {status}")
            if status == 200 and token is not None and b"9RTD" not in data.upper():
                raise RuntimeError("a stranger was let in")

    return feed


def _phones() -> Feed:
    def feed(data: bytes, _: Path) -> None:
        decoders = {Way.PAGE: MotionPageDecoder(), Way.SENSOR_LOGGER: SensorLoggerDecoder()}
        doors = {
            str(way): Door(way=way, put=lambda m, d=one: list(d.feed(m, 0.0)), gone=lambda _: None)
            for way, one in decoders.items()
        }
        status = _asked(build_app(doors, {str(way): f"key-{way}" for way in doors}), data)
        if status >= 500:
            raise RuntimeError(f"the phones' door answered {status}")

    return feed


def targets() -> tuple[Target, ...]:
    """Return all that can be fed here."""
    csv = gzip.decompress((ROOT / "recordings/front_raise.csv.gz").read_bytes())
    config = (ROOT / "config.yaml").read_bytes().partition(b"# The session that")[0]
    plan = b"exercises:\n  curl:\n    name: Curl\n    tempo: {lift_s: 1.5, hold_s: 0, lower_s: 2}\n"
    wearers = b"wearers:\n  - name: anna\n    bands:\n      - {address: 'A0:9E', side: left}\n"
    commands = [f"{name}\n".encode() for name in COMMANDS]
    commands += [b'exercise\n{"exercise": "front_raise", "transaction": 1}', b"target_reps\n10"]
    pages = (
        b"GET /history?wearer=anna&code=H7KQ\nhost:127.0.0.1\ncookie:repsense_pairing=H7KQ\n",
        b"GET /\nhost:[::1]:8470\norigin:http://[::1]:8470\n",
    )
    phones = (
        b'POST /phone/key-page/motion\nhost:h\n\n{"v":1,"page":"p","seq":0,"s":[[0,1,2,3]]}',
        b"POST /phone/key-sensor_logger/sensor-logger\nhost:h\n\n"
        b'{"messageId":1,"sessionId":"s","payload":[{"name":"totalacceleration",'
        b'"time":1700000000000000000,"values":{"x":0,"y":0,"z":9.8}}]}',
    )
    labels = (ROOT / "recordings/front_raise.labels.yaml").read_bytes()
    few = b"sets:\n- {start_s: 1.0, end_s: 9.0, exercise: shrug, reps: 3}\n"
    return (
        Target("recording", (csv[:3000], csv[:400]), _file(read_recording, ".csv")),
        Target("packed recording", (csv[:2000], gzip.compress(csv[:2000])), _packed),
        Target("labels", (labels, few), _file(read_labels, ".labels.yaml")),
        Target("index", ((ROOT / "recordings/index.csv").read_bytes(),), _file(read_index, ".csv")),
        Target("config", (config, plan, wearers), _file(load_settings, ".yaml")),
        Target("command", tuple(commands), _command),
        Target("pages", pages, _guarded()),
        Target("phones", phones, _phones()),
    )


def changed(seeds: tuple[bytes, ...], chance: random.Random) -> bytes:
    """Return an input: one that is right, with some changes; now and then one of nothing."""
    if chance.random() < 0.03:
        return chance.randbytes(chance.randrange(200))
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        _change(data, chance)
    return bytes(data[:_MOST_BYTES])


def _change(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + chance.choice((1, 2, 8, 40)))
    match chance.randrange(7):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at:to] = chance.choice(_TOKENS)
        case 2:
            data[at:at] = chance.choice(_TOKENS)
        case 3:
            del data[at:to]
        case 4:
            del data[at:]
        case 5:
            data[at:at] = data[at:to] * chance.choice((1, 2, 50))
        case _:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            data[:] = b"\n".join(lines)


def fed(target: Target, data: bytes, folder: Path, tally: Tally) -> str:
    """Feed one input; return what must not happen, or nothing."""
    tally.inputs += 1
    began_s = time.perf_counter()
    problem = ""
    try:
        target.feed(data, folder)
        tally.read += 1
    except (RepSenseError, DecodeError) as error:
        tally.refused += 1
        text = str(error)
        problem = "" if text.strip() and len(text) < 20_000 else f"it said {text[:80]!r}"
    except Exception as error:  # noqa: BLE001 - every other exception is what is looked for
        problem = f"{type(error).__name__}: {error}"
    took_s = time.perf_counter() - began_s
    tally.slowest_s = max(tally.slowest_s, round(took_s, 3))
    return problem or (f"it took {took_s:.1f} s" if took_s > LONGEST_S else "")


def corpus_of(target: Target) -> list[Path]:
    """Return what was found before."""
    return sorted((CORPUS / target.name.replace(" ", "_")).glob("*"))


def tally_of(target: Target, inputs: int, seed: int, keep: Path | None) -> Tally:
    """Feed a target."""
    tally, chance = Tally(target.name), random.Random(f"{seed} {target.name}")
    began_s = time.process_time()
    with tempfile.TemporaryDirectory(prefix="repsense-fuzz-") as name:
        known = [*target.seeds, *(path.read_bytes() for path in corpus_of(target))]
        for number in range(inputs + len(known)):
            data = known[number] if number < len(known) else changed(target.seeds, chance)
            problem = fed(target, data, Path(name), tally)
            if problem and all(problem[:60] != one[:60] for one in tally.findings):
                tally.findings.append(f"{problem}\n  {data[:300]!r}")
                if keep is not None:
                    folder = keep / target.name.replace(" ", "_")
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / f"{seed}-{number}").write_bytes(data)
    tally.seconds = round(time.process_time() - began_s, 2)
    return tally


def main() -> int:
    parser = described(__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="in all")
    parser.add_argument("--target", help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="put findings into this folder")
    add_json(parser)
    given = parser.parse_args()
    warnings.simplefilter("error")
    chosen = [one for one in targets() if given.target in {None, one.name}]
    share = -(-given.inputs // max(len(chosen), 1))
    tallies = [tally_of(one, share, given.seed, given.keep) for one in chosen]
    if given.json:
        print(json.dumps([asdict(one) for one in tallies]))
    else:
        _print(tallies)
    return int(any(one.findings for one in tallies) or not tallies)


def _print(tallies: list[Tally]) -> None:
    names = ("inputs", "read", "refused", "slowest_s", "seconds")
    table = Table("target", *names, "findings", box=None, pad_edge=False)
    for one in tallies:
        cells = (f"{getattr(one, name):,}" for name in names)
        table.add_row(one.target, *cells, str(len(one.findings)))
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(table)
    for one in tallies:
        for finding in one.findings[:_MOST_SHOWN]:
            console.print(f"\n{one.target}: {finding}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
