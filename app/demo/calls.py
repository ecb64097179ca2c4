"""`/demo/charts` and `/demo/calls`: a sample patient as a Bundle, and the hook call that an EHR would make about that patient."""

from collections.abc import Mapping
from typing import Annotated
from uuid import uuid4

import httpx
import msgspec
from fastapi import APIRouter, FastAPI, Path, Request
from starlette.responses import Response

from app.demo.capability import FHIR_JSON, FHIR_PATH
from app.demo.charts import Charts
from app.demo.samples import Sample, sample_bundle, sample_prefetch
from app.errors import NotAuthenticated, NothingThere
from app.outcomes import JSON, NO_STORE
from app.routes.documents import errors

HOOK = "patient-view"
USER = "Practitioner/demo"

SampleId = Annotated[str, Path(description="A sample patient's id.", examples=["eligible-uk"])]


class Calls:
    """What integrators send by hand, ready made."""

    def __init__(self, charts: Charts, public_url: str | None) -> None:
        self._charts = charts
        self._public_url = public_url

    async def listed(self) -> Response:
        """Every sample patient: id, title, story and the documented outcome."""
        return _json([_told(sample) for sample in self._charts.samples()])

    async def chart(self, sample_id: SampleId) -> Response:
        """The whole chart as a Bundle of type collection: the body of `POST /evaluations`."""
        return _json(sample_bundle(self._sample(sample_id)), FHIR_JSON)

    async def call(self, sample_id: SampleId, request: Request) -> Response:
        """The body of a `patient-view` call, its prefetch resolved from the templates in discovery as an EHR resolves them."""
        sample = self._sample(sample_id)
        templates = await discovered_templates(request.app, HOOK)
        base = (self._public_url or str(request.base_url)).rstrip("/")
        return _json(hook_call(sample, templates, base + FHIR_PATH))

    def _sample(self, sample_id: str) -> Sample:
        if (sample := self._charts.sample(sample_id)) is None:
            raise NothingThere("there is no such sample patient")
        return sample


def hook_call(sample: Sample, templates: Mapping[str, str], fhir_server: str) -> dict[str, object]:
    """A patient-view request (CDS Hooks 2.0.1); no token comes with it, for the sample patients are nobody's secret."""
    return {
        "hook": HOOK,
        "hookInstance": str(uuid4()),
        "fhirServer": fhir_server,
        "context": {"userId": USER, "patientId": sample.id},
        "prefetch": sample_prefetch(sample, templates),
    }


async def discovered_templates(app: FastAPI, hook: str) -> Mapping[str, str]:
    """Prefetch templates of the first service of that hook, read where every EHR reads them, without leaving the process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/cds-services")
    if answer.status_code != httpx.codes.OK:
        raise NotAuthenticated()
    for service in answer.json()["services"]:
        if service["hook"] == hook:
            templates: Mapping[str, str] = service.get("prefetch", {})
            return templates
    raise NothingThere(f"no service answers {hook}")


def calls_router(calls: Calls) -> APIRouter:
    router = APIRouter(prefix="/demo", tags=["demo charts"])
    for path, endpoint, refusals in (
        ("/charts", calls.listed, errors()),
        ("/charts/{sample_id}", calls.chart, errors(404)),
        ("/calls/{sample_id}", calls.call, errors(401, 404)),
    ):
        router.add_api_route(path, endpoint, methods=["GET"], responses=refusals, response_model=None)
    return router


def _told(sample: Sample) -> dict[str, str]:
    return {"id": sample.id, "title": sample.title, "story": sample.story, "outcome": sample.expected.outcome}


def _json(value: object, media_type: str = JSON) -> Response:
    return Response(msgspec.json.encode(value), headers=NO_STORE, media_type=media_type)
