#!/usr/bin/env python3
"""Can many watch while many train? 50 live pages, 20 wearers, one service.

    python benchmarks/dashboard.py [--pages 50] [--wearers 20] [--seconds 60] [--json]

A process of its own runs the very service: recordings in real time through the engine,
each wearer half a second after the one before, and the dashboard as its sink. Here,
clients hold the websocket that ``static/live.js`` holds, and note for every
message how long after its event it came. Clients stand in for browsers because what is
asked is whether the server keeps up: drawing happens on as many machines as there are
browsers, and 50 Chromiums on this one would measure themselves. How late the pixels of a real
Chromium are, tests/web/test_live_page.py measures.

Prints the delays, the worst page's, and the share of a core that the service took.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from options import add_json, described
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ("front_raise", "overhead_press", "press_back", "single_arm_row", "reverse_grip_row")
ALLOWED_S = 0.300
APART_S = 0.5
SERVE = """
import asyncio, sys, time
from itertools import cycle
from pathlib import Path
from repsense.exercises.catalogue import load_catalogue
from repsense.pipeline.pipeline import Pipeline
from repsense.service import WearerJob, run_service, warm_up
from repsense.sources.replay import ReplaySource
from repsense.web.place import Place
from repsense.web.settings import DashboardSettings
from repsense.web.sink import DashboardSink

class Later(ReplaySource):
    wait_s = 0.0
    async def stream(self):
        await asyncio.sleep(self.wait_s)
        async for item in super().stream():
            yield item

def job(number, file):
    source = Later(file, 1.0)
    source.wait_s = 2.0 + number * float(sys.argv[3])
    return WearerJob(name=f"wearer{number:02d}", source=source, pipeline=Pipeline())

warm_up()
folder = Path(sys.argv[1])
place = Place(history=folder / "h.sqlite3", recordings=(), catalogue=load_catalogue())
jobs = [job(n, f) for n, f in zip(range(int(sys.argv[2])), cycle(sys.argv[4:]))]
pages = DashboardSink(DashboardSettings(port=0), place, wearers=[j.name for j in jobs],
                      on_status=lambda text: print(time.process_time(), text, flush=True))
asyncio.run(run_service(jobs, [pages], say=lambda text: None))
print(time.process_time())
"""


async def watch(socket: ClientConnection, until_s: float, delays_s: list[float]) -> None:
    """Note how late each view comes, as a page does; what comes at once is the past."""
    begun = time.time()
    while True:
        try:
            async with asyncio.timeout(until_s - time.monotonic()):
                text = await socket.recv()
        except TimeoutError:
            return
        message = json.loads(text)
        if "view" in message and message["at_ms"] / 1000.0 > begun:
            delays_s.append(time.time() - message["at_ms"] / 1000.0)


async def watch_all(address: str, pages: int, seconds: float) -> list[list[float]]:
    """Open so many pages, and return what each of them has noted."""
    url = address.replace("http", "ws", 1) + "ws/live"
    sockets = [await connect(url, compression=None) for _ in range(pages)]
    delays_s: list[list[float]] = [[] for _ in sockets]
    until_s = time.monotonic() + seconds
    await asyncio.gather(
        *(watch(socket, until_s, one) for socket, one in zip(sockets, delays_s, strict=True))
    )
    for socket in sockets:
        await socket.close()
    return delays_s


def figures_of(delays_s: list[list[float]], core: float, seconds: float) -> dict[str, float]:
    """Return what was measured, delays in ms."""
    everything = sorted(delay for one in delays_s for delay in one)
    worst_s = max(max(one, default=0.0) for one in delays_s)
    return {
        "pages": len(delays_s),
        "views": len(everything),
        "seconds": seconds,
        "p50_ms": round(1e3 * statistics.median(everything), 1),
        "p99_ms": round(1e3 * everything[int(0.99 * (len(everything) - 1))], 1),
        "worst_ms": round(1e3 * worst_s, 1),
        "target_ms": 1e3 * ALLOWED_S,
        "of_core": round(core, 3),
    }


def report(found: dict[str, float]) -> None:
    """Print what was measured, for people."""
    print(f"{found['pages']} pages, {found['views']} views in {found['seconds']:.0f} s")
    print(f"delay: median {found['p50_ms']} ms, p99 {found['p99_ms']} ms")
    print(f"the worst page's worst view: {found['worst_ms']} ms, allowed {found['target_ms']} ms")
    print(f"the service took {100 * found['of_core']:.0f} % of a core")


def main() -> None:
    parser = described(__doc__)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--wearers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    add_json(parser)
    options = parser.parse_args()
    files = [str(ROOT / "recordings" / f"{name}.csv.gz") for name in RECORDINGS]
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-c", SERVE, folder, str(options.wearers), str(APART_S), *files]
        service = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert service.stdout is not None
        begun = service.stdout.readline().split()
        delays_s = asyncio.run(watch_all(begun[-1], options.pages, options.seconds))
        service.terminate()
        ended, _ = service.communicate(timeout=20)
    busy_s = float(ended.split()[-1]) - float(begun[0])
    found = figures_of(delays_s, busy_s / options.seconds, options.seconds)
    if options.json:
        print(json.dumps(found | {"wearers": options.wearers}, indent=1))
    else:
        report(found)
    sys.exit(found["worst_ms"] > found["target_ms"])


if __name__ == "__main__":
    main()
