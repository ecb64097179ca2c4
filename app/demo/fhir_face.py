"""`/demo/fhir`: the sample patients as a FHIR R4 server, enough for the CDS Hooks Sandbox and for our own prefetch templates.

Read-only, but for one thing: a filled-in assessment form of a sample patient is kept in memory (app.demo.kept_forms).
"""

from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.body import check_media_type
from app.demo.capability import FHIR_JSON, FHIR_PATH, KEPT, capability_statement
from app.demo.charts import Charts
from app.demo.described import FORM, assessment_body, described, form_body, query_parameters
from app.demo.kept_forms import NotKept
from app.demo.search import SEARCH_PARAMETERS, Pairs, SearchError, search
from app.demo.searchset import Page, searchset
from app.demo.templates import Resource
from app.errors import UnsupportedMediaType
from app.outcomes import JSON, NO_STORE, IssueCode, outcome_body

ResourceType = Annotated[str, Path(description="A FHIR R4 resource type that `metadata` lists.", examples=["Condition"])]
ResourceId = Annotated[str, Path(description="The resource's id.", examples=["eligible-uk-fracture"])]


class FhirResponse(Response):
    media_type = FHIR_JSON


class FhirFace:
    """Read, search, metadata, and creation of one type. What it cannot do is an OperationOutcome, without values from the request."""

    def __init__(self, charts: Charts, public_url: str | None) -> None:
        self._charts = charts
        self._public_url = public_url

    async def metadata(self, request: Request) -> Response:
        return _answer(capability_statement(self._service(request), self._charts.today()))

    async def read(self, resource_type: ResourceType, resource_id: ResourceId) -> Response:
        if resource_type not in SEARCH_PARAMETERS:
            return _no_such_type()
        wanted = (resource_type, resource_id)
        found = next((each for each in self._charts.resources() if (each["resourceType"], each["id"]) == wanted), None)
        return _answer(found) if found else _refusal(404, "not-found", "There is no such resource.")

    async def search_by_get(self, resource_type: ResourceType, request: Request) -> Response:
        return self._search(resource_type, _pairs(request.url.query), request)

    async def search_by_post(self, resource_type: ResourceType, request: Request) -> Response:
        """Parameters come in the form, and may also stand in the address (FHIR R4, 3.1.1.1)."""
        if request.headers.get("content-type", FORM).partition(";")[0].strip().lower() != FORM:
            return _refusal(415, "not-supported", f"A search by POST is {FORM}.")
        form = (await request.body()).decode("utf-8", errors="replace")
        return self._search(resource_type, [*_pairs(request.url.query), *_pairs(form)], request)

    async def create_form(self, request: Request) -> Response:
        """Keeps a finished assessment form of a sample patient, in memory and seen by all who use this demo, until the process ends."""
        try:
            check_media_type(request.headers, (FHIR_JSON, JSON))
            kept = self._charts.forms.keep(await request.body(), {sample.id for sample in self._charts.samples()})
        except UnsupportedMediaType as error:
            return _refusal(415, "not-supported", str(error))
        except NotKept as error:
            return _refusal(400, "invalid", str(error))
        address = f"{self._base(request)}/{KEPT}/{kept['id']}"
        return FhirResponse(msgspec.json.encode(kept), 201, headers={**NO_STORE, "Location": address})

    def _search(self, resource_type: str, asked: Pairs, request: Request) -> Response:
        if resource_type not in SEARCH_PARAMETERS:
            return _no_such_type()
        try:
            page = Page.asked(asked)
            found = search(self._charts.resources(), resource_type, asked)
        except SearchError as error:
            return _refusal(400, "invalid", str(error))
        return _answer(searchset(self._base(request), resource_type, found, page))

    def _service(self, request: Request) -> str:
        return (self._public_url or str(request.base_url)).rstrip("/")

    def _base(self, request: Request) -> str:
        return self._service(request) + FHIR_PATH


def fhir_router(face: FhirFace) -> APIRouter:
    """The five interactions, under FHIR_PATH."""
    router = APIRouter(prefix=FHIR_PATH, tags=["demo FHIR server"], default_response_class=FhirResponse)
    router.add_api_route("/metadata", face.metadata, methods=["GET"], **described("What this server can do", "CapabilityStatement"))
    search_path = "/{resource_type}/_search"
    searched = described("Search one type, parameters in a form", "Bundle", 400, 404, 415)
    router.add_api_route(search_path, face.search_by_post, methods=["POST"], openapi_extra=form_body(), **searched)
    router.add_api_route("/{resource_type}/{resource_id}", face.read, methods=["GET"], **described("Read one resource", "Condition", 404))
    created = described("Keep a filled-in form", KEPT, 400, 415, given=201)
    router.add_api_route(f"/{KEPT}", face.create_form, methods=["POST"], status_code=201, openapi_extra=assessment_body(), **created)
    searched = described("Search one type", "Bundle", 400, 404)
    router.add_api_route("/{resource_type}", face.search_by_get, methods=["GET"], openapi_extra=query_parameters(), **searched)
    return router


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _answer(resource: Resource) -> Response:
    return FhirResponse(msgspec.json.encode(resource), headers=NO_STORE)


def _refusal(status: int, code: IssueCode, words: str) -> Response:
    return FhirResponse(outcome_body(code, words), status, headers=NO_STORE)


def _no_such_type() -> Response:
    return _refusal(404, "not-supported", "This server holds no resources of that type; metadata lists those it holds.")
