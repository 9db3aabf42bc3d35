"""The doctor looks at the place where RepSense lives."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from repsense.cli import checks_home
from repsense.cli.checks import Verdict
from repsense.cli.checks_home import (
    check_database,
    check_folder,
    check_log,
    check_secrets,
    check_space,
    check_watchdog,
)
from repsense.cli.doctor import look_at_home
from repsense.config import Settings
from repsense.sinks.folder import held
from repsense.sinks.history import MIGRATIONS, History, history_path
from repsense.sinks.mqtt.settings import BrokerSettings


def test_a_new_home_is_fine_and_nothing_is_made(tmp_path: Path) -> None:
    findings = look_at_home(Settings(), tmp_path / "new")
    assert {one.name for one in findings} == {"data folder", "disk space", "database", "secrets"}
    assert {one.verdict for one in findings if one.name != "disk space"} == {Verdict.FINE}
    assert not (tmp_path / "new").exists()


def test_who_counts_is_told(tmp_path: Path) -> None:
    with held(tmp_path):
        assert "Process " in check_folder(tmp_path).text
    assert "counts into it" not in check_folder(tmp_path).text


def test_a_folder_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = check_folder(tmp_path / "file")
    assert (found.verdict, "history.data_dir" in found.text) == (Verdict.WRONG, True)


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(5_000_000, Verdict.WRONG), (50_000_000, Verdict.CARE), (5_000_000_000, Verdict.FINE)],
)
def test_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict
) -> None:
    monkeypatch.setattr(checks_home.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert check_space(tmp_path / "not" / "there").verdict is verdict


def test_the_database_is_looked_at_and_left_as_it_is(tmp_path: Path) -> None:
    path = history_path(tmp_path)
    History(path).close()
    before = path.read_bytes()
    assert check_database(path).text == f"Sound, version {len(MIGRATIONS)}."
    assert path.read_bytes() == before
    for version, verdict in ((1, Verdict.FINE), (99, Verdict.WRONG)):
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        found = check_database(path)
        assert found.verdict is verdict
        assert f"ersion {version}" in found.text


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = history_path(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a)")
        db.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
        db.commit()
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\x55" * 4096
    path.write_bytes(raw)
    assert check_database(path).verdict is Verdict.WRONG
    path.write_text("my notes " * 100)
    assert "cannot be read (file is not a database)" in check_database(path).text


def systemd(**facts: str) -> str:
    return "\n".join(f"{key}={value}" for key, value in facts.items())


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (None, Verdict.SKIPPED),
        (systemd(LoadState="not-found", ActiveState="inactive"), Verdict.SKIPPED),
        (systemd(LoadState="loaded", ActiveState="active", WatchdogUSec="0"), Verdict.CARE),
        (systemd(LoadState="loaded", ActiveState="failed", WatchdogUSec="1min"), Verdict.WRONG),
        (systemd(LoadState="loaded", ActiveState="active", WatchdogUSec="1min"), Verdict.FINE),
    ],
)
def test_systemd_is_asked_how_the_service_does(said: str | None, verdict: Verdict) -> None:
    assert check_watchdog(lambda _: said, "linux").verdict is verdict
    assert check_watchdog(lambda _: said, "darwin").verdict is Verdict.SKIPPED


def test_secrets_that_others_may_read_are_told(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x")
    password.chmod(0o644)
    settings = Settings(broker=BrokerSettings(password_file=str(password)))
    found = check_secrets(settings, tmp_path)
    assert (found.verdict, f"chmod 600 {password}" in found.text) == (Verdict.CARE, True)
    password.chmod(0o600)
    assert check_secrets(settings, tmp_path).verdict is Verdict.FINE
    assert check_secrets(settings, tmp_path, "win32").verdict is Verdict.SKIPPED


def test_where_the_log_is_kept_is_told() -> None:
    said = "Archived and active journals take up 48.0M in\n the file system."
    found = check_log(lambda _: said, "linux")
    assert found.verdict is Verdict.FINE
    assert "take up 48.0M in the file system." in found.text
    for run, platform in ((lambda _: None, "linux"), (lambda _: said, "darwin")):
        assert check_log(run, platform).verdict is Verdict.SKIPPED
