"""Bands that are played, and the radio to hear them: the only place that knows Bumble."""
