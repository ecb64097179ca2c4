"""However the record comes, the answer is the same, byte for byte, for every sample patient (design.md, law 4): over real sockets."""

from collections.abc import Iterator, Mapping
from functools import partial

import msgspec
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app import reference_patient
from app.demo.capability import FHIR_PATH
from app.demo.samples import Sample, load_samples, sample_bundle, sample_prefetch
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import Limits
from app.main import build_house, create_app
from app.settings import Mode, Settings
from hooks.messages import EVALUATION
from tests.service import Json, Service, serving

TODAY = reference_patient.DAY
SAMPLES = load_samples(TODAY)
PAGE = 2
SETTINGS = Settings.model_construct(mode=Mode.DEMO)
HOUSE = build_house(SETTINGS)


class InPages:
    """The demo's FHIR face with `_count` in every search that does not say it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"_count" not in scope["query_string"]:
            more = f"&_count={PAGE}".encode()
            scope = {**scope, "query_string": scope["query_string"] + more}
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def fhir() -> Iterator[Service]:
    with serving(create_app(SETTINGS, lambda: TODAY, HOUSE)) as service:
        yield service


@pytest.fixture(scope="module")
def fhir_in_pages() -> Iterator[Service]:
    app = create_app(SETTINGS, lambda: TODAY, HOUSE)
    app.add_middleware(InPages)
    with serving(app) as service:
        yield service


@pytest.fixture(scope="module")
def cds(fhir: Service, fhir_in_pages: Service) -> Iterator[Service]:
    """No token: what the demo allows. Patience and pages enough for a busy machine and a long chart."""
    allowed = servers_at([address_of(fhir), address_of(fhir_in_pages)])
    access = FhirAccess(allowed, token_needed=False, limits=Limits(deadline=4.5, pages=100))
    with serving(create_app(SETTINGS, lambda: TODAY, HOUSE, access)) as service:
        yield service


def address_of(service: Service) -> str:
    return f"http://127.0.0.1:{service.port}{FHIR_PATH}"


def evaluation(cds: Service, sample: Sample, fhir: Service, prefetch: Mapping[str, Json]) -> bytes:
    """The bytes of the Evaluation, every source written as prefetch."""
    call: Json = {**reference_patient.hook_request(prefetch), "fhirServer": address_of(fhir)}
    call["context"] = {"patientId": sample.id, "userId": "Practitioner/example"}
    with cds.client() as client:
        answer = client.post(HOOK, call)
    assert answer.status == 200, answer.body
    response = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    told = msgspec.json.decode(response["extension"], type=dict[str, msgspec.Raw])[EVALUATION]
    return bytes(told).replace(b'"source":"fetched"', b'"source":"prefetch"')


def templates() -> Mapping[str, str]:
    (service,) = [each for each in HOUSE.registry if each.hook == "patient-view"]
    return {template.key: template.query for template in service.templates if template.resource_type != "QuestionnaireResponse"}


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.id for sample in SAMPLES])
def test_prefetched_fetched_mixed_and_in_pages(cds: Service, fhir: Service, fhir_in_pages: Service, sample: Sample) -> None:
    whole = sample_prefetch(sample, templates())
    halves = [dict(list(whole.items())[start::2]) for start in (0, 1)]
    ask = partial(evaluation, cds, sample)
    expected = ask(fhir, whole)
    assert ask(fhir, {}) == expected
    assert [ask(fhir, half) for half in halves] == [expected, expected]
    assert ask(fhir_in_pages, {}) == expected
    assert msgspec.json.decode(expected)["outcome"] == sample.expected.outcome


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.id for sample in SAMPLES])
def test_and_as_one_bundle(cds: Service, fhir: Service, sample: Sample) -> None:
    with cds.client() as client:
        answer = client.post(f"/evaluations?date={TODAY}", sample_bundle(sample))
    found = answer.body.replace(b'"source":"bundle"', b'"source":"prefetch"')
    assert msgspec.json.decode(found) == msgspec.json.decode(evaluation(cds, sample, fhir, {}))


def test_every_sample_is_fetched_in_more_than_one_page() -> None:
    """Else the test above shows nothing of pages."""
    assert all(len(sample.resources) > PAGE for sample in SAMPLES)
