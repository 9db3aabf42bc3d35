"""What ``repsense doctor`` looks at where RepSense lives: folder, disk, database, systemd."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from repsense.cli.checks import Finding, Run, Verdict, run_program
from repsense.errors import HistoryError

if TYPE_CHECKING:
    from repsense.config import Settings

# A year of a family's sets is some 20 MB; the operating system needs air, too.
_WRONG_MB, _CARE_MB = 20, 300
_UNIT = "repsense.service"
_SECRETS = ("phones.json", "phones.key", "dashboard.code")


def check_folder(folder: Path) -> Finding:
    """See whether the data folder can be written, and whether somebody counts into it."""
    from repsense.sinks.folder import holder

    name = "data folder"
    if not folder.exists():
        return Finding(name, Verdict.FINE, f"{folder} is made by the first run.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            name,
            Verdict.WRONG,
            f"{folder} cannot be written ({error.strerror}): no set would be kept. Give this user "
            f"the folder, or name another one with history.data_dir.",
        )
    who = holder(folder)
    counting = "" if who is None else f" {who.capitalize()} counts into it just now."
    return Finding(name, Verdict.FINE, f"{folder} is writable.{counting}")


def check_space(folder: Path) -> Finding:
    """See whether the disk has room."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free_mb = shutil.disk_usage(there).free // 1_000_000
    text = f"{free_mb:,} MB are free for {folder}."
    if free_mb < _WRONG_MB:
        return Finding("disk space", Verdict.WRONG, f"{text} Make room: sets cannot be kept.")
    if free_mb < _CARE_MB:
        return Finding("disk space", Verdict.CARE, f"{text} Make room soon.")
    return Finding("disk space", Verdict.FINE, text)


def check_database(path: Path) -> Finding:
    """See whether the history is whole and of a version that this program knows."""
    from repsense.sinks.history import MIGRATIONS
    from repsense.sinks.history_upgrade import soundness

    name, known = "database", len(MIGRATIONS)
    if not path.exists():
        return Finding(name, Verdict.FINE, "None yet: the first set makes it.")
    try:
        version, sound = soundness(path)
    except HistoryError as error:
        return Finding(name, Verdict.WRONG, str(error))
    if version > known:
        text = f"Version {version} is newer than this RepSense, which knows {known}: update it."
        return Finding(name, Verdict.WRONG, text)
    if sound != "ok":
        text = f"{path} is damaged ({sound}): put back a copy from beside it."
        return Finding(name, Verdict.WRONG, text)
    if version < known:
        text = f"Sound, version {version}: the next start copies it and makes it version {known}."
        return Finding(name, Verdict.FINE, text)
    return Finding(name, Verdict.FINE, f"Sound, version {version}.")


def check_watchdog(run: Run = run_program, platform: str = sys.platform) -> Finding:
    """Ask systemd how the service does, where there is one."""
    if not platform.startswith("linux"):
        return Finding("watchdog", Verdict.SKIPPED, "Only Linux has systemd.")
    asked = ("LoadState", "ActiveState", "WatchdogUSec", "NRestarts")
    said = run(["systemctl", "show", _UNIT, f"--property={','.join(asked)}"]) or ""
    facts = dict(line.partition("=")[::2] for line in said.splitlines())
    if facts.get("LoadState") != "loaded":
        text = f"systemd knows no {_UNIT}: nothing starts RepSense again when it ends."
        return Finding("watchdog", Verdict.SKIPPED, f"{text} deploy/systemd has one.")
    text = f"{_UNIT} is {facts.get('ActiveState')}, started again {facts.get('NRestarts')} times"
    if facts.get("WatchdogUSec", "0") in {"0", "infinity"}:
        return Finding("watchdog", Verdict.CARE, f"{text}, without a watchdog: set WatchdogSec.")
    if facts.get("ActiveState") == "failed":
        return Finding("watchdog", Verdict.WRONG, f"{text}: see 'journalctl -u {_UNIT}'.")
    return Finding("watchdog", Verdict.FINE, f"{text}, watched every {facts['WatchdogUSec']}.")


def check_log(run: Run = run_program, platform: str = sys.platform) -> Finding:
    """See where what the service says is kept: RepSense itself writes no log file."""
    said = run(["journalctl", "--disk-usage"]) if platform.startswith("linux") else None
    if not said:
        text = "No journal here: what RepSense says is kept by whoever started it."
        return Finding("log", Verdict.SKIPPED, text)
    usage = " ".join(said.split())
    return Finding("log", Verdict.FINE, f"In systemd's journal, which rotates by itself. {usage}")


def check_secrets(settings: "Settings", folder: Path, platform: str = sys.platform) -> Finding:
    """See whether files with passwords and keys are their owner's alone."""
    name = "secrets"
    if platform == "win32":
        return Finding(name, Verdict.SKIPPED, "Windows has no such permissions.")
    broker = settings.broker
    named = (
        *(broker.password_file, broker.client_key_file),
        *(settings.dashboard.token_file, settings.phones.key_file),
    )
    files = [Path(one).expanduser() for one in named if one is not None]
    files += [folder / one for one in _SECRETS]
    there = [path for path in files if path.exists()]
    for path in there:
        if not os.access(path, os.R_OK):
            return Finding(name, Verdict.WRONG, f"{path} cannot be read by this user.")
    loose = [str(path) for path in there if path.stat().st_mode & 0o077]
    if loose:
        text = f"Others may read {', '.join(loose)}: chmod 600 {' '.join(loose)}"
        return Finding(name, Verdict.CARE, text)
    return Finding(name, Verdict.FINE, f"{len(there)} files, readable by their owner alone.")
