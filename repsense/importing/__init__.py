"""Other people's recordings made ours: one file a format, in ``formats``."""
