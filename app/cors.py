"""Who may call from a browser (cds-hooks.md D-08, sandbox.md 3): answers to OPTIONS ask for no authentication."""

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.outcomes import outcome_response
from app.settings import Mode, Settings

PREFLIGHT_SECONDS = 600


class Cors(CORSMiddleware):
    """Starlette's, except that a refused preflight is an OperationOutcome like every other 4xx, and what no browser sent passes at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"origin" for name, _ in scope.get("headers", ())):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        return outcome_response(400, "not-supported", "this origin, method or header is not allowed", headers={"Vary": "Origin"})


def install(app: FastAPI, settings: Settings) -> None:
    """To be added outside of all that answers: errors carry the headers too. Never with credentials: a bearer token needs none."""
    app.add_middleware(
        Cors,
        allow_origins=settings.allowed_origins,
        allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type"),
        max_age=PREFLIGHT_SECONDS,
        allow_private_network=settings.mode is Mode.DEMO,  # a page on the public web may try a service on one's own machine
    )
