"""What the cards offer to do: valid FHIR R4 drafts, and the rules of suggestions and actions (cds-hooks.md 1.8, V12 to V16, 5.1)."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from starlette.requests import Request

from app.main import build_house, create_app
from app.order_examples import KYPHOPLASTY, L1, L3, ORDER_ID, VERTEBROPLASTY, WITH_STENT, draft
from app.settings import Mode, Settings
from app.trust.caller import Caller
from cards.card import Coding
from cards.draft_resources import MRI, SNOMED, VERTEBRAE, referral
from clinical.assessment import Evidence, Finding, FractureAssessment
from clinical.status import Status
from guidelines.ta279.terminology import load_terminology
from hooks.order_service import code_without_stent
from tests.conformance.calls import ask as ask_patient_view
from tests.conftest import TODAY
from tests.orders.calls import (
    HOOKS,
    KYPHOPLASTY_AT_L1,
    PATIENT,
    ask,
    cards,
    changed,
    eligible,
    healed,
    no_imaging,
    with_discitis,
    without,
)
from tests.service import Client, Json, serving

STENT_AT_L1 = draft(WITH_STENT, L1)
MRI_OF = {region: code for code, region in MRI.values()}


def actions(card: Json) -> list[Json]:
    return [action for suggestion in card.get("suggestions", []) for action in suggestion["actions"]]


def created(card: Json) -> Json:
    """The one resource that a card offers to create, which is valid R4."""
    (resource,) = [action["resource"] for action in actions(card) if action["type"] == "create"]
    ServiceRequest.model_validate(resource)
    return resource


@pytest.fixture(scope="module")
def epic() -> Iterator[Client]:
    """The same services with Epic's manners."""

    async def gate(request: Request) -> Caller:
        return Caller("an Epic site", card_style="epic")

    app = create_app(Settings.model_construct(mode=Mode.DEMO), lambda: TODAY, gate=gate)
    with serving(app) as service, service.client() as client:
        yield client


def test_a_met_card_offers_a_draft_referral(client: Client) -> None:
    for answer in (ask_patient_view(client, eligible()), *(ask(client, hook, KYPHOPLASTY_AT_L1) for hook in HOOKS)):
        card = cards(answer)["CriteriaMet"]
        resource = created(card)
        assert (len(actions(card)), card["selectionBehavior"]) == (1, "at-most-one")
        assert (resource["status"], resource["intent"], resource["subject"]) == ("draft", "proposal", {"reference": PATIENT})
        assert resource["code"] == {"text": "Referral to spinal / interventional radiology multidisciplinary team"}
        assert resource["reasonReference"] == [{"reference": "Condition/fracture"}]
        assert resource["bodySite"] == [{"coding": [{"system": SNOMED, "code": "66794005"}], "text": "L1"}]


def test_a_referral_is_never_an_order_of_a_procedure(client: Client) -> None:
    text = json.dumps(actions(cards(ask_patient_view(client, eligible()))["CriteriaMet"]))
    assert [code for code in ("426243004", "401226007", "V44", "plasty") if code in text] == []


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (("Condition/c", "Observation/o", "Condition/c"), ["Condition/c"]),
        (("Observation/o",), ["Observation/o"]),
        (("DiagnosticReport/r", "Condition/unidentified"), ["DiagnosticReport/r"]),
        (("Patient/p",), []),
    ],
)
def test_the_reason_is_the_diagnosis_else_what_imaging_shows(evidence: tuple[str, ...], expected: list[str]) -> None:
    items = tuple(Evidence(reference, "prefetch") for reference in evidence)
    finding = Finding(criterion="compression-fracture", status=Status.MET, reason="", reason_code="", evidence=items)
    resource = referral([FractureAssessment(level="L1", outcome=Status.MET, criteria=(finding,))], "p")
    assert [each["reference"] for each in msgspec.to_builtins(resource).get("reasonReference", [])] == expected
    ServiceRequest.model_validate(resource)


def test_missing_imaging_offers_a_draft_mri_of_the_level(client: Client) -> None:
    for answer in (
        ask_patient_view(client, no_imaging()),
        *(ask(client, hook, KYPHOPLASTY_AT_L1, resources=no_imaging()) for hook in HOOKS),
    ):
        resource = created(cards(answer)["InformationNeeded"])
        assert resource["code"] == {"coding": [{"system": "http://loinc.org", "code": "30679-5"}], "text": "MRI of the lumbar spine"}
        assert "fat-suppressed" in resource["orderDetail"][0]["text"].lower()
        assert (resource["intent"], resource["bodySite"][0]["text"]) == ("proposal", "L1")


def test_a_thoracic_level_is_looked_for_in_the_thoracic_spine(client: Client) -> None:
    resources = no_imaging()
    for key in ("conditions", "observations"):
        for entry in resources[key]["entry"]:
            if entry["resource"]["id"] in ("fracture", "tenderness"):
                site = {"coding": [{"system": SNOMED, "code": VERTEBRAE["T12"]}], "text": "T12"}
                code = {"coding": [{"system": SNOMED, "code": "443165006"}]}
                fracture = {"bodySite": [site], "code": code}
                entry["resource"].update(fracture if key == "conditions" else {"bodySite": site})
    resource = created(cards(ask_patient_view(client, resources))["InformationNeeded"])
    assert resource["code"]["coding"][0]["code"] == MRI_OF["thoracic"] == "36532-0"


@pytest.mark.parametrize(
    "resources",
    [
        without("oedema"),
        changed("oedema", status="preliminary"),
        {key: value for key, value in eligible().items() if key != "observations"},
        with_discitis(no_imaging()),
        without("tenderness"),
    ],
    ids=["a study is on record", "pending", "observations not read", "blocked", "imaging is there"],
)
def test_no_mri_is_offered_where_none_is_missing_or_another_pathway_decides(client: Client, resources: Json) -> None:
    assert "suggestions" not in cards(ask_patient_view(client, resources))["InformationNeeded"]


def test_a_stent_may_be_replaced_where_the_criteria_are_met(client: Client) -> None:
    for hook in HOOKS:
        card = cards(ask(client, hook, STENT_AT_L1))["StentNotRecommended"]
        (suggestion,) = card["suggestions"]
        delete, create = suggestion["actions"]
        assert (delete["type"], delete["resourceId"]) == ("delete", f"ServiceRequest/{ORDER_ID}")
        assert "resource" not in delete
        assert create["type"] == "create"
        assert created(card)["code"]["coding"] == [KYPHOPLASTY]
        assert card["selectionBehavior"] == "at-most-one"


def test_what_is_replaced_is_among_the_drafts(client: Client) -> None:
    """V16: a delete of a draft order, with a create in its place."""
    orders = draft(WITH_STENT, L1, id="a"), draft(KYPHOPLASTY, L1, id="b"), draft(WITH_STENT, L1, id="c")
    found = actions(cards(ask(client, "order-sign", *orders))["StentNotRecommended"])
    assert [action.get("resourceId") for action in found if action["type"] == "delete"] == ["ServiceRequest/a", "ServiceRequest/c"]
    assert [action["type"] for action in found] == ["delete", "create"] * 2


def test_the_replacement_keeps_the_rest_of_the_order(client: Client) -> None:
    rest = {
        "priority": "urgent",
        "encounter": {"reference": "Encounter/1"},
        "occurrenceDateTime": "2026-12-01T09:00:00+01:00",
        "requester": {"reference": "Practitioner/example"},
        "performer": [{"reference": "Organization/spine"}],
        "reasonCode": [{"text": "Painful fracture"}],
        "reasonReference": [{"reference": "Condition/fracture"}],
    }
    details = {"orderDetail": [{"coding": [WITH_STENT]}], "note": [{"text": "use the long stent"}], "extension": [{"url": "x"}]}
    order = draft(VERTEBROPLASTY, L1, **rest, **details)
    resource = created(cards(ask(client, "order-sign", order))["StentNotRecommended"])
    assert {name: resource[name] for name in rest} == rest
    assert resource["bodySite"] == [L1]
    assert set(details) & set(resource) == set()
    assert "stent" not in json.dumps({**resource, "id": "", "code": {**resource["code"], "text": ""}})


def test_what_is_no_valid_fhir_is_not_taken_over(client: Client) -> None:
    odd = {
        "priority": "very",
        "encounter": {"reference": ""},
        "occurrenceDateTime": "2026-02-30",
        "requester": 5,
        "performer": [],
        "reasonCode": [{}],
        "reasonReference": [{"display": "x"}],
        "bodySite": [{"coding": [{"code": "66794005"}], "text": "L1"}],
    }
    resource = created(cards(ask(client, "order-sign", draft(WITH_STENT, **odd)))["StentNotRecommended"])
    assert set(odd) & set(resource) == set()


@pytest.mark.parametrize(
    ("systems", "expected"),
    [
        ([VERTEBROPLASTY["system"]], {"system": VERTEBROPLASTY["system"], "code": "V44.5"}),
        (["https://fhir.nhs.uk/Id/opcs-4"], {"system": "https://fhir.nhs.uk/Id/opcs-4", "code": "V44.5"}),
        (["http://www.cms.gov/Medicare/Coding/ICD10"], KYPHOPLASTY),
        ([SNOMED, VERTEBROPLASTY["system"]], KYPHOPLASTY),
    ],
    ids=["OPCS-4", "OPCS-4 by another name", "ICD-10-PCS has no one code", "the first that has one"],
)
def test_the_replacement_is_coded_as_the_order_was(client: Client, systems: list[str], expected: Json) -> None:
    order = draft(WITH_STENT, L1, code={"coding": [WITH_STENT, *({"system": system, "code": "x"} for system in systems)]})
    assert created(cards(ask(client, "order-sign", order))["StentNotRecommended"])["code"]["coding"] == [expected]


@pytest.mark.parametrize(
    ("order", "resources"),
    [
        (STENT_AT_L1, healed()),
        (STENT_AT_L1, no_imaging()),
        (STENT_AT_L1, with_discitis()),
        (draft(WITH_STENT, L3), eligible()),
        (draft(WITH_STENT, L1, L3), eligible()),
        (draft(WITH_STENT, L1, id="not an id"), eligible()),
    ],
    ids=["not met", "unknown", "blocked", "another level", "one of two levels", "an order without an id"],
)
def test_no_replacement_is_offered_otherwise(client: Client, order: Json, resources: Json) -> None:
    assert "suggestions" not in cards(ask(client, "order-sign", order, resources=resources))["StentNotRecommended"]


def test_the_alternative_stands_in_the_text(client: Client) -> None:
    """An EHR may leave suggestions out."""
    met = cards(ask(client, "order-sign", STENT_AT_L1))["StentNotRecommended"]
    assert "**Alternative:** the criteria appear met at L1" in met["detail"]
    for resources, said in ((healed(), "do not all appear met"), (with_discitis(), "while the safety alert stands")):
        card = cards(ask(client, "order-sign", STENT_AT_L1, resources=resources))["StentNotRecommended"]
        assert said in card["detail"]
        assert "**Alternative:**" not in card["detail"]


def test_epic_gets_one_action_per_suggestion(epic: Client) -> None:
    """And `any`, and the description as label, because the label is not shown (cds-hooks.md 5.1)."""
    answers = [ask(epic, hook, STENT_AT_L1) for hook in HOOKS]
    answers += [ask_patient_view(epic, eligible()), ask_patient_view(epic, no_imaging())]
    offering = [card for answer in answers for card in cards(answer).values() if "suggestions" in card]
    assert len(offering) == 6
    for card in offering:
        assert card["selectionBehavior"] == "any"
        for suggestion in card["suggestions"]:
            (action,) = suggestion["actions"]
            assert suggestion["label"] == action["description"]


def test_nothing_is_ticked_in_advance(client: Client, epic: Client) -> None:
    for asked in (client, epic):
        found = cards(ask(asked, "order-sign", STENT_AT_L1)).values()
        assert [suggestion for card in found for suggestion in card.get("suggestions", []) if "isRecommended" in suggestion] == []


def test_no_link_says_who_it_is_about(client: Client) -> None:
    for card in cards(ask(client, "order-sign", STENT_AT_L1)).values():
        assert [link for link in card["links"] if "example-patient" in link["url"] or ORDER_ID in link["url"]] == []


def test_the_codes_of_the_levels_mean_those_levels() -> None:
    terminology = build_house(Settings.model_construct(mode=Mode.DEMO)).assessor.terminology
    assert {level: terminology.level(SNOMED, code) for level, code in VERTEBRAE.items()} == {level: level for level in VERTEBRAE}
    assert len(VERTEBRAE) == 17
    assert all("mri-study" in terminology.concepts("http://loinc.org", code) for code in MRI_OF.values())


def test_a_site_s_own_code_replaces_its_own_code(tmp_path: Path) -> None:
    """Where an overlay names exactly one code of the order's system; of two, neither."""
    local = "https://hospital.example/procedures"
    for codes, expected in ((["BK"], Coding("BK", local)), (["BK", "BK2"], None)):
        elements = [{"code": code, "target": [{"code": "426243004", "equivalence": "equivalent"}]} for code in codes]
        concept_map = {
            "resourceType": "ConceptMap", "id": "local", "url": f"{local}/map", "status": "active",
            "group": [{"source": local, "target": SNOMED, "element": elements}],
        }  # fmt: skip
        (tmp_path / "local.json").write_text(json.dumps(concept_map))
        assert code_without_stent((local,), load_terminology(tmp_path)) == expected
