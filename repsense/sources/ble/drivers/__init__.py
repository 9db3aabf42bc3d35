"""One module a kind of sensor; each names its driver ``DRIVER``, and the registry finds it."""
