"""Log lines on their way out: a full pipe or a slow disk must not hold up a call (trust.md 3, fault 27)."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import TextIO

LINES = 10_000


class LogSink(logging.Handler):
    """Formats in the caller's thread, writes in one of its own. What does not fit is dropped, counted and told by `on_drop`."""

    def __init__(self, stream: TextIO, lines: int = LINES) -> None:
        super().__init__()
        self.dropped = 0
        self.on_drop: Callable[[], None] = _nobody
        self._stream = stream
        self._waiting: queue.Queue[str] = queue.Queue(lines)
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.put_nowait(self.format(record))
        except Exception:  # noqa: BLE001 - the queue is full, or the record cannot be formatted: neither is to fail whoever logs
            self._drop()

    def flush(self, seconds: float = 0.5) -> None:
        """Waits for what is waiting, but not for ever: called when the process ends."""
        with self._waiting.all_tasks_done:
            if self._waiting.unfinished_tasks:
                self._waiting.all_tasks_done.wait(seconds)

    def _write(self) -> None:
        while True:
            line = self._waiting.get()
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more; nothing is left to tell
                self._drop()
            finally:
                self._waiting.task_done()

    def _drop(self) -> None:
        self.dropped += 1
        self.on_drop()


def _nobody() -> None:
    """Until somebody counts."""
