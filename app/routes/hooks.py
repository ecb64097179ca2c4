"""POST /cds-services/{id}: one route for each service, declared with its true types (cds-hooks.md 1.3)."""

from collections.abc import Callable, Sequence
from datetime import date
from time import perf_counter
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
Notice = Callable[[CDSService, Caller, Answer, float], None]
"""Is told of every answer and how many seconds it took, and must not wait: an answer waits for nobody who counts or keeps account."""
FailureNotice = Callable[[CDSService, Caller, Exception, float], None]
"""The same of every call of a known caller that gets no answer but an error."""


def add(
    app: FastAPI,
    registry: Registry,
    gate: Gate,
    today: Callable[[], date],
    terms_of: TermsOf,
    place: Place,
    notices: Sequence[Notice] = (),
    failure_notices: Sequence[FailureNotice] = (),
) -> None:
    route = bytes_route(gate, place=place)
    for service in registry:
        app.router.add_api_route(
            f"/cds-services/{service.id}",
            endpoint(service, today, terms_of, notices, failure_notices),
            methods=["POST"],
            route_class_override=route,
            response_model=CDSResponse,
            dependencies=[CLIENT_TOKEN],
            tags=["CDS Hooks"],
            summary=service.title,
            operation_id=service.id,
            responses=errors(400, 401, 412, 413, 415, 500),
        )


def endpoint(
    service: CDSService,
    today: Callable[[], date],
    terms_of: TermsOf,
    notices: Sequence[Notice],
    failure_notices: Sequence[FailureNotice],
) -> BytesEndpoint:
    async def call(body: Annotated[bytes, Body(media_type=JSON), Described(REQUESTS[service.hook])], caller: Known) -> bytes:
        started = perf_counter()
        try:
            answer = await service.respond(body, today(), terms_of(caller))
        except Exception as error:
            for failure in failure_notices:
                failure(service, caller, error, perf_counter() - started)
            raise
        for notice in notices:
            notice(service, caller, answer, perf_counter() - started)
        return answer.body

    call.__doc__ = f"Hook `{service.hook}`. {service.description}"
    return call
