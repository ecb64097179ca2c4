"""Data that nobody here wrote: nothing of it is answered 5xx, and no ordinary chart gets a card."""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from app.examples import HOOK
from tests.conformance.calls import EMPTY, evaluation
from tests.service import Client, Json

DATA = Path(__file__).parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data are not beside the project (../shared/data)")

REQUESTS = sorted(DATA.glob("cds-hooks/requests/**/*.json"))
FEEDBACKS = sorted(DATA.glob("cds-hooks/feedbacks/**/*.json"))
SYNTHEA = sorted(DATA.glob("synthea-r4/bundles/*.json.gz"))
ODD = sorted(DATA.glob("odd-r4/*/*.json"))
PATIENT = "somebody"


def name_of(path: Path) -> str:
    return path.name


def templates(client: Client) -> dict[str, str]:
    prefetch: dict[str, str] = client.get("/cds-services").json["services"][0]["prefetch"]
    return prefetch


@pytest.mark.parametrize("path", REQUESTS, ids=name_of)
def test_a_public_request_is_answered_or_refused(client: Client, path: Path) -> None:
    assert client.post(HOOK, path.read_bytes()).status in (200, 400, 412)


@pytest.mark.parametrize("path", REQUESTS, ids=name_of)
def test_a_public_request_as_a_patient_view_is_answered_or_refused(client: Client, path: Path) -> None:
    request = json.loads(path.read_bytes())
    if isinstance(request, dict):
        assert client.post(HOOK, {**request, "hook": "patient-view"}).status in (200, 400, 412)
        whole = {"hookInstance": "i", **request, "hook": "patient-view", "context": {"patientId": PATIENT, "userId": "Practitioner/1"}}
        assert client.post(HOOK, whole).status in (200, 400, 412)


@pytest.mark.parametrize("path", FEEDBACKS, ids=name_of)
def test_public_feedback_is_taken(client: Client, path: Path) -> None:
    assert client.post(f"{HOOK}/feedback", path.read_bytes()).status in (200, 400)


def chart(path: Path) -> dict[str, list[Json]]:
    """A Synthea patient's resources by type; references to the patient as an EHR would send them."""
    text = gzip.decompress(path.read_bytes()).decode()
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for entry in json.loads(text)["entry"]:
        found[entry["resource"]["resourceType"]].append(entry["resource"])
    (patient,) = found["Patient"]
    as_sent: dict[str, list[Json]] = json.loads(json.dumps(found).replace(f"urn:uuid:{patient['id']}", f"Patient/{patient['id']}"))
    return as_sent


def resolved(query: str, resources: dict[str, list[Json]]) -> Json:
    """What an EHR that honours a template sends."""
    path, _, parameters = query.partition("?")
    if not parameters:
        return resources["Patient"][0]
    wanted = dict(parse_qsl(parameters)).get("code")
    codes = set(wanted.split(",")) if wanted else None
    matches = [each for each in resources.get(path, []) if codes is None or codes & set(codes_of(each))]
    return {**EMPTY, "total": len(matches), "entry": [{"resource": each} for each in matches]} if matches else EMPTY


def codes_of(resource: Json) -> list[str]:
    return [f"{coding['system']}|{coding['code']}" for coding in resource["code"]["coding"]]


@pytest.mark.parametrize("path", SYNTHEA, ids=name_of)
def test_an_ordinary_chart_gets_no_card(client: Client, path: Path) -> None:
    resources = chart(path)
    prefetch = {key: resolved(query, resources) for key, query in templates(client).items()}
    context = {"patientId": resources["Patient"][0]["id"], "userId": "Practitioner/1"}
    answer = client.post(HOOK, {"hook": "patient-view", "hookInstance": "i", "context": context, "prefetch": prefetch})
    assert answer.json["cards"] == []
    assert evaluation(answer)["outcome"] == "no-evaluable-fracture"


@pytest.mark.parametrize("path", SYNTHEA, ids=name_of)
def test_an_ordinary_bundle_has_no_evaluable_fracture(client: Client, path: Path) -> None:
    answer = client.post("/evaluations", gzip.decompress(path.read_bytes()))
    assert (answer.status, answer.json["outcome"], answer.json["fractures"]) == (200, "no-evaluable-fracture", [])


@pytest.mark.parametrize("path", ODD, ids=name_of)
def test_an_odd_resource_is_never_worse_than_refused(client: Client, path: Path) -> None:
    """In the place of its type, alone and in a Bundle; its own patient, and one it does not name."""
    resource = json.loads(path.read_bytes())
    keys = {query.partition("?")[0].partition("/")[0]: key for key, query in templates(client).items()}
    key = keys.get(resource["resourceType"], "conditions")
    searchset = {**EMPTY, "entry": [{"resource": resource}]}
    for patient_id in {PATIENT, patient_of(resource)}:
        prefetch = {"patient": {"resourceType": "Patient", "id": patient_id}, "conditions": EMPTY}
        context = {"patientId": patient_id, "userId": "Practitioner/1"}
        for value in (resource, searchset):
            request = {"hook": "patient-view", "hookInstance": "i", "context": context, "prefetch": {**prefetch, key: value}}
            answer = client.post(HOOK, request)
            assert answer.status in (200, 400, 412)
            assert answer.status != 200 or "ta279CriteriaMet" not in answer.body.decode()


def patient_of(resource: Json) -> str:
    named = resource.get("subject") or resource.get("patient") or {}
    reference = named.get("reference", "") if isinstance(named, dict) else ""
    return reference.removeprefix("Patient/") if isinstance(reference, str) and reference.startswith("Patient/") else PATIENT


@pytest.mark.parametrize("path", ODD, ids=name_of)
def test_an_odd_bundle_is_never_worse_than_refused(client: Client, path: Path) -> None:
    assert client.post("/evaluations", path.read_bytes()).status in (200, 400)
