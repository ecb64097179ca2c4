"""How many calls are worked on at once, and what becomes of a call whose client has left (trust.md 3, faults 18, 21 to 23).

A queue that grows makes every caller wait and answers nobody in time; a caller who is refused at once can go on without us. Counted
are hook calls and /evaluations whose body has come: whoever sends slowly holds no place. Everything else, /livez first, is let through.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Overloaded, response_for

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 64
CALLS_WHEN_LAGGING = 16
LAG_SECONDS = 0.25
LOOK_SECONDS = 0.1
WATCH_AFTER_SECONDS = 0.05
HOOKS = "/cds-services/"
FEEDBACK = "/feedback"
EVALUATIONS = "/evaluations"


class Shares:
    """How many calls of one client are worked on at once, so that no client takes every place (trust.md 3, fault 23)."""

    def __init__(self, calls_of_one: int) -> None:
        self._calls_of_one = calls_of_one
        self._calls: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Held until the block ends; Overloaded where the client has its share."""
        if self._calls[client] >= self._calls_of_one:
            log.warning("one client calls too often at once", extra={"event": "overload", "client": client})
            raise Overloaded
        self._calls[client] += 1
        try:
            yield
        finally:
            self._calls[client] -= 1


class Admission:
    """Pure ASGI. `calls` is how many are worked on now. `lag_seen` is told how late the loop was at each look."""

    def __init__(self, app: ASGIApp, calls_at_once: int = CALLS_AT_ONCE, lag_seen: Callable[[float], None] | None = None) -> None:
        self._app = app
        self._calls_at_once = calls_at_once
        self.lag = LoopLag(lag_seen)
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_counted(scope):
            await self._app(scope, receive, send)
            return
        self.lag.watch()
        if self.is_full:
            tell_overload()
            await response_for(Overloaded())(scope, receive, send)
            return
        call = _Call(self, receive)
        try:
            await self._app(scope, call.receive, send)
        except asyncio.CancelledError:
            if not call.was_left():
                raise
            log.info("the client left", extra={"event": "client-left"})
        finally:
            call.end()

    @property
    def is_full(self) -> bool:
        return self.calls >= self._calls_at_once or (self.calls >= CALLS_WHEN_LAGGING and self.lag.seconds > LAG_SECONDS)


class _Call:
    """One call: it takes its place when its body has come, and is cancelled when its client leaves before the answer."""

    def __init__(self, admission: Admission, receive: Receive) -> None:
        self._admission = admission
        self._receive = receive
        self._task = asyncio.current_task()
        self._has_place = False
        self._left = False
        self._watch: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False) and not self._has_place:
            if self._admission.is_full:
                tell_overload()
                raise Overloaded
            self._admission.calls += 1
            self._has_place = True
            # Most calls are answered before anybody could leave: only one that waits is watched, and that costs a task.
            self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._start_watching)
        return message

    def was_left(self) -> bool:
        """Whether the cancellation was ours, which is then over."""
        if self._left and self._task is not None:
            self._task.uncancel()
        return self._left

    def end(self) -> None:
        if self._has_place:
            self._admission.calls -= 1
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _start_watching(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._cancel_when_left())

    async def _cancel_when_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(WATCH_AFTER_SECONDS)
        self._left = True
        if self._task is not None:
            self._task.cancel()


class LoopLag:
    """How late the event loop is: the last look's delay in seconds. It looks only while somebody calls."""

    def __init__(self, seen: Callable[[float], None] | None = None) -> None:
        self.seconds = 0.0
        self._seen = seen
        self._due: float | None = None
        self._asked = False

    def watch(self) -> None:
        self._asked = True
        if self._due is None:
            self._look_later()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._asked = False
        self._due = loop.time() + LOOK_SECONDS
        loop.call_at(self._due, self._look)

    def _look(self) -> None:
        if self._due is not None:
            self.seconds = max(0.0, asyncio.get_running_loop().time() - self._due)
            if self._seen is not None:
                self._seen(self.seconds)
        if self._asked:
            self._look_later()
        else:
            self._due, self.seconds = None, 0.0


def tell_overload() -> None:
    log.warning("too many calls at once", extra={"event": "overload"})


def is_counted(scope: Scope) -> bool:
    """Hook calls and /evaluations; not feedback, which is small and waits for nobody."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    return path == EVALUATIONS or (path.startswith(HOOKS) and not path.endswith(FEEDBACK))
