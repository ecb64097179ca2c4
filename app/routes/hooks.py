"""POST /cds-services/{id}: one route for each service, declared with its true types (cds-hooks.md 1.3)."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import Body, FastAPI

from app.outcomes import JSON
from app.routes.bytes_route import BytesEndpoint, Described, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.gate import Gate
from hooks.messages import REQUESTS, CDSResponse
from hooks.registry import CDSService, Registry
from hooks.retrieval import FetcherFor


def add(app: FastAPI, registry: Registry, gate: Gate, today: Callable[[], date], fetcher_for: FetcherFor) -> None:
    route = bytes_route(gate)
    for service in registry:
        app.router.add_api_route(
            f"/cds-services/{service.id}",
            endpoint(service, today, fetcher_for),
            methods=["POST"],
            route_class_override=route,
            response_model=CDSResponse,
            dependencies=[CLIENT_TOKEN],
            tags=["CDS Hooks"],
            summary=service.title,
            operation_id=service.id,
            responses=errors(400, 401, 412, 413, 415, 500),
        )


def endpoint(service: CDSService, today: Callable[[], date], fetcher_for: FetcherFor) -> BytesEndpoint:
    async def call(body: Annotated[bytes, Body(media_type=JSON), Described(REQUESTS[service.hook])]) -> bytes:
        return await service.answer_fetching(body, today(), fetcher_for)

    call.__doc__ = f"Hook `{service.hook}`. {service.description}"
    return call
