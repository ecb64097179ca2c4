"""POST /cds-services/{id}: one route for each service, declared with its true types (cds-hooks.md 1.3)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from fastapi import Body, FastAPI

from app.outcomes import JSON
from app.routes.bytes_route import BytesEndpoint, Described, Known, Place, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.caller import Caller
from app.trust.gate import Gate
from hooks.answer import Answer, ClientTerms
from hooks.messages import REQUESTS, CDSResponse
from hooks.registry import CDSService, Registry

TermsOf = Callable[[Caller], ClientTerms]
Notice = Callable[[CDSService, Caller, Answer], None]
"""Is told of every answer, and must not wait: an answer waits for nobody who counts or keeps account."""


def add(
    app: FastAPI, registry: Registry, gate: Gate, today: Callable[[], date], terms_of: TermsOf, place: Place, notices: Sequence[Notice] = ()
) -> None:
    route = bytes_route(gate, place=place)
    for service in registry:
        app.router.add_api_route(
            f"/cds-services/{service.id}",
            endpoint(service, today, terms_of, notices),
            methods=["POST"],
            route_class_override=route,
            response_model=CDSResponse,
            dependencies=[CLIENT_TOKEN],
            tags=["CDS Hooks"],
            summary=service.title,
            operation_id=service.id,
            responses=errors(400, 401, 412, 413, 415, 500, 503),
        )


def endpoint(service: CDSService, today: Callable[[], date], terms_of: TermsOf, notices: Sequence[Notice]) -> BytesEndpoint:
    async def call(body: Annotated[bytes, Body(media_type=JSON), Described(REQUESTS[service.hook])], caller: Known) -> bytes:
        answer = await service.respond(body, today(), terms_of(caller))
        for notice in notices:
            notice(service, caller, answer)
        return answer.body

    call.__doc__ = f"Hook `{service.hook}`. {service.description}"
    return call
