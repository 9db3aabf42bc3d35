"""What the documents say is true: commands, links, rooms, reasons and captured messages."""

import contextlib
import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import jsonschema
import pytest

from repsense.cli.main import main
from repsense.sinks.mqtt import payloads

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "recordings/*.md",
        "examples/**/*.md",
        "firmware_notes/**/*.md",
    )
    for path in ROOT.glob(pattern)
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

SET_UP = "python3 -m venv .venv && .venv/bin/pip install '.[all]' && .venv/bin/repsense demo"

FACTS = {"errors", "samples", "calibration", "events"}
HIDDEN_ROOMS = {"__init__", "__main__"}  # one line each; no reader misses them

_COMMAND = re.compile(r"(?:^|&&|\||;)\s*(?:\$ )?(?:\S*/)?repsense\s+(?P<words>[^|;&\n]+)")
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
_MACHINE_PATH = re.compile(r"(?<![\w.~-])/(work|tmp|home|root|Users|opt)/")
_REGISTRY = re.compile(r"pypi|pythonhosted|npmjs|crates\.io|proxy\.golang", re.IGNORECASE)
_MESSAGE = re.compile(r"^\s*repsense/(?P<rest>\S+) (?P<payload>.+)$")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_lines(text: str) -> Iterator[str]:
    """Yield the lines of fenced and of indented code blocks."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words after ``repsense`` of each command line in code blocks and code spans."""
    for line in (*code_lines(text), *_INLINE.findall(text)):
        for found in _COMMAND.finditer(line):
            yield shlex.split(found["words"], comments=True)


def exit_code(words: list[str]) -> int:
    """Return how ``repsense`` ends with these words and ``--help``: 2 if one is unknown to it.

    Asking for help keeps the command from running; its words are parsed all the same.
    """
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    return int(ended.value.code or 0)


def links_in(text: str) -> Iterator[str]:
    yield from (one or other for one, other in _LINK.findall(text))


def slug(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return words.replace(" ", "-")


def table_rows(text: str, heading: str) -> Iterator[list[str]]:
    """Yield the cells of the table whose first heading is ``heading``."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            break
    for line in lines:
        if not line.startswith("|"):
            return
        if not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


COMMANDS = [(path, words) for path in DOCUMENTS for words in commands_in(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("path", "words"), COMMANDS, ids=[f"{name_of(p)}: {shlex.join(w)}" for p, w in COMMANDS]
)
def test_a_command_line_in_the_documents_can_be_typed(path: Path, words: list[str]) -> None:
    assert exit_code(words) == 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_local_links_lead_somewhere(path: Path) -> None:
    for link in links_in(path.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_documents_name_no_machine_and_no_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _MACHINE_PATH.search(text) is None
    assert _REGISTRY.search(text) is None


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_that_are_named_exist(name: str) -> None:
    folders = ("repsense", "tests", "scripts", "recordings", "docs", "benchmarks")
    known = [path.as_posix() for folder in folders for path in (ROOT / folder).rglob("*")]
    known += [path.as_posix() for path in ROOT.iterdir()]
    named = [span for span in _INLINE.findall(text_of(name)) if re.fullmatch(r"[\w./]+\.\w+", span)]
    files = [span for span in named if span.rpartition(".")[2] in {"py", "yaml", "md", "csv"}]
    assert files
    assert [file for file in files if not any(path.endswith(f"/{file}") for path in known)] == []


def test_the_readme_has_the_two_commands() -> None:
    lines = list(code_lines(text_of("README.md")))
    assert SET_UP in lines
    assert "scripts/test" in lines


def test_every_dependency_has_its_reason() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *PROJECT["build-system"]["requires"], *chain(*extras)]
    packages = {re.split(r"[\[<>=!~ ]", one)[0] for one in wanted} - {project["name"]}
    rows = list(table_rows(text_of("ARCHITECTURE.md"), "package"))
    named = {name for cell, _ in rows for name in re.sub(r"\(.*?\)", "", cell).split(",")}
    assert {name.strip() for name in named} == packages
    assert all(reason for _, reason in rows)


def test_the_table_of_rooms_is_the_one_that_is_enforced() -> None:
    spec = importlib.util.spec_from_file_location("walls", ROOT / "tests/test_architecture.py")
    assert spec is not None
    assert spec.loader is not None
    walls = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(walls)
    enforced = {room: may - {room} for room, may in walls.MAY_IMPORT.items()}
    rooms = enforced.keys() - HIDDEN_ROOMS

    def meant(cell: str) -> set[str]:
        named = set(_INLINE.findall(cell))
        if cell.startswith("all but"):
            return rooms - named
        return named | (FACTS if "facts" in cell else set())

    rows = list(table_rows(text_of("ARCHITECTURE.md"), "room"))
    told = {room.strip("`"): meant(may) - {room.strip("`")} for room, _, may in rows}
    assert told == {room: enforced[room] for room in rooms}


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{PROJECT['project']['version']}]" in text_of("CHANGELOG.md")


def test_the_recording_in_the_documents_is_what_the_simulator_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = list(code_lines(text_of("docs/recordings.md")))
    command = next(line for line in lines if line.startswith("$ repsense simulate"))
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(SystemExit):
        main(shlex.split(command)[2:])
    made = Path("raise.csv").read_text("utf-8").splitlines()[:5]
    labels = [line.strip() for line in Path("raise.labels.yaml").read_text("utf-8").splitlines()]
    for block in (capsys.readouterr().out.splitlines(), made, labels):
        start = lines.index(block[0])
        assert lines[start : start + len(block)] == block


def messages_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the payload of each captured MQTT message."""
    for line in code_lines(text):
        found = _MESSAGE.match(line)
        if found:
            rest = found["rest"]
            if "/command/" in rest:  # what others send
                continue
            bridge = rest.startswith("bridge/")
            kind = rest.replace("/", "_") if bridge else rest.rpartition("/")[2]
            yield kind, found["payload"]


def test_captured_messages_follow_their_schemas() -> None:
    kinds = set()
    for kind, payload in messages_in(text_of("docs/mqtt.md")):
        value = payload if kind == "availability" else json.loads(payload)
        jsonschema.validate(value, payloads.schema(kind))
        kinds.add(kind)
    wearer = {"state", "rep", "set", "rest", "availability", "response"}
    assert kinds - {"cue"} == wearer | {
        "bridge_state",
        "bridge_info",
        "bridge_health",
        "bridge_logging",
    }


def test_the_checks_see_commands_however_they_are_written() -> None:
    text = "Try `repsense demo`:\n\n    $ .venv/bin/repsense watch --json | head\n"
    assert list(commands_in(text)) == [["watch", "--json"], ["demo"]]
    assert list(commands_in("```sh\ncd here && repsense history --days 7 # week\n```")) == [
        ["history", "--days", "7"]
    ]
    assert list(commands_in("repsense/demo/state and `repsense: no`")) == []


@pytest.mark.parametrize("words", [["dance"], ["watch", "--dance"], ["config", "dance"]])
def test_the_checks_see_a_command_that_does_not_exist(words: list[str]) -> None:
    assert exit_code(words) == 2
