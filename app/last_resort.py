"""The outermost handler of the unforeseen: answers 500 and raises nothing.

Starlette's own handler raises again after answering, and the server then closes the connection: the next request on it, of another
patient, fails with this one (trust.md 2.5).
"""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import response_for

log = logging.getLogger(__name__)


class LastResort:
    """Pure ASGI. Where the answer has begun there is nothing left to say: the server ends the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_and_see(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        except ClientDisconnect:
            log.info("the client left", extra={"event": "client-left"})
        except Exception as error:  # noqa: BLE001 - this is what the class is for
            # The exception's text and its arguments may hold patient data; its type and place do not.
            log.error("unforeseen", extra={"event": "unforeseen", "error": type(error).__name__, "at": place(error)})
            if not begun:
                await response_for(error)(scope, receive, send)


def place(error: Exception) -> str:
    """`hooks/envelope.py:68`: the innermost frame, without its variables."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return ""
    path = trace.tb_frame.f_code.co_filename
    return f"{'/'.join(path.split('/')[-2:])}:{trace.tb_lineno}"
