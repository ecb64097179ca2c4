"""Beside a FHIR server that we did not write: prefetched as a client does it, or fetched by us with its token, the cards are the same."""

from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import msgspec
import pytest

from app import reference_patient
from app.demo.samples import Sample, load_samples, sample_bundle
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import HARD_DEADLINE, Limits
from app.main import create_app
from app.settings import Mode, Settings
from hooks.messages import EVALUATION
from tests.real_fhir_server.conftest import TOKEN
from tests.service import Json, Service, serving

TODAY = reference_patient.DAY
SAMPLES = load_samples(TODAY)
PATIENT_ID = "{{context.patientId}}"
IN_ADDRESSES = "/?&=:|,"


@pytest.fixture(scope="module")
def cds(fhir_servers: Mapping[str, str]) -> Iterator[Service]:
    access = FhirAccess(servers_at(fhir_servers.values()), token_needed=True, limits=Limits(deadline=HARD_DEADLINE))
    with serving(create_app(Settings.model_construct(mode=Mode.DEMO), lambda: TODAY, access=access)) as service:
        yield service


@pytest.fixture(scope="module")
def templates(cds: Service) -> Mapping[str, str]:
    """Read where every client reads them."""
    with cds.client() as client:
        services = client.get("/cds-services").json["services"]
    found: Mapping[str, str] = next(each["prefetch"] for each in services if each["hook"] == "patient-view")
    return found


def get(address: str) -> tuple[int, Json]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", address.partition(parts.netloc)[2], headers={"Authorization": f"Bearer {TOKEN}"})
    response = connection.getresponse()
    status, body = response.status, msgspec.json.decode(response.read())
    connection.close()
    return status, body


def prefetched(fhir_server: str, templates: Mapping[str, str], sample: Sample) -> Json:
    """As a client resolves them: what the server refuses is left out."""
    addresses = {key: f"{fhir_server}/{quote(query.replace(PATIENT_ID, sample.id), IN_ADDRESSES)}" for key, query in templates.items()}
    answers = {key: get(address) for key, address in addresses.items()}
    return {key: resource for key, (status, resource) in answers.items() if status == 200}


def call(fhir_server: str, sample: Sample, prefetch: Json) -> Json:
    authorization = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
    context = {"patientId": sample.id, "userId": "Practitioner/example"}
    request = reference_patient.hook_request(prefetch)
    return {**request, "context": context, "fhirServer": fhir_server, "fhirAuthorization": authorization}


def cards(response: Json) -> list[Json]:
    found: list[Json] = without("uuid", response["cards"])
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.id for sample in SAMPLES])
def test_prefetched_and_fetched_agree_with_the_evaluation(
    cds: Service, fhir_servers: Mapping[str, str], templates: Mapping[str, str], sample: Sample
) -> None:
    fhir_server = fhir_servers[sample.id]
    with cds.client() as client:
        sent = client.post(HOOK, call(fhir_server, sample, prefetched(fhir_server, templates, sample)))
        fetched = client.post(HOOK, call(fhir_server, sample, {}))
        evaluated = client.post(f"/evaluations?date={TODAY}", sample_bundle(sample))
    assert (sent.status, fetched.status, evaluated.status) == (200, 200, 200)
    assert cards(sent.json) == cards(fetched.json)
    assert {card["source"]["topic"]["code"] for card in fetched.json["cards"]} == set(sample.expected.card_topics)
    expected = without("source", evaluated.json)
    assert [without("source", answer.json["extension"][EVALUATION]) for answer in (sent, fetched)] == [expected, expected]


def without(member: str, value: Json) -> Json:
    """The same without a member of that name anywhere in it: a random uuid, or where evidence came from."""
    if isinstance(value, dict):
        return {name: without(member, inner) for name, inner in value.items() if name != member}
    return [without(member, inner) for inner in value] if isinstance(value, list) else value


def test_a_token_that_the_server_does_not_know(cds: Service, fhir_servers: Mapping[str, str]) -> None:
    wrong = {**call(fhir_servers[SAMPLES[0].id], SAMPLES[0], {}), "fhirAuthorization": {"access_token": "another", "token_type": "Bearer"}}
    with cds.client() as client:
        answer = client.post(HOOK, wrong)
    assert answer.status == 412
    assert "the FHIR server refused access to this type" in answer.json["issue"][0]["diagnostics"]


def test_a_patient_whom_the_server_does_not_know(cds: Service, fhir_servers: Mapping[str, str]) -> None:
    unknown = {**call(fhir_servers[SAMPLES[0].id], SAMPLES[0], {}), "context": {"patientId": "nobody", "userId": "Practitioner/example"}}
    with cds.client() as client:
        assert client.post(HOOK, unknown).status == 412
