"""Finds the files that travel with RepSense: the commented defaults and the demo's session.

They live once, at the top of the source tree, where people look for them. The
wheel carries a copy in ``repsense/bundled`` (see ``pyproject.toml``).
"""

from pathlib import Path

from repsense.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent

# Name in the wheel: where the same file lives in the source tree.
PLACES = {
    "config.yaml": Path("config.yaml"),
    "workout.csv.gz": Path("recordings/workout.csv.gz"),
    "workout.labels.yaml": Path("recordings/workout.labels.yaml"),
}


def bundled_path(name: str) -> Path:
    """Return where the bundled file ``name`` is on this machine.

    Parameters
    ----------
    name
        One of the keys of :data:`PLACES`.

    Raises
    ------
    ConfigError
        When the file is in neither place: the installation is incomplete.
    """
    candidates = [_PACKAGE / "bundled" / name]
    if name in PLACES:
        candidates.append(_PACKAGE.parent / PLACES[name])
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConfigError(
        f"{name}, which comes with RepSense, is missing from {_PACKAGE / 'bundled'}: the "
        f"installation is incomplete. Install again with: pip install --force-reinstall repsense"
    )
