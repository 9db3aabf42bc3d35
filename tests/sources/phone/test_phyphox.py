"""phyphox, against a fake one that speaks its remote interface over real HTTP."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listening import Seen, reading

from repsense.errors import DecodeError, SourceError
from repsense.samples import LinkState, SampleBlock
from repsense.sources.phone import phyphox, phyphox_source
from repsense.sources.phone.phyphox_source import PhyphoxSource

G = 9.80665


def sensor(source: str, stem: str) -> dict[str, object]:
    outputs = [{axis: f"{stem}{axis.upper()}"} for axis in "xyz"] + [{"t": f"{stem}_time"}]
    return {"source": source, "outputs": outputs}


class FakePhyphox:
    """The part of phyphox's remote interface that a reader needs, with buffers to fill."""

    def __init__(self) -> None:
        self.inputs = [sensor("accelerometer", "acc"), {"source": "bluetooth"}]
        self.buffers: dict[str, list[float | None]] = {}
        self.measuring = False
        self.session = "5e5510"
        self.commands: list[str] = []
        self.lock = threading.Lock()
        self.polled = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with fake.lock:
                    status, answer = fake.answer(self.path)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    async def being_polled(self) -> None:
        """Wait until a source asks for what is new."""
        self.polled.clear()
        assert await asyncio.to_thread(self.polled.wait, 10.0)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, path: str) -> tuple[int, object]:
        url = urlsplit(path)
        asked = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.path == "/config":
            return 200, {"title": "Acceleration with g", "inputs": self.inputs}
        if url.path == "/control":
            self.commands.append(asked["cmd"])
            self.measuring = asked["cmd"] == "start"
            return 200, {"result": True}
        if url.path != "/get":
            return 404, {}
        if any(asked.values()):
            self.polled.set()
        buffers = {name: self.read(name, wanted) for name, wanted in asked.items()}
        status = {"session": self.session, "measuring": self.measuring, "timedRun": False}
        return 200, {"buffer": buffers, "status": status}

    def read(self, name: str, wanted: str) -> dict[str, object]:
        held = self.buffers.get(name, [])
        if not wanted:
            return {"size": 0, "updateMode": "single", "buffer": held[-1:] or [None]}
        threshold, _, reference = wanted.partition("|")
        times = self.buffers.get(reference or name, [])
        first = next((i for i, t in enumerate(times) if (t or 0) > float(threshold)), len(held))
        return {"size": 0, "updateMode": "partial", "buffer": held[first:]}

    def measure(self, block: SampleBlock, stem: str = "acc", unit: float = G) -> None:
        with self.lock:
            columns = [block.t_s, *(block.accel_g * unit).T]
            for name, column in zip(("_time", "X", "Y", "Z"), columns, strict=True):
                self.buffers.setdefault(stem + name, []).extend(column.tolist())


@pytest.fixture
def phone() -> Iterator[FakePhyphox]:
    fake = FakePhyphox()
    yield fake
    fake.close()


def test_a_set_that_is_polled_counts_as_its_replay(
    phone: FakePhyphox, recorded: SampleBlock, replayed: tuple[int, ...]
) -> None:
    async def main() -> Seen:
        source = PhyphoxSource(phone.address, poll_s=0.001)

        async def play(seen: Seen) -> None:
            sent = 0
            await phone.being_polled()
            for piece in recorded.cut(400):
                phone.measure(piece)
                sent += len(piece)
                await seen.until(lambda now, sent=sent: now.samples == sent)

        return await reading(source, play)

    seen = asyncio.run(main())
    assert seen.reps == replayed
    assert seen.accel_g == pytest.approx(recorded.accel_g, abs=1e-9)
    assert np.median(np.diff(seen.t_s)) == pytest.approx(np.median(np.diff(recorded.t_s)))
    assert seen.states == [LinkState.SEARCHING, LinkState.STREAMING]
    assert phone.commands == ["start", "stop"]


def test_what_was_measured_before_is_not_fetched_and_a_running_experiment_goes_on(
    phone: FakePhyphox, recorded: SampleBlock
) -> None:
    phone.measuring = True
    phone.measure(recorded.part(0, 1000))

    async def main() -> Seen:
        async def play(seen: Seen) -> None:
            await phone.being_polled()
            phone.measure(recorded.part(1000, 1100))
            await seen.until(lambda now: now.samples == 100)

        return await reading(PhyphoxSource(phone.address, poll_s=0.001), play)

    seen = asyncio.run(main())
    assert seen.samples == 100
    assert seen.accel_g == pytest.approx(recorded.accel_g[1000:1100], abs=1e-9)
    assert phone.commands == []


def test_acceleration_without_gravity_is_added_up(
    phone: FakePhyphox, recorded: SampleBlock
) -> None:
    phone.inputs = [sensor("linear_acceleration", "lin"), sensor("gravity", "gra")]
    block = recorded.part(0, 300)
    up = np.tile([0.0, 0.0, 1.0], (300, 1))

    async def main() -> Seen:
        async def play(seen: Seen) -> None:
            await phone.being_polled()
            phone.measure(SampleBlock(t_s=block.t_s, accel_g=up), "gra")
            phone.measure(SampleBlock(t_s=block.t_s, accel_g=block.accel_g - up), "lin")
            await seen.until(lambda now: now.samples == 300)

        return await reading(PhyphoxSource(phone.address, poll_s=0.001), play)

    assert asyncio.run(main()).accel_g == pytest.approx(block.accel_g, abs=1e-9)


def test_a_phone_that_is_not_there_is_waited_for_and_one_that_leaves_is_lost(
    recorded: SampleBlock,
) -> None:
    phone = FakePhyphox()

    async def main() -> Seen:
        async def play(seen: Seen) -> None:
            await phone.being_polled()
            phone.measure(recorded.part(0, 50))
            await seen.until(lambda now: now.samples == 50)
            await asyncio.to_thread(phone.close)
            await seen.until(lambda now: now.states[-1] is LinkState.LOST)

        return await reading(PhyphoxSource(phone.address, poll_s=0.001), play)

    seen = asyncio.run(main())
    assert "does not answer" in seen.reports[-1].detail
    assert "screen on" in seen.reports[-1].detail


def test_another_experiment_is_read_anew(phone: FakePhyphox, recorded: SampleBlock) -> None:
    async def main() -> Seen:
        async def play(seen: Seen) -> None:
            await phone.being_polled()
            phone.measure(recorded.part(500, 600))
            await seen.until(lambda now: now.samples == 100)
            with phone.lock:
                phone.session, phone.buffers, phone.commands = "another", {}, []
                phone.inputs = [sensor("accelerometer", "a")]
                phone.measuring = False
            while not phone.commands:
                await phone.being_polled()
            phone.measure(recorded.part(0, 50), "a")
            await seen.until(lambda now: now.samples == 150)

        return await reading(PhyphoxSource(phone.address, poll_s=0.001), play)

    seen = asyncio.run(main())
    assert seen.accel_g[100:] == pytest.approx(recorded.accel_g[:50], abs=1e-9)
    assert (np.diff(seen.t_s) > 0).all()


def test_clearing_the_data_on_the_phone_is_noticed(
    phone: FakePhyphox, recorded: SampleBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phyphox_source, "_LOOK_AROUND_S", 0.05)

    async def main() -> Seen:
        async def play(seen: Seen) -> None:
            await phone.being_polled()
            phone.measure(recorded.part(500, 600))
            await seen.until(lambda now: now.samples == 100)
            with phone.lock:
                phone.buffers = {}
            phone.measure(recorded.part(0, 50))
            await seen.until(lambda now: now.samples == 150)

        return await reading(PhyphoxSource(phone.address, poll_s=0.001), play)

    seen = asyncio.run(main())
    assert seen.accel_g[100:] == pytest.approx(recorded.accel_g[:50], abs=1e-9)
    assert (np.diff(seen.t_s) > 0).all()


def test_a_phone_that_never_answers_does_not_hold_up_the_end() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            source = PhyphoxSource(f"http://127.0.0.1:{mute.getsockname()[1]}")
            stream = source.stream()
            await anext(stream)
            asking = asyncio.ensure_future(anext(stream))
            taken, _ = await asyncio.to_thread(mute.accept)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await stream.aclose()
            taken.close()

    begun_s = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begun_s < 2.0


def test_an_experiment_without_acceleration_is_refused_with_the_right_one() -> None:
    config = {"title": "Audio", "inputs": [{"source": "audio", "outputs": [{"out": "rec"}]}]}
    with pytest.raises(DecodeError, match=r"'Audio'.*open 'Acceleration with g'"):
        phyphox.read_config(json.dumps(config))


def test_a_buffer_that_is_ahead_of_the_others_is_asked_for_again() -> None:
    experiment = phyphox.read_config(json.dumps({"inputs": [sensor("accelerometer", "acc")]}))
    buffers = {"acc_time": [1.0, 2.0, 3.0], "accX": [0.0, G], "accY": [0.0, 0.0], "accZ": [G, None]}
    answer = {
        "buffer": {name: {"buffer": values} for name, values in buffers.items()},
        "status": {"session": "s", "measuring": True},
    }
    news = phyphox.read_news(json.dumps(answer), experiment)
    assert news.batch is not None
    assert news.batch.device_s is not None
    assert news.batch.device_s.tolist() == [1.0]
    assert experiment.since(1.0) == (
        "/get?acc_time=1.0&accX=1.0%7Cacc_time&accY=1.0%7Cacc_time&accZ=1.0%7Cacc_time"
    )


@pytest.mark.parametrize("address", ["", "https://phone", "http://", "file:///etc", "http://a:b"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="no address of phyphox"):
        PhyphoxSource(address)


def test_the_address_may_be_written_as_the_app_shows_it() -> None:
    assert PhyphoxSource("192.168.0.42").name == "phyphox (192.168.0.42:80)"
    assert PhyphoxSource("http://192.168.0.42:8080/").name == "phyphox (192.168.0.42:8080)"


CELL = st.none() | st.floats() | st.integers() | st.sampled_from([1e300, 1.0])
BUFFER = st.fixed_dictionaries({"buffer": st.lists(CELL, max_size=5)}) | CELL
ANSWER = st.fixed_dictionaries(
    {
        "buffer": st.dictionaries(
            st.sampled_from(["acc_time", "accX", "accY", "accZ"]), BUFFER, min_size=3
        )
        | CELL,
        "status": st.dictionaries(st.sampled_from(["session", "measuring"]), CELL) | CELL,
        "inputs": st.lists(st.dictionaries(st.sampled_from(["source", "outputs"]), CELL)) | CELL,
    }
)


@given(ANSWER)
def test_any_answer_gives_samples_or_a_decode_error(answer: object) -> None:
    experiment = phyphox.read_config(json.dumps({"inputs": [sensor("accelerometer", "acc")]}))
    text = json.dumps(answer)
    for read in (phyphox.read_config, lambda said: phyphox.read_news(said, experiment)):
        try:
            made = read(text)
        except DecodeError:
            continue
        batch = getattr(made, "batch", None)
        assert batch is None or np.isfinite(batch.accel_g).all()
