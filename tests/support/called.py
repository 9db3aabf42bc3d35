"""The command line as a person calls it, in this process; not a test itself."""

from pathlib import Path

import pytest

from repsense.cli.main import main


def exit_code(*words: str | Path) -> int:
    """Return the exit code of ``repsense`` and these words."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)
