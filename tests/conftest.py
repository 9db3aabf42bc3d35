"""What holds for all tests."""

import os

from hypothesis import settings

# The tests' matrices are small: threads that share them cost several times what they save. This
# must be said before numpy is loaded, and is inherited by the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A machine that is busy otherwise is slow, not wrong: what takes too long, pytest-timeout ends.
settings.register_profile("repsense", deadline=None)
settings.load_profile("repsense")
