"""One module a format; each names its ``FORMAT``, and the registry finds it."""
