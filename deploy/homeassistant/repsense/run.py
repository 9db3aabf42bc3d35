"""Starts RepSense as a Home Assistant add-on: options and the broker's login become settings.

    python3 run.py [--show]

The person's own settings are in /config/config.yaml, written with every setting explained at the
first start. Where they name no broker, the one that Home Assistant offers is used: host and port
are added to a copy in /data; user and password go into the environment and onto no disk.
"""

import json
import os
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

from repsense.bundled import bundled_path
from repsense.config import Settings, as_yaml, load_settings
from repsense.errors import RepSenseError
from repsense.sinks.mqtt.settings import PASSWORD_VARIABLE, USERNAME_VARIABLE

SUPERVISOR = os.environ.get("SUPERVISOR_ADDRESS", "http://supervisor")
DATA = Path(os.environ.get("REPSENSE_DATA", "/data"))
CONFIG = Path(os.environ.get("REPSENSE_CONFIG", "/config"))
EVERYWHERE = "0.0.0.0"  # of the container, where only the ports that the person opened lead
_PATIENCE_S = 10.0


def main() -> int:
    """Start it; with ``--show`` only say how it would be."""
    options = json.loads((DATA / "options.json").read_text("utf-8"))
    own, used = CONFIG / "config.yaml", DATA / "config.yaml"
    if not own.exists():
        own.write_text(bundled_path("config.yaml").read_text("utf-8"), encoding="utf-8")
        print(f"Wrote {own}: name the wearers and their bands there.", flush=True)
    try:
        settings = load_settings(own)
    except RepSenseError as error:
        print(error, file=sys.stderr)
        return 2
    environment = dict(os.environ)
    if settings.broker.host is None and (broker := offered_broker()) is not None:
        settings = with_broker(settings, broker)
        environment[USERNAME_VARIABLE] = str(broker.get("username") or "")
        environment[PASSWORD_VARIABLE] = str(broker.get("password") or "")
    words = ["repsense", "run", "--config", str(used), "--data-dir", str(DATA)]
    settings = replace(settings, phones=replace(settings.phones, host=EVERYWHERE))
    if options.get("dashboard"):
        settings = replace(settings, dashboard=replace(settings.dashboard, host=EVERYWHERE))
        words.append("--dashboard")
    used.write_text(as_yaml(settings), encoding="utf-8")
    if "--show" in sys.argv:
        print(*words)
    else:
        os.execvpe(words[0], words, environment)
    return 0


def offered_broker() -> dict[str, Any] | None:
    """Return host, port and login of Home Assistant's broker, or None where it offers none."""
    token = os.environ.get("SUPERVISOR_TOKEN", "")
    request = urllib.request.Request(
        f"{SUPERVISOR}/services/mqtt", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            offered: dict[str, Any] = json.load(answer)["data"]
    except (OSError, ValueError, KeyError) as error:
        print(f"Home Assistant offers no broker ({error}): is one installed?", flush=True)
        return None
    return offered


def with_broker(settings: Settings, offered: dict[str, Any]) -> Settings:
    """Return the settings with the broker that is offered."""
    broker = replace(
        settings.broker,
        host=str(offered["host"]),
        port=int(offered["port"]),
        tls=bool(offered.get("ssl")),
    )
    return replace(settings, broker=broker)


if __name__ == "__main__":
    sys.exit(main())
