"""GET /cds-services (cds-hooks.md 1.2)."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from app.outcomes import JSON
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.gate import Gate
from hooks.messages import Discovery
from hooks.registry import Registry


def add(app: FastAPI, registry: Registry, gate: Gate) -> None:
    body = registry.discovery()

    @app.get("/cds-services", response_model=Discovery, dependencies=[CLIENT_TOKEN], tags=["CDS Hooks"], responses=errors(401))
    async def discover(request: Request) -> Response:
        """The services, the hooks they answer, and what they ask to be sent with a call. It is the same until the configuration changes."""
        await gate(request)
        return Response(body, media_type=JSON)
