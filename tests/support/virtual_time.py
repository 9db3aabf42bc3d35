"""An event loop whose clock jumps to the next thing to do: an hour passes in no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

# How long to wait for a thread before looking again, in real seconds.
_LONG_S = 1.0


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing: where a real one would sleep, the time is put forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self.at_work = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # A thread works in real time: as long as one does, the clock stands still.
        ready = super().select(_LONG_S if self.at_work else 0)
        if not ready:
            if self.at_work:
                return ready
            if timeout is None:
                raise RuntimeError("nothing is left that could ever happen")
            self.now_s += max(timeout, 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For whatever runs inside, ``loop.time()`` and every timeout are virtual."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[..., T],
        *args: Any,  # noqa: ANN401 - asyncio's own signature
    ) -> asyncio.Future[T]:
        """Run something in a thread, and let no time pass until it is done."""
        self._jumping.at_work += 1
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._rest)
        return future

    def _rest(self, _: asyncio.Future[Any]) -> None:
        self._jumping.at_work -= 1


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as ``asyncio.run`` does, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
