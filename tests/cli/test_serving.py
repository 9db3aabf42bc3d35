"""What every command that counts live does before it begins."""

from pathlib import Path

import pytest

from repsense import service
from repsense.cli.serving import get_ready
from repsense.compiled import is_first_time


@pytest.mark.parametrize("first", [True, False])
def test_who_waits_for_the_compiler_in_a_log_is_told_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    first: bool,
) -> None:
    kernels = tmp_path / "kernels"
    (kernels / "pipeline").mkdir(parents=True)  # it is there as soon as numba is loaded
    if not first:
        (kernels / "pipeline" / "search.nbi").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(kernels))
    monkeypatch.setattr(service, "warm_up", lambda: None)
    assert is_first_time() == first

    get_ready()

    assert ("Getting the engine ready" in capsys.readouterr().err) == first
