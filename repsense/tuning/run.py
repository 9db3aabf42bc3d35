"""Push a recording through the pipeline, exactly as a live stream is."""

from repsense.pipeline.judge import Listener
from repsense.pipeline.pipeline import Pipeline, PipelineParameters
from repsense.recording.format import Recording
from repsense.tuning.outcome import Run

__all__ = ["Run", "run_recording"]

# How a stream is cut does not change its events; this keeps the arrays in the cache.
_BLOCK_SAMPLES = 4096


def run_recording(
    recording: Recording,
    *,
    parameters: PipelineParameters | None = None,
    armed: bool = False,
    exercise: str | None = None,
    block_samples: int = _BLOCK_SAMPLES,
    listener: Listener | None = None,
) -> Run:
    """Return what the pipeline says about a recording.

    Parameters
    ----------
    parameters
        Settings of the stages; None for the tuned ones.
    armed
        A set is due, so even a single rep counts.
    exercise
        Identifier of the exercise, where it is known.
    block_samples
        Samples in each block pushed.
    listener
        Told of every chain that is judged, and why.
    """
    pipeline = Pipeline(parameters, armed=armed, exercise=exercise)
    if listener is not None:
        pipeline.listen(listener)
    events = [
        event for block in recording.block.cut(block_samples) for event in pipeline.push(block)
    ]
    events += pipeline.flush()
    return Run(
        events=tuple(events),
        start_s=float(recording.block.t_s[0]),
        end_s=float(recording.block.t_s[-1]),
    )
