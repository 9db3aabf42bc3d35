"""What a phone meets: real HTTP, real TLS, a real websocket, and no way in without the key."""

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from listening import Seen, recorded_set, replayed_reps
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from repsense.samples import LinkState, SampleBlock
from repsense.web.phones.app import MOST_BYTES

G = 9.80665
# Play is the fixture `phone_of` of conftest.py, Opened its helper.
Opened = Any
Play = Callable[..., Seen]


def events(block: SampleBlock) -> list[list[float]]:
    return [
        [1000.0 * t, *(G * accel).tolist()]
        for t, accel in zip(block.t_s, block.accel_g, strict=True)
    ]


def motion(seq: int, block: SampleBlock) -> str:
    return json.dumps({"v": 1, "page": "p", "seq": seq, "s": events(block)})


def pushed(number: int, block: SampleBlock) -> bytes:
    readings = [
        {
            "name": "totalacceleration",
            "time": 1_700_000_000_000_000_000 + round(1e9 * t),
            "values": dict(zip("xyz", (G * accel).tolist(), strict=True)),
        }
        for t, accel in zip(block.t_s, block.accel_g, strict=True)
    ]
    return json.dumps({"messageId": number, "sessionId": "s", "payload": readings}).encode()


def test_a_set_pushed_by_sensor_logger_counts_as_its_replay(phone_of: Play) -> None:
    recorded = recorded_set()

    async def push(opened: Opened, seen: Seen) -> None:
        for number, piece in enumerate(recorded.cut(500)):
            answer = await opened.post(opened.address("ben"), pushed(number, piece))
            assert answer == (200, "ok\n")
        await seen.until(lambda now: now.samples == len(recorded))

    assert phone_of("ben", push).reps == replayed_reps()


def test_a_set_streamed_by_the_page_counts_as_its_replay_and_closing_it_is_told(
    phone_of: Play,
) -> None:
    recorded = recorded_set()

    async def stream(opened: Opened, seen: Seen) -> None:
        address = opened.address("anna").replace("https", "wss") + "/motion"
        async with connect(address, ssl=opened.trust) as socket:
            for seq, piece in enumerate(recorded.cut(200)):
                await socket.send(motion(seq, piece))
            await seen.until(lambda now: now.samples == len(recorded))
        await seen.until(lambda now: now.states[-1] is LinkState.LOST)

    seen = phone_of("anna", stream)
    assert seen.reps == replayed_reps()
    assert "page was closed" in seen.reports[-1].detail


def test_a_browser_that_opens_no_stream_may_post(phone_of: Play) -> None:
    recorded = recorded_set().part(0, 200)

    async def post(opened: Opened, seen: Seen) -> None:
        address = opened.address("anna") + "/motion"
        for seq, piece in enumerate(recorded.cut(50)):
            assert (await opened.post(address, motion(seq, piece).encode()))[0] == 200
        await seen.until(lambda now: now.samples == 200)

    assert phone_of("anna", post).lost == 0


def test_the_page_tells_its_person_what_is_wrong(phone_of: Play) -> None:
    async def stream(opened: Opened, seen: Seen) -> None:
        del seen
        address = opened.address("anna").replace("https", "wss") + "/motion"
        async with connect(address, ssl=opened.trust) as socket:
            await socket.send('{"v": 7}')
            assert "load it again" in str(await socket.recv())
            await socket.send(b"\x00")
            with pytest.raises(Exception, match="received"):
                await socket.recv()

    phone_of("anna", stream)


def test_what_sensor_logger_cannot_mean_is_shown_to_its_person(phone_of: Play) -> None:
    async def push(opened: Opened, seen: Seen) -> None:
        del seen
        status, text = await opened.post(opened.address("ben"), b"rubbish")
        assert status == 499
        assert "not JSON" in text
        assert (await opened.post(opened.address("ben"), b"x" * (MOST_BYTES + 1)))[0] == 413

    phone_of("ben", push)


def test_a_stream_takes_no_message_without_end_even_packed(phone_of: Play) -> None:
    async def stream(opened: Opened, seen: Seen) -> None:
        address = opened.address("anna").replace("https", "wss") + "/motion"
        for compression in (None, "deflate"):  # 2 MB of one letter are 2 kB packed
            async with connect(address, ssl=opened.trust, compression=compression) as socket:
                await socket.send("x" * (2 * MOST_BYTES))
                with pytest.raises(ConnectionClosed, match="too big"):
                    await socket.recv()
        assert seen.samples == 0

    phone_of("anna", stream)


def test_without_the_right_key_there_is_nothing(phone_of: Play) -> None:
    async def knock(opened: Opened, seen: Seen) -> None:
        del seen
        page, door = opened.address("anna"), opened.address("ben")
        key = opened.sink.keys["anna"]
        wrong = [page[:-1] + "~", page.replace(key, "%C3%BC"), page.replace(key, "")]
        # The key of one band opens no other's door.
        crossed = page.replace(key, opened.sink.keys["ben"])
        for address in (*wrong, crossed):
            assert (await opened.get(address))[0] == 404
        assert (await opened.post(door.replace(opened.sink.keys["ben"], key), b"{}"))[0] == 404
        stream = page[:-1].replace("https", "wss") + "~/motion"
        with pytest.raises(Exception, match="403"):
            async with connect(stream, ssl=opened.trust):
                pass

    phone_of("anna", knock)


def test_the_page_is_there_with_nothing_to_be_kept_or_framed(phone_of: Play) -> None:
    async def look(opened: Opened, seen: Seen) -> None:
        del seen
        status, text = await opened.get(opened.address("anna"))
        assert (status, "phone.js" in text) == (200, True)
        root = opened.address("anna").rpartition("/phone/")[0]
        for file in ("phone.js", "phone.css"):
            assert (await opened.get(f"{root}/{file}"))[0] == 200
        assert (await opened.get(f"{root}/"))[0] == 404

    phone_of("anna", look)


def test_a_phone_that_does_not_know_our_certificate_is_not_fooled(phone_of: Play) -> None:
    async def look(opened: Opened, seen: Seen) -> None:
        del seen
        host, port = opened.address("anna").split("/")[2].split(":")
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(host, int(port), ssl=ssl.create_default_context())

    phone_of("anna", look)
