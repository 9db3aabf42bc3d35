"""What holds for all tests."""

from hypothesis import settings

# A machine that is busy otherwise is slow, not wrong: what takes too long, pytest-timeout ends.
settings.register_profile("repsense", deadline=None)
settings.load_profile("repsense")
