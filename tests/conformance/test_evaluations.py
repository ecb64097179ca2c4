"""POST /evaluations (contract sections 1, 3, 6.3, 6.12)."""

from copy import deepcopy

import msgspec
import pytest

from app import reference_patient
from tests.conformance.calls import EMPTY, ask, diagnostics, evaluation
from tests.service import Client, Json

TODAY = reference_patient.DAY


@pytest.fixture
def bundle(eligible: Json) -> Json:
    return reference_patient.bundle(eligible)


def test_an_eligible_patient_meets_every_criterion(client: Client, bundle: Json) -> None:
    answer = client.post("/evaluations", bundle)
    assert (answer.status, answer.media_type, answer.headers["cache-control"]) == (200, "application/json", "no-store")
    assert (answer.json["outcome"], answer.json["evaluationDate"]) == ("criteria-met", TODAY.isoformat())
    (fracture,) = answer.json["fractures"]
    assert [finding["status"] for finding in fracture["criteria"]] == ["met"] * 9
    assert {evidence["source"] for finding in fracture["criteria"] for evidence in finding["evidence"]} == {"bundle"}


def test_the_hook_says_the_same_from_prefetch(client: Client, eligible: Json, bundle: Json) -> None:
    from_bundle = client.post("/evaluations", bundle).body.replace(b'"bundle"', b'"prefetch"')
    assert msgspec.json.decode(from_bundle) == evaluation(ask(client, eligible))


def test_the_day_is_an_argument(client: Client, bundle: Json) -> None:
    answer = client.post("/evaluations?date=2027-06-01", bundle)
    assert (answer.json["evaluationDate"], answer.json["outcome"]) == ("2027-06-01", "criteria-not-met")


@pytest.mark.parametrize(
    "day", ["today", "2026-13-45", "2026-11", "20261122", "2026-11-22T10:00:00Z", "2026-W47-7", "", "1e3", "0000-00-00"]
)
def test_a_day_that_is_none_is_400(client: Client, bundle: Json, day: str) -> None:
    answer = client.post(f"/evaluations?date={day}", bundle)
    assert (answer.status, diagnostics(answer)) == (400, "date: is not a day, YYYY-MM-DD")


@pytest.mark.parametrize("day", ["1900-01-01", "2024-02-29", "2200-12-31"])
def test_any_day_that_is_one_is_taken(client: Client, bundle: Json, day: str) -> None:
    assert client.post(f"/evaluations?date={day}", bundle).json["evaluationDate"] == day


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_of_no_patients_time_is_400(client: Client, bundle: Json, day: str) -> None:
    answer = client.post(f"/evaluations?date={day}", bundle)
    assert (answer.status, diagnostics(answer)) == (400, "date: is not a day of the years 1900 to 2200")


@pytest.mark.parametrize("day", ["1900-01-01", "2026-11-22", "2200-12-31"])
@pytest.mark.parametrize("text", ["0001-01-01", "1850-01-01", "2200-12-31", "9999-12-31"])
def test_a_date_far_from_today_is_no_failure_on_any_day(client: Client, bundle: Json, text: str, day: str) -> None:
    dates = {"recordedDate", "onsetDateTime", "birthDate", "effectiveDateTime", "authoredOn", "started", "issued", "whenHandedOver"}
    for entry in bundle["entry"]:
        entry["resource"] |= dict.fromkeys(dates & entry["resource"].keys(), text)
    assert client.post(f"/evaluations?date={day}", bundle).status == 200


def test_two_days_are_400(client: Client, bundle: Json) -> None:
    assert client.post("/evaluations?date=2026-11-22&date=2026-11-23", bundle).status == 400


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "batch"])
@pytest.mark.parametrize("content_type", ["application/json", "application/fhir+json", "application/fhir+json; charset=utf-8"])
def test_every_type_of_bundle_and_both_names_of_json(client: Client, bundle: Json, kind: str, content_type: str) -> None:
    assert client.post("/evaluations", {**bundle, "type": kind}, content_type=content_type).json["outcome"] == "criteria-met"


@pytest.mark.parametrize("kind", ["document", "message", "history", "transaction-response", "batch-response", None, 5])
def test_other_bundles_are_400(client: Client, bundle: Json, kind: Json) -> None:
    answer = client.post("/evaluations", {**bundle, "type": kind})
    assert (answer.status, answer.json["issue"][0]["code"]) == (400, "structure")


def without_patient(bundle: Json) -> Json:
    return {**bundle, "entry": bundle["entry"][1:]}


def with_two_patients(bundle: Json) -> Json:
    return {**bundle, "entry": [*bundle["entry"], {"resource": {"resourceType": "Patient", "id": "other"}}]}


def without_id(bundle: Json) -> Json:
    copy = deepcopy(bundle)
    del copy["entry"][0]["resource"]["id"]
    return copy


def of_another(bundle: Json) -> Json:
    copy = deepcopy(bundle)
    copy["entry"][2]["resource"]["subject"]["reference"] = "Patient/other"
    return copy


@pytest.mark.parametrize("change", [without_patient, with_two_patients, without_id, of_another, lambda bundle: {**bundle, "entry": None}])
def test_exactly_one_patient(client: Client, bundle: Json, change: object) -> None:
    assert callable(change)
    assert client.post("/evaluations", change(bundle)).status == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"NaN", b'{"resourceType":"Bundle"}', b'{"resourceType":"Patient","id":"p"}', b"[" * 5_000]
)
def test_what_is_no_bundle_is_400(client: Client, body: bytes) -> None:
    answer = client.post("/evaluations", body)
    assert (answer.status, answer.json["issue"][0]["code"]) == (400, "structure")
    assert client.same_connection()


def test_a_bundle_in_another_encoding_is_400(client: Client, bundle: Json) -> None:
    """Even where nobody would read the text."""
    bundle["note"] = "M\u00fcller"
    body = msgspec.json.encode(bundle)
    assert client.post("/evaluations", body).status == 200
    assert client.post("/evaluations", body.decode().encode("latin-1")).status == 400


@pytest.mark.parametrize("body", [EMPTY, {"resourceType": "Bundle", "type": "collection", "entry": [5, None, {}, {"resource": 5}]}])
def test_a_bundle_of_nothing_is_400(client: Client, body: Json) -> None:
    assert client.post("/evaluations", body).status == 400


def test_what_is_in_part_only_is_a_gap(client: Client, bundle: Json) -> None:
    answer = client.post("/evaluations", {**bundle, "link": [{"relation": "next", "url": "https://ehr.example/2"}]})
    assert {gap["reason"] for gap in answer.json["dataGaps"]} == {"truncated"}


def test_members_without_a_value_are_left_out(client: Client, bundle: Json) -> None:
    """tests.conformance.rules holds this of every answer; here is one with much to leave out."""
    bundle["entry"] = bundle["entry"][:1]
    assert client.post("/evaluations", bundle).json["fractures"] == []


def test_other_media_types_and_too_much_are_refused(client: Client, bundle: Json) -> None:
    assert client.post("/evaluations", bundle, content_type="text/plain").status == 415
    assert client.post("/evaluations", b" " * 5_000_001).status == 413
    assert client.get("/evaluations").status == 405
