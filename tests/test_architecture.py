"""The room table of ARCHITECTURE.md, enforced on every module.

Who may import whom (imports inside functions count too), which module may touch
which library, how long things may get, and what must be documented.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "repsense"
MODULES = sorted(PACKAGE.rglob("*.py"))

FACTS = {"errors", "samples", "calibration", "events"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "errors": set(),
    "samples": {"errors"},
    "calibration": set(),
    "events": {"errors", "samples", "calibration"},
    "bundled": {"errors"},
    "compiled": set(),
    "found": set(),
    "cluster": {"errors"},
    "recording": FACTS,
    "batches": {"errors", "samples"},
    "importing": {"errors", "samples", "recording", "found"},
    "exercises": FACTS | {"binding"},
    "simulator": FACTS | {"recording", "exercises"},
    "sources": {"errors", "samples", "recording", "batches", "simulator", "found"},
    "pipeline": FACTS | {"exercises", "compiled"},
    "sinks": FACTS | {"recording", "batches", "exercises"},
    "tuning": FACTS | {"recording", "exercises", "simulator", "pipeline", "cluster"},
    "web": FACTS | {"recording", "exercises", "pipeline", "sinks", "tuning"},
    "binding": {"errors"},
    "config_text": set(),
    "config": {
        "errors",
        "binding",
        "bundled",
        "config_text",
        "exercises",
        "pipeline",
        "sinks",
        "sources",
        "tuning",
        "web",
    },
    "service": FACTS | {"sources", "pipeline", "sinks"},
    "fleet": FACTS | {"batches", "exercises", "sources", "pipeline", "sinks", "service"},
    "cli": FACTS
    | {"recording", "exercises", "simulator", "sources", "pipeline", "sinks", "tuning", "batches"}
    | {"web", "compiled", "config", "bundled", "service", "importing", "fleet", "cluster", "cli"},
}

# Library: the only modules (or folders, with a slash) that may import it.
WALLS: dict[str, tuple[str, ...]] = {
    "amqtt": ("sinks/mqtt/broker.py",),
    "bleak": ("sources/ble/link.py",),
    "bleak_retry_connector": ("sources/ble/link.py",),
    "bumble": ("sources/ble/virtual/",),
    "cryptography": ("web/phones/certificate.py",),
    "fastapi": ("web/",),
    "matplotlib": ("cli/",),
    "numba": ("compiled.py",),
    "nicegui": ("web/",),
    "optuna": ("tuning/proposals.py",),
    "paho": ("sinks/mqtt/wire.py",),
    "pydantic": ("binding.py", "sinks/mqtt/"),
    "ray": ("cluster.py",),
    "rich": ("cli/", "sinks/drawing.py", "sinks/terminal.py"),
    "ruamel": ("config.py", "config_text.py", "recording/labels.py", "exercises/"),
    "scipy": ("importing/mat.py",),
    "segno": ("cli/", "web/"),
    "sqlite3": ("sinks/history.py", "sinks/history_upgrade.py", "sinks/mqtt/outbox_file.py"),
    "starlette": ("web/",),
    "typer": ("cli/",),
    "uvicorn": ("web/",),
    "websockets": (),
}

# The pipeline knows no clock and no outside world: equal samples give equal events.
NOT_IN_THE_PIPELINE = {"asyncio", "datetime", "os", "pathlib", "random", "socket", "subprocess"} | {
    "threading",
    "time",
}

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield the full dotted name of everything imported anywhere in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(tree: ast.AST) -> set[str]:
    names = (name.split(".") for name in imported_names(tree))
    return {parts[1] for parts in names if parts[0] == "repsense" and len(parts) > 1}


def walls_broken(where: str, tree: ast.AST) -> list[str]:
    """Return the libraries that the module at ``where`` imports and may not."""
    libraries = {name.split(".")[0] for name in imported_names(tree)}
    return sorted(
        library
        for library in libraries & WALLS.keys()
        if not any(
            where == door or (door.endswith("/") and where.startswith(door))
            for door in WALLS[library]
        )
    )


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_imports_only_from_the_rooms_its_own_may_enter(path: Path) -> None:
    room = room_of(path)
    assert room in MAY_IMPORT, f"{room} is a new room: say in the table whom it may import"
    assert rooms_imported(parse(path)) - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_library_stays_behind_its_wall(path: Path) -> None:
    assert walls_broken(relative(path), parse(path)) == []


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) == "pipeline"], ids=relative)
def test_the_pipeline_has_no_clock_and_no_outside_world(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imported_names(parse(path))}
    assert libraries & NOT_IN_THE_PIPELINE == set()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_public_names_are_documented(path: Path) -> None:
    tree = parse(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    assert [name for name, node in public_names(tree) if not ast.get_docstring(node)] == []


Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_names(tree: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Documented]]:
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_names(node)


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module_name(path): set(imported_at_load(path)) for path in MODULES}
    assert circle_in(graph) == []


def module_name(path: Path) -> str:
    return ".".join(("repsense", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


def imported_at_load(path: Path) -> Iterator[str]:
    """Yield the modules of the package that importing ``path`` imports, functions left out."""
    known = {module_name(other) for other in MODULES}
    for node in load_time_nodes(parse(path)):
        for name in imported_names(node):
            yield from {name, name.rpartition(".")[0]} & known - {"repsense"}


def load_time_nodes(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ):
            yield from load_time_nodes(node)


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import circle, or nothing."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for imported in sorted(graph.get(module, ())):
            found = visit(imported, [*path, module])
            if found:
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := visit(module, []))), [])


def test_the_checks_see_an_import_hidden_in_a_function() -> None:
    hidden = ast.parse(
        "def f():\n    from repsense.sinks.live import LiveState\n    import paho.mqtt"
    )
    assert rooms_imported(hidden) == {"sinks"}
    assert walls_broken("sinks/live.py", hidden) == ["paho"]
    assert walls_broken("sinks/mqtt/wire.py", hidden) == []


def test_the_checks_see_a_room_imported_by_name() -> None:
    assert rooms_imported(ast.parse("from repsense import service")) == {"service"}
    assert rooms_imported(ast.parse("import repsense.cli.main")) == {"cli"}


def test_the_checks_see_a_circle() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_package_is_empty_of_modules() -> None:
    assert {"pipeline", "sources", "sinks", "cli"} <= {room_of(path) for path in MODULES}
