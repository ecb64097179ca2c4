"""The outermost layer: each request is counted, timed and given a name of ours, which its log lines and its answer carry."""

import secrets
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from app.admission import is_counted
from app.observability import traces
from app.observability.metrics import Metrics

NO_ROUTE = "none"
NO_ANSWER = "none"
"""The status where the client left before there was one."""
HEADER = b"x-request-id"


class Watch:
    """Pure ASGI. What a client calls a request (hookInstance, a header) is its text, and neither logged nor counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._traced = traces.are_wanted()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = secrets.token_hex(8)
        bind_contextvars(request=request)
        if not (self._traced and is_counted(scope)):
            await self._counted(scope, receive, send, request)
            return
        with traces.of_call() as span:
            status = await self._counted(scope, receive, send, request)
            span.update_name(f"POST {route_of(scope)}")
            span.set_attributes({"http.route": route_of(scope), "http.response.status_code": status, "vacds.request": request})

    async def _counted(self, scope: Scope, receive: Receive, send: Send, request: str) -> int:
        """The status; 0 where none was sent."""
        status = 0

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request.encode())]
            await send(message)

        began = perf_counter()
        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_and_see)
        finally:
            route = route_of(scope)
            self._metrics.in_flight.dec()
            self._metrics.seconds[route,].observe(perf_counter() - began)
            self._metrics.requests[route, str(status) if status else NO_ANSWER].inc()
        return status


def route_of(scope: Scope) -> str:
    """The template that was matched, never the address that was asked for."""
    template: str = getattr(scope.get("route"), "path_format", NO_ROUTE)
    return template
