"""What strangers may try on the pages: names that lead elsewhere, headers of any kind."""

import http.client
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

if TYPE_CHECKING:
    from conftest import Serve, Served

SECRET = "this-line-must-never-be-served"
OUT = (
    "../secret.csv",
    "0/../secret.csv",
    "0/../../secret.csv",
    "../../../../../../etc/passwd",
    "0/..%2f..%2fsecret.csv",
    "....//....//secret.csv",
    "/etc/passwd",
    "0/secret.csv\0.csv",
    "0//etc/passwd",
)


@pytest.fixture(scope="module")
def served(serve: "Serve", tmp_path_factory: pytest.TempPathFactory) -> "Served":
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data" / "recordings").mkdir(parents=True)
    (folder / "data" / "secret.csv").write_text(f"t_s,ax_g,ay_g,az_g\n# {SECRET}\n")
    return serve(folder / "data", "--recordings", folder / "data" / "recordings")


Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(served: "Served") -> Ask:
    address = urlsplit(served.address)
    assert address.hostname is not None

    def one(path: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text

    return one


@pytest.mark.parametrize("name", OUT)
@pytest.mark.parametrize("page", ["label?recording", "tune?recording", "review?set"])
def test_a_name_never_leads_to_another_file(ask: Ask, page: str, name: str) -> None:
    status, text = ask(f"/{page}={quote(name, safe='')}")
    assert status == 200
    assert SECRET not in text
    assert "root:" not in text
    assert "Traceback" not in text
    assert "There is no" in text


@pytest.mark.parametrize("prefix", ["/repsense/", "/_nicegui/static/", "/"])
@pytest.mark.parametrize(
    "name", ["../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/server.py"]
)
def test_static_files_are_those_and_no_others(ask: Ask, prefix: str, name: str) -> None:
    status, text = ask(prefix + name)
    assert status == 404
    assert "root:" not in text
    assert "class WebServer" not in text


def test_another_websites_page_gets_nothing(ask: Ask) -> None:
    assert ask("/", Origin="http://evil.example")[0] == 403
    assert ask("/", Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "repsense_pairing=\xff\xfe; ;;=\x01"},
        {"Cookie": "a" * 8000},
        {"Host": "["},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Accept_Language": "\xff" * 100},
    ],
    ids=repr,
)
def test_any_header_gets_an_answer(ask: Ask, headers: dict[str, str]) -> None:
    status, text = ask("/history", **headers)
    assert status in {200, 400, 403}
    assert "Traceback" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
def test_pages_take_nothing(ask: Ask, method: str) -> None:
    status, _ = ask("/history", method, b"x" * 100_000)
    assert status == 405
