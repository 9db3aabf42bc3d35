"""RepSense: a live rep counter and tempo coach for dumbbell sets.

One arrow runs through the package: ``sources`` turn a sensor's bytes into
:class:`~repsense.samples.SampleBlock`, ``pipeline`` turns blocks into
:mod:`~repsense.events`, ``sinks`` take events to MQTT, history and screen.
"""
