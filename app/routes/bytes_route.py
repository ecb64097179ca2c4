"""Routes whose endpoints take the body as bytes and give the answer as bytes, and are described by models all the same.

FastAPI reads a declared body with the standard library's parser before anything can be checked, and echoes it when it does not fit
(performance.md, traps). Here the model is for the document: `Described` puts it into the signature's type, FastAPI into OpenAPI, and the
handler below hands over the bytes.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from starlette.responses import Response

from app.body import MediaTypes, check_media_type
from app.errors import BadRequest
from app.outcomes import JSON, NO_STORE
from app.trust.caller import ANYBODY, Caller
from app.trust.gate import Gate

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
BytesEndpoint = Callable[..., Awaitable[bytes]]


class Described:
    """`Annotated[bytes, Body(), Described(CDSRequest)]`: bytes to the endpoint, a CDSRequest to the OpenAPI document."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self.model)


def _described_as_nothing() -> Caller:
    return ANYBODY


Known = Annotated[Caller, Depends(_described_as_nothing)]
"""An endpoint's parameter `caller: Known` gets who calls; the OpenAPI document has no word of it."""


Place = Callable[[str], AbstractContextManager[object]]
"""Held while a client's call is worked on; Overloaded where it has too many."""


def bytes_route(gate: Gate, accepted: MediaTypes = (JSON,), place: Place = nullcontext) -> type[APIRoute]:
    """The route class for bodies of these media types. Path and query parameters reach the endpoint as strings, by name."""

    class BytesRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            endpoint: BytesEndpoint = self.endpoint
            queries = {field.alias: field.name for field in self.dependant.query_params}
            callers = [each.name for each in self.dependant.dependencies if each.call is _described_as_nothing and each.name]

            async def handle(request: Request) -> Response:
                caller = await gate(request)
                check_media_type(request.headers, accepted)
                parameters = {**request.path_params, **_queries(request, queries), **dict.fromkeys(callers, caller)}
                body = await request.body()
                with place(caller.name):
                    answer = await endpoint(body, **parameters)
                return Response(answer, headers=NO_STORE, media_type=JSON)

            return handle

    return BytesRoute


def _queries(request: Request, names: Mapping[str, str]) -> dict[str, str]:
    """Arguments by name for the query parameters that were given; `names` maps what is in the address to the argument."""
    given: dict[str, str] = {}
    for alias, name in names.items():
        values = request.query_params.getlist(alias)
        if len(values) > 1:
            raise BadRequest("is given twice", alias)
        if values:
            given[name] = values[0]
    return given
