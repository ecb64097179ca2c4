"""What browsers and caches may do with an answer: nothing, unless its route says otherwise (trust.md, ASVS 14.3.2).

`Strict-Transport-Security` is left to the proxy that holds the certificate: the rule is one for its whole host.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERY_ANSWER = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"no-referrer", b"cache-control": b"no-store"}
JSON_ANSWER = {b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'"}


class SecurityHeaders:
    """Pure ASGI, outermost. A header that is there already stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *missing(dict(message["headers"]))]
            await send(message)

        await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)


def missing(given: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    wanted = EVERY_ANSWER | JSON_ANSWER if b"json" in given.get(b"content-type", b"") else EVERY_ANSWER
    return [(name, value) for name, value in wanted.items() if name not in given]
