"""The one door to Ray, for whatever outgrows one machine: an extra, loaded on first use.

A cluster is the user's own (``ray start``, docs/tuning.md); nothing here starts
one for good, and nothing is reported to anybody.
"""

import contextlib
import importlib
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from repsense.errors import ClusterError

#: In place of an address: a cluster of this machine's cores, for as long as it is needed.
LOCAL = "local"

# Before Ray is loaded: nothing is sent home, nothing is said that concerns only its makers, and
# workers do not stand back for whatever else runs: people wait for what they count.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_worker_niceness": "0",
}

_KNOCK_S = 5.0


def load_ray() -> Any:  # noqa: ANN401 - Ray's decorators have no types that hold
    """Return the module ``ray``.

    Raises
    ------
    ClusterError
        When the extra is not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"A cluster needs {error.name}, which is not installed. Install it here and on each "
            f"machine of the cluster with: pip install 'repsense[cluster]'"
        ) from error


@contextlib.contextmanager
def connected(address: str, *, cores: int | None = None) -> Iterator[Any]:
    """Yield the module ``ray``, connected to a cluster until the block is left.

    Parameters
    ----------
    address
        ``host:port`` of the cluster's head, as ``ray start --head`` says it, or
        :data:`LOCAL`.
    cores
        Of this machine, for :data:`LOCAL`; None takes all.

    Raises
    ------
    ClusterError
        When the extra is not installed, or the cluster cannot be reached.
    """
    ray = load_ray()
    folder = Path(tempfile.mkdtemp(prefix="repsense-ray-")) if address == LOCAL else None
    try:
        _connect(ray, address, cores, folder)
        yield ray
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _connect(ray: Any, address: str, cores: int | None, folder: Path | None) -> None:  # noqa: ANN401 - as above
    where: dict[str, Any]
    if folder is not None:
        where = {"num_cpus": cores, "include_dashboard": False, "_temp_dir": str(folder)}
    else:
        _knock(address)
        where = {"address": address}
    try:
        ray.init(**where, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _unreachable(address, str(error).strip().partition("\n")[0]) from error


def _knock(address: str) -> None:
    """See whether anything listens there: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(
            f"{address!r} is no address of a cluster: use host:port as 'ray start --head' shows "
            f"it, like 192.168.0.10:6379, or {LOCAL!r} for the cores of this machine."
        )
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCK_S).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, str(error)) from error


def _unreachable(address: str, reason: str) -> ClusterError:
    return ClusterError(
        f"The cluster at {address!r} cannot be reached ({reason}): check the address that 'ray "
        f"start --head' showed, that it is running, and that Ray has the same version on both "
        f"sides."
    )
