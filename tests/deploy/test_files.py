"""The files in deploy/, as far as they can be checked without a Raspberry Pi or Home Assistant."""

import configparser
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from repsense.cli.main import main
from repsense.config import load_settings

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy/systemd/repsense.service"
ADD_ON = ROOT / "deploy/homeassistant/repsense"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


# What the Supervisor asks of the keys that are used here, in JSON schema's words
# (github.com/home-assistant/supervisor, supervisor/addons/validate.py).
SUPERVISOR = {
    "type": "object",
    "required": ["name", "version", "slug", "description", "arch"],
    "properties": {
        **{key: {"type": "string", "minLength": 1} for key in ("name", "version", "description")},
        "slug": {"type": "string", "pattern": r"^[-_.A-Za-z0-9]+$"},
        "arch": {"type": "array", "minItems": 1, "items": {"enum": ["aarch64", "amd64"]}},
        "startup": {"enum": ["initialize", "system", "services", "application", "once"]},
        "boot": {"enum": ["auto", "manual", "manual_only"]},
        **{key: {"type": "boolean"} for key in ("init", "host_dbus")},
        "services": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^(mqtt|mysql):(provide|want|need)$"},
        },
        "ports": {
            "type": "object",
            "propertyNames": {"pattern": r"^\d+(-\d+)?/(tcp|udp)$"},
            "additionalProperties": {"type": ["integer", "null"], "minimum": 1, "maximum": 65535},
        },
        "ports_description": {
            "type": "object",
            "propertyNames": {"pattern": r"^\d+(-\d+)?/(tcp|udp)$"},
            "additionalProperties": {"type": "string"},
        },
        "map": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["addon_config", "data", "share", "media", "ssl", "backup"]},
                    "read_only": {"type": "boolean"},
                    "path": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
        "options": {"type": "object"},
        "schema": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": r"^(bool|str|int|float|port)"},
        },
    },
}


class _Several(dict[str, str]):
    """Keeps all values of a key that stands several times, as units may have it."""

    def __setitem__(self, key: str, value: str) -> None:
        if isinstance(value, list) and key in self:
            value = [*self[key], *value]
        super().__setitem__(key, value)


class _Unit(configparser.ConfigParser):
    """Names in a unit keep their case."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit() -> configparser.ConfigParser:
    parser = _Unit(dict_type=_Several, strict=False, interpolation=None)
    parser.read(UNIT)
    return parser


def exit_code(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    return int(ended.value.code or 0)


def test_systemd_starts_a_command_that_exists() -> None:
    words = shlex.split(unit()["Service"]["ExecStart"])
    assert words[0].endswith("/repsense")
    assert exit_code(words[1:]) == 0


def test_the_service_is_watched_and_comes_back() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert 10 <= int(service["WatchdogSec"]) <= 300
    assert service["Restart"] == "always"
    assert unit()["Unit"]["StartLimitIntervalSec"] == "0"


def analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    # Its program is not on this machine: another one stands in.
    text = re.sub(r"ExecStart=\S+", f"ExecStart={shutil.which('true')}", UNIT.read_text("utf-8"))
    copy = tmp_path / "repsense.service"
    copy.write_text(text)
    done = analyzed(program, "verify", "--man=no", str(copy))
    about_us = [line for line in done.stderr.splitlines() if "repsense.service" in line]
    assert about_us == []
    done = analyzed(program, "security", "--offline=true", "--threshold=25", str(copy))
    if "Unknown" not in done.stderr and "unrecognized" not in done.stderr:
        # 0 is closed, 100 is open; most services of a usual system are above 90.
        assert done.returncode == 0, done.stdout[-300:]


def test_the_container_takes_what_the_wheel_needs_and_ends_as_the_service_does() -> None:
    text = (ROOT / "deploy/container/Containerfile").read_text("utf-8")
    ignored = (ROOT / ".containerignore").read_text("utf-8").split()
    for name in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for one in name.split():
            assert (ROOT / one).exists(), one
            assert f"!{one}" in ignored
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for file in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]:
        assert any(file.startswith(one.removeprefix("!")) for one in ignored if one[0] == "!"), file
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[0])
    command = json.loads(re.findall(r"^CMD (.*)$", text, re.MULTILINE)[0])
    assert entry == ["repsense"]
    assert exit_code(command) == 0
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in text


def instructions(file: Path) -> list[tuple[str, str]]:
    lines = file.read_text("utf-8").replace("\\\n", " ").splitlines()
    found = [line.partition(" ") for line in lines if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in found]


@pytest.mark.parametrize("file", [ROOT / "deploy/container/Containerfile", ADD_ON / "Dockerfile"])
def test_images_are_made_as_linters_ask(file: Path) -> None:
    """The rules of hadolint that concern us: DL3000, 3002, 3004, 3006, 3007, 3020, 3025, 3042."""
    steps = instructions(file)
    assert steps[0][0] in {"FROM", "ARG"}
    bases = [rest for name, rest in steps if name == "FROM" and "$" not in rest]
    bases += [rest.partition("=")[2] for name, rest in steps if name == "ARG"]
    assert bases
    for base in bases:
        assert re.search(r":[\w.-]*\d", base.partition(" ")[0]), base
    for name, rest in steps:
        assert name not in {"ADD", "MAINTAINER"}
        assert name != "WORKDIR" or rest.startswith("/")
        assert name not in {"CMD", "ENTRYPOINT"} or isinstance(json.loads(rest), list)
        if name == "RUN":
            assert "sudo" not in rest
            assert "apt" not in rest
            assert "pip install" not in rest or "--no-cache-dir" in rest
    users = [rest for name, rest in steps if name == "USER"]
    assert not users or users[-1] not in {"root", "0"}


def test_the_add_on_says_what_the_supervisor_asks() -> None:
    told = YAML(typ="safe").load((ADD_ON / "config.yaml").read_text("utf-8"))
    # https://developers.home-assistant.io/docs/add-ons/configuration: required, and those used.
    assert {"name", "version", "slug", "description", "arch"} <= set(told)
    known = {"startup", "boot", "init", "host_dbus", "services", "ports", "ports_description"}
    known |= {"map", "options", "schema", "name", "version", "slug", "description", "arch"}
    assert set(told) <= known
    jsonschema.validate(told, SUPERVISOR)
    assert told["version"] == VERSION
    assert set(told["arch"]) <= {"aarch64", "amd64"}
    assert told["options"].keys() == told["schema"].keys()
    assert told["ports"].keys() == told["ports_description"].keys()
    assert (ADD_ON / "Dockerfile").exists()
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", told["slug"])
    repository = YAML(typ="safe").load((ADD_ON.parent / "repository.yaml").read_text("utf-8"))
    assert repository["name"]


class _Supervisor(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        right = self.headers["Authorization"] == "Bearer letmein"
        assert self.path == "/services/mqtt"
        self.send_response(200 if right else 401)
        self.end_headers()
        login = {"username": "addons", "password": "Sesame-4711"}
        offered = {"host": "core-mosquitto", "port": 1883, "ssl": False, **login}
        self.wfile.write(json.dumps({"result": "ok", "data": offered}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def supervisor() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Supervisor) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def start(folder: Path, supervisor: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SUPERVISOR_ADDRESS": supervisor,
        "SUPERVISOR_TOKEN": "letmein",
        "REPSENSE_DATA": str(folder / "data"),
        "REPSENSE_CONFIG": str(folder / "config"),
    }
    return subprocess.run(
        [sys.executable, str(ADD_ON / "run.py"), "--show", *words],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("data", "config"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "options.json").write_text('{"dashboard": true}')
    return tmp_path


def test_the_add_on_uses_the_broker_that_is_offered(home: Path, supervisor: str) -> None:
    done = start(home, supervisor)
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout.splitlines()[-1])
    assert exit_code(words[1:]) == 0
    settings = load_settings(home / "data" / "config.yaml")
    assert (settings.broker.host, settings.broker.port) == ("core-mosquitto", 1883)
    assert settings.dashboard.needs_token
    # The person's own file explains every setting, and holds none of this.
    own = (home / "config" / "config.yaml").read_text("utf-8")
    assert own == (ROOT / "config.yaml").read_text("utf-8")
    everything = done.stdout + done.stderr + own + (home / "data/config.yaml").read_text("utf-8")
    assert "Sesame" not in everything


def test_the_add_on_leaves_a_broker_that_is_named_alone(home: Path, supervisor: str) -> None:
    own = home / "config" / "config.yaml"
    own.write_text("broker: {host: 192.168.1.5, keepalive_s: 30}\nwearers: [{name: anna}]\n")
    (home / "data" / "options.json").write_text('{"dashboard": false}')
    done = start(home, supervisor)
    assert done.returncode == 0, done.stderr
    settings = load_settings(home / "data" / "config.yaml")
    assert (settings.broker.host, settings.broker.keepalive_s) == ("192.168.1.5", 30)
    assert [wearer.name for wearer in settings.wearers] == ["anna"]
    assert not settings.dashboard.needs_token
    assert "--dashboard" not in done.stdout


def test_the_add_on_says_what_is_wrong_with_the_settings(home: Path, supervisor: str) -> None:
    (home / "config" / "config.yaml").write_text("brokr: {}\n")
    done = start(home, supervisor)
    assert done.returncode == 2
    assert "Did you mean 'broker'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_add_on_starts_without_a_broker(home: Path) -> None:
    done = start(home, "http://127.0.0.1:9")
    assert done.returncode == 0
    assert "offers no broker" in done.stdout
    assert load_settings(home / "data" / "config.yaml").broker.host is None
