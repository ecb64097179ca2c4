"""The thirteen source attributes: told, and true. What is said not to be used is changed, and no byte of any card changes with it."""

from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.demo.samples import load_samples, sample_prefetch
from app.main import build_house
from app.reference_patient import DAY
from app.routes.attributes import NOT_USED, source_attributes
from app.settings import Mode, Settings
from hooks.registry import CDSService
from tests.form.answers import THERE, group, level, response
from tests.service import Client

Json = dict[str, Any]
Change = Callable[[Json], None]

PAGE = Path(__file__).parents[2] / "docs/source-attributes.md"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
V3 = "http://terminology.hl7.org/CodeSystem/v3-"
HOUSE = build_house(Settings.model_construct(mode=Mode.DEMO), new_uuid=lambda: "7ddb7a35-5e40-4dd2-a5ea-40f7bf8ec54a")
TOLD = {each.id: each for each in source_attributes(HOUSE.assessor.guideline)}
SAMPLES = load_samples(DAY)


def service() -> CDSService:
    return next(each for each in HOUSE.registry if each.hook == "patient-view")


def answer(prefetch: Json) -> bytes:
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": prefetch["patient"]["id"], "userId": "Practitioner/p"},
        "prefetch": prefetch,
    }
    return service().answer(msgspec.json.encode(call), DAY)


def prefetch_of(sample_id: str) -> Json:
    sample = next(sample for sample in SAMPLES if sample.id == sample_id)
    return deepcopy(sample_prefetch(sample, {template.key: template.query for template in service().templates}))


def extended(url: str, coding: Json) -> Change:
    def change(prefetch: Json) -> None:
        value = {"url": "ombCategory", "valueCoding": coding}
        prefetch["patient"].setdefault("extension", []).append({"url": US_CORE + url, "extension": [value]})

    return change


def told_of_patient(**members: Any) -> Change:
    return lambda prefetch: prefetch["patient"].update(members)


def observed(words: str, category: str = "social-history") -> Change:
    """A final Observation in words, of today."""

    def change(prefetch: Json) -> None:
        coded = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}
        observation = {
            "resourceType": "Observation", "id": "more", "status": "final", "category": [{"coding": [coded]}], "code": {"text": words},
            "subject": {"reference": f"Patient/{prefetch['patient']['id']}"}, "effectiveDateTime": DAY.isoformat(),
            "valueCodeableConcept": {"text": "as recorded"},
        }  # fmt: skip
        _add(prefetch["observations"], observation)

    return change


def diagnosed(words: str) -> Change:
    """An active social need."""

    def change(prefetch: Json) -> None:
        category = {"system": "http://hl7.org/fhir/us/core/CodeSystem/condition-category", "code": "sdoh"}
        condition = {
            "resourceType": "Condition", "id": "need", "category": [{"coding": [category]}], "code": {"text": words},
            "subject": {"reference": f"Patient/{prefetch['patient']['id']}"}, "recordedDate": DAY.isoformat(),
        }  # fmt: skip
        _add(prefetch["conditions"], condition)

    return change


def _add(bundle: Json, resource: Json) -> None:
    bundle.setdefault("entry", []).append({"resource": resource})


def coding(system: str, code: str) -> Json:
    return {"system": system, "code": code}


CHANGES: list[tuple[int, str, Change]] = [
    (5, "race-1", extended("us-core-race", coding(V3 + "Race", "2106-3"))),
    (5, "race-2", extended("us-core-race", coding(V3 + "Race", "2054-5"))),
    (5, "race-observed", observed("Race")),
    (6, "ethnicity-1", extended("us-core-ethnicity", coding(V3 + "Ethnicity", "2135-2"))),
    (6, "ethnicity-2", extended("us-core-ethnicity", coding(V3 + "Ethnicity", "2186-5"))),
    (7, "language-pl", told_of_patient(communication=[{"language": {"coding": [coding("urn:ietf:bcp:47", "pl")]}, "preferred": True}])),
    (7, "language-of-the-resource", told_of_patient(language="ar")),
    (8, "orientation", observed("Sexual orientation")),
    (9, "gender-identity", extended("us-core-genderIdentity", coding("http://hl7.org/fhir/gender-identity", "non-binary"))),
    (9, "gender-identity-observed", observed("Gender identity")),
    (10, "male", told_of_patient(gender="male")),
    (10, "female", told_of_patient(gender="female")),
    (10, "other", told_of_patient(gender="other")),
    (10, "unknown", told_of_patient(gender="unknown")),
    (10, "birth-sex", extended("us-core-birthsex", coding(V3 + "AdministrativeGender", "F"))),
    (12, "homeless", diagnosed("Homeless")),
    (12, "employment", observed("Employment status")),
    (12, "address", told_of_patient(address=[{"postalCode": "00000", "country": "XX"}])),
]


@pytest.mark.parametrize("sample_id", ["eligible-uk", "missing-examination", "paracetamol-only", "cauda-equina", "high-inr", "no-fracture"])
@pytest.mark.parametrize(("number", "name", "change"), CHANGES, ids=[name for _, name, _ in CHANGES])
def test_what_is_not_used_changes_no_card(number: int, name: str, change: Change, sample_id: str) -> None:
    assert TOLD[number].value.startswith(NOT_USED), name
    prefetch = prefetch_of(sample_id)
    before = answer(prefetch)
    changed = deepcopy(prefetch)
    change(changed)
    assert changed != prefetch or changed["patient"].get("gender") == prefetch["patient"].get("gender")
    assert answer(changed) == before


def test_every_attribute_said_not_to_be_used_is_changed_above() -> None:
    assert {each.id for each in TOLD.values() if each.value.startswith(NOT_USED)} == {number for number, _, _ in CHANGES}


def test_the_date_of_birth_is_used() -> None:
    prefetch = prefetch_of("eligible-us")
    assert evaluated(prefetch)["outcome"] == "criteria-met"
    prefetch["patient"]["birthDate"] = "2010-01-01"
    assert (evaluated(prefetch)["outcome"], evaluated(prefetch)["outOfScope"]) == ("out-of-scope", "age-under-18")
    prefetch["patient"]["birthDate"] = "1980-01-01"
    assert "age-18-49" in evaluated(prefetch)["fractures"][0]["criteria"][0]["cautions"]


def evaluated(prefetch: Json) -> Json:
    found: Json = msgspec.json.decode(answer(prefetch))["extension"]["vertebral-augmentation-cds.evaluation"]
    return found


def test_pain_scores_are_used() -> None:
    prefetch = prefetch_of("eligible-uk")
    before = answer(prefetch)
    for entry in prefetch["observations"]["entry"]:
        if entry["resource"]["id"].startswith("eligible-uk-pain"):
            entry["resource"].pop("valueInteger", None)
            entry["resource"]["valueQuantity"] = {"value": 2, "code": "{score}", "system": "http://unitsofmeasure.org"}
    assert msgspec.json.decode(before)["cards"] != msgspec.json.decode(answer(prefetch))["cards"]


LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("code", "value"),
    [(coding(LOINC, "82810-3"), "77386006"), (coding(SNOMED, "302132005"), "413498004"), (coding(LOINC, "38208-5"), "255604002")],
    ids=["pregnant", "ASA class 4", "mild pain"],
)
def test_these_assessments_are_used(code: Json, value: str) -> None:
    prefetch = prefetch_of("eligible-uk")
    before = msgspec.json.decode(answer(prefetch))["cards"]
    found = {"code": {"coding": [code]}, "valueCodeableConcept": {"coding": [coding(SNOMED, value)]}}
    observed("")(prefetch)
    prefetch["observations"]["entry"][-1]["resource"].update(found)
    assert msgspec.json.decode(answer(prefetch))["cards"] != before


def test_the_answers_of_the_form_are_used() -> None:
    prefetch = prefetch_of("missing-examination")
    assert evaluated(prefetch)["outcome"] == "information-needed"
    tender = group("examination", level=level("L4"), vertebral_tenderness=THERE, date=DAY)
    _add(prefetch["assessments"], response(tender, patient="missing-examination"))
    assert evaluated(prefetch)["outcome"] == "criteria-met"


@pytest.mark.parametrize("words", ["Functional status", "Disability status", "Cognitive function", "Alcohol use", "Tobacco smoking status"])
def test_other_health_status_assessments_are_not(words: str) -> None:
    prefetch = prefetch_of("eligible-uk")
    before = answer(prefetch)
    observed(words, "survey")(prefetch)
    assert answer(prefetch) == before


def test_they_are_served_in_the_rule_s_order(client: Client) -> None:
    served = client.get("/source-attributes")
    assert (served.status, served.media_type) == (200, "application/json")
    assert served.headers["cache-control"].startswith("public")
    assert [each["id"] for each in served.json["attributes"]] == list(range(1, 14))
    assert all(each["title"] and each["value"] for each in served.json["attributes"])
    assert "https://www.nice.org.uk/guidance/ta279" in served.json["attributes"][0]["value"]
    assert HOUSE.assessor.guideline.logic_version in served.json["attributes"][3]["value"]


def test_the_page_for_people_says_the_same() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [each.title for each in TOLD.values() if f"| {each.id} | {each.title} | {each.value} |" not in page] == []


class Table(HTMLParser):
    """The text of each cell of a page's table, row by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = (self.rows[-1][-1] + data).strip()


def test_a_browser_gets_that_page_from_where_every_card_links_to(client: Client) -> None:
    served = client.get("/source-attributes", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (served.status, served.media_type, served.headers["vary"]) == (200, "text/html", "Accept")
    _, *rows = Table(served.body.decode()).rows
    assert rows == [[str(each.id), each.title, each.value] for each in TOLD.values()]
    assert "supports, does not decide" in served.body.decode()
    (links,) = [card["links"] for card in msgspec.json.decode(answer(prefetch_of("eligible-uk")))["cards"]]
    assert links[-1]["url"] == "http://localhost:8000/source-attributes"


def test_that_page_s_style_is_its_own(client: Client) -> None:
    served = client.get("/source-attributes", accept="text/html")
    style = served.body.decode().partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in served.headers["content-security-policy"]
    assert "connect-src 'none'" in served.headers["content-security-policy"]
