"""Which orders are augmentations, and at which level (contract 6.7 and 6.13, terminology.md 6)."""

import pytest

from app.order_examples import KYPHOPLASTY, L1, L3, VERTEBROPLASTY, WITH_STENT, draft
from tests.orders.calls import HOOKS, NO_CARDS, ask, cards, healed, shown
from tests.service import Client, Json

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
OPCS4 = "https://fhir.hl7.org.uk/Id/opcs-4"
PCS, PCS_ALIAS = "http://www.cms.gov/Medicare/Coding/ICD10", "http://hl7.org/fhir/sid/icd-10-pcs"
CEMENT, BALLOON, STENT = "vertebroplasty", "balloon kyphoplasty", "kyphoplasty with a stent or expandable implant"

CODES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "SNOMED CT vertebroplasty": (CEMENT, [(SNOMED, "401226007")]),
    "SNOMED CT kyphoplasty": (BALLOON, [(SNOMED, "426243004")]),
    "OPCS-4 V44.4": (CEMENT, [(OPCS4, "V44.4")]),
    "OPCS-4 V44.5, without its dot": (BALLOON, [(OPCS4, "V445")]),
    "OPCS-4, another spelling of the system": (BALLOON, [("https://fhir.nhs.uk/Id/opcs-4", "V44.5")]),
    "ICD-10-PCS cement, lumbar": (CEMENT, [(PCS, "0QU03JZ")]),
    "ICD-10-PCS cement and reposition": (BALLOON, [(PCS, "0QU03JZ"), (PCS, "0QS03ZZ")]),
    "ICD-10-PCS reposition first, another spelling of the system": (BALLOON, [(PCS_ALIAS, "0PS43ZZ"), (PCS_ALIAS, "0PU43JZ")]),
    "ICD-10-PCS cement and reposition with a fixation device, which need not be a stent": (BALLOON, [(PCS, "0QS034Z"), (PCS, "0QU03JZ")]),
    "ICD-10-PCS expandable implant": (STENT, [(PCS, "XNU0356")]),
    "HCPCS implant": (STENT, [("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "C1062")]),
    "our own code": (STENT, [(WITH_STENT["system"], WITH_STENT["code"])]),
    "our own code beside a standard one": (STENT, [(SNOMED, "426243004"), (WITH_STENT["system"], WITH_STENT["code"])]),
}

OTHER_CODES = {
    "MRI": (LOINC, "30679-5"),
    "guidance of a vertebroplasty": (LOINC, "35934-9"),
    "OPCS-4 decompression": (OPCS4, "V44.1"),
    "OPCS-4 category": (OPCS4, "V44"),
    "ICD-10-PCS reposition alone": (PCS, "0QS03ZZ"),
    "ICD-10-PCS reposition with a fixation device alone": (PCS, "0QS034Z"),
    "ICD-10-PCS cement, cervical": (PCS, "0PU33JZ"),
    "the code without its system": ("", "426243004"),
    "the code in another system": (LOINC, "426243004"),
}


def coded(*codings: tuple[str, str]) -> Json:
    return {"coding": [{"system": system, "code": code} if system else {"code": code} for system, code in codings]}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("told", "codings"), CODES.values(), ids=CODES)
def test_a_code_of_an_augmentation(client: Client, hook: str, told: str, codings: list[tuple[str, str]]) -> None:
    answer = ask(client, hook, draft({}, L1, code=coded(*codings)))
    assert f"**Ordered:** {told} at L1." in cards(answer)["CriteriaMet"]["detail"]
    assert ("StentNotRecommended warning" in shown(answer)) is (told == STENT)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("coding", OTHER_CODES.values(), ids=OTHER_CODES)
def test_another_order_gets_no_card_whatever_the_record_says(client: Client, hook: str, coding: tuple[str, str]) -> None:
    assert ask(client, hook, draft({}, L1, code=coded(coding))).json == NO_CARDS
    assert ask(client, hook, draft({}, L1, code=coded(coding)), resources={}).json == NO_CARDS


CEMENT_CODE, REPOSITION = {"system": PCS, "code": "0QU03JZ"}, {"system": PCS, "code": "0QS03ZZ"}


@pytest.mark.parametrize(
    ("cement_at", "reposition_at", "told"),
    [
        ((L1,), (L1,), BALLOON),
        ((L1,), (L3,), CEMENT),
        ((L1, L3), (L3,), BALLOON),
        ((L1,), (), BALLOON),
        ((), (L1,), BALLOON),
        ((), (), BALLOON),
    ],
)
def test_cement_and_reposition_in_two_orders_for_one_level_are_a_kyphoplasty(
    client: Client, cement_at: tuple[Json, ...], reposition_at: tuple[Json, ...], told: str
) -> None:
    """Ordered in either order, and with only the cement chosen."""
    cement, reposition = draft(CEMENT_CODE, *cement_at, id="cement"), draft(REPOSITION, *reposition_at, id="reposition")
    answers = [ask(client, "order-sign", cement, reposition), ask(client, "order-sign", reposition, cement)]
    answers.append(ask(client, "order-select", cement, reposition, selections=["ServiceRequest/cement"]))
    for answer in answers:
        detail = cards(answer)["CriteriaMet"]["detail"]
        assert f"**Ordered:** {told} " in detail
        assert ("Small risk of balloon rupture" in detail) is (told == BALLOON)


@pytest.mark.parametrize("undone", [{"status": "revoked"}, {"doNotPerform": True}, {"resourceType": "Task"}], ids=str)
def test_a_reposition_that_will_not_be_done_makes_no_kyphoplasty(client: Client, undone: Json) -> None:
    orders = draft(CEMENT_CODE, L1, id="cement"), draft(REPOSITION, L1, **{"id": "reposition", **undone})
    assert f"**Ordered:** {CEMENT} at L1." in cards(ask(client, "order-sign", *orders))["CriteriaMet"]["detail"]


def test_a_reposition_chosen_without_the_cement_is_no_augmentation(client: Client) -> None:
    orders = draft(CEMENT_CODE, L1, id="cement"), draft(REPOSITION, L1, id="reposition")
    assert ask(client, "order-select", *orders, selections=["ServiceRequest/reposition"]).json == NO_CARDS


def test_a_stent_beside_a_reposition_stays_one(client: Client) -> None:
    orders = draft(WITH_STENT, L1, id="stent"), draft(REPOSITION, L1, id="reposition")
    assert "StentNotRecommended warning" in shown(ask(client, "order-sign", *orders))


def test_text_is_no_code(client: Client) -> None:
    assert ask(client, "order-sign", draft({}, L1, code={"text": "Balloon kyphoplasty L1"})).json == NO_CARDS


def test_a_stent_in_the_details_of_an_order_counts(client: Client) -> None:
    order = draft(KYPHOPLASTY, L1, orderDetail=[{"text": "large"}, {"coding": [WITH_STENT]}])
    assert "StentNotRecommended warning" in shown(ask(client, "order-sign", order))


@pytest.mark.parametrize("status", ["entered-in-error", "revoked", "completed"])
def test_an_order_that_will_not_be_carried_out_is_none(client: Client, status: str) -> None:
    assert ask(client, "order-sign", draft(KYPHOPLASTY, L1, status=status)).json == NO_CARDS


def test_an_order_not_to_do_it_is_none(client: Client) -> None:
    assert ask(client, "order-sign", draft(KYPHOPLASTY, L1, doNotPerform=True)).json == NO_CARDS


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "unknown", "odd", None, {"a": 1}])
def test_an_order_in_any_other_state_is_one(client: Client, status: Json) -> None:
    """A revision may be of an order that is no draft any more (cds-hooks.md 2)."""
    assert shown(ask(client, "order-sign", draft(KYPHOPLASTY, L1, status=status))) == ["CriteriaMet info"]


@pytest.mark.parametrize("kind", ["MedicationRequest", "Procedure", "Task", "CommunicationRequest"])
def test_only_a_service_request_is_an_order_of_a_procedure(client: Client, kind: str) -> None:
    assert ask(client, "order-sign", draft(KYPHOPLASTY, L1, resourceType=kind)).json == NO_CARDS


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        ([L1], "at L1"),
        ([{"text": "L1"}], "at L1"),
        ([{"text": "first lumbar vertebra"}], "at L1"),
        (L1, "at L1"),
        ([{"text": "D12"}], "at T12"),
        ([L3, L1], "at L1, L3"),
        ([{"text": "T12-L1"}], "(no level given)"),
        ([{"text": "lumbar spine"}], "at the lumbar spine (no level given)"),
        ([{"coding": [{"system": SNOMED, "code": "122496007"}], "text": "L1"}], "at the lumbar spine (no level given)"),
        ([{"coding": [{"system": "https://hospital.example/codes", "code": "knee"}], "text": "L1"}], "(no level given)"),
        ([{"coding": [{"system": SNOMED, "display": "Lumbar spine"}], "text": "L1"}], "at L1"),
        ([{"coding": [*L1["coding"], *L3["coding"]]}], "(no level given)"),
        ([None, 5, {}, {"text": 5}, {"coding": {}}], "(no level given)"),
        ("L1", "(no level given)"),
    ],
    ids=str,
)
def test_the_level_is_what_the_body_sites_name(client: Client, sites: Json, told: str) -> None:
    detail = next(iter(cards(ask(client, "order-sign", draft(VERTEBROPLASTY, bodySite=sites))).values()))["detail"]
    assert f"**Ordered:** vertebroplasty {told}." in detail


def test_the_text_of_the_code_is_no_level(client: Client) -> None:
    """Free text decides nothing but what a body site says (G6)."""
    order = draft(KYPHOPLASTY, code={"coding": [KYPHOPLASTY], "text": "Kyphoplasty L3"})
    assert shown(ask(client, "order-sign", order)) == ["CriteriaMet info"]


def test_order_select_looks_at_what_is_selected(client: Client) -> None:
    other, order = draft({"system": LOINC, "code": "30679-5"}, id="a"), draft(KYPHOPLASTY, L1, id="b")
    assert ask(client, "order-select", other, order, selections=["ServiceRequest/a"]).json == NO_CARDS
    assert shown(ask(client, "order-select", other, order, selections=["ServiceRequest/b"])) == ["CriteriaMet info"]
    assert ask(client, "order-select", order, selections=["MedicationRequest/b"]).json == NO_CARDS
    assert ask(client, "order-select", order, selections=[]).json == NO_CARDS


def test_order_select_leaves_out_an_augmentation_that_is_not_selected(client: Client) -> None:
    orders = draft(VERTEBROPLASTY, L1, id="a"), draft(WITH_STENT, L1, id="b")
    assert shown(ask(client, "order-select", *orders, selections=["ServiceRequest/a"])) == ["CriteriaMet info"]


def test_order_sign_looks_at_all_of_them(client: Client) -> None:
    orders = draft(VERTEBROPLASTY, L1, id="a"), draft(WITH_STENT, L1, id="b")
    assert shown(ask(client, "order-sign", *orders)) == ["StentNotRecommended warning", "CriteriaMet info"]


@pytest.mark.parametrize(
    ("full_url", "selection"),
    [
        ("urn:uuid:0d1ac8a1-8d92-4d2b-9c8f-5d6f9a1f4b11", "urn:uuid:0d1ac8a1-8d92-4d2b-9c8f-5d6f9a1f4b11"),
        ("urn:uuid:0d1ac8a1-8d92-4d2b-9c8f-5d6f9a1f4b11", "ServiceRequest/0d1ac8a1-8d92-4d2b-9c8f-5d6f9a1f4b11"),
        ("https://ehr.example/fhir/ServiceRequest/9", "ServiceRequest/9"),
        ("https://ehr.example/fhir/ServiceRequest/9", "https://ehr.example/fhir/ServiceRequest/9"),
    ],
)
def test_a_selection_may_mean_the_address_of_an_entry(client: Client, full_url: str, selection: str) -> None:
    order = {name: value for name, value in draft(KYPHOPLASTY, L1).items() if name != "id"}
    bundle = {"resourceType": "Bundle", "entry": [{"fullUrl": full_url, "resource": order}]}
    assert shown(ask(client, "order-select", selections=[selection], draftOrders=bundle)) == ["CriteriaMet info"]
    assert ask(client, "order-select", selections=["ServiceRequest/8"], draftOrders=bundle).json == NO_CARDS


def test_an_order_without_a_level_may_mean_any_fracture(client: Client) -> None:
    orders = draft(KYPHOPLASTY, L3, id="a"), draft(VERTEBROPLASTY, id="b")
    assert shown(ask(client, "order-sign", *orders)) == ["CriteriaMet info"]
    assert shown(ask(client, "order-sign", *orders, resources=healed())) == ["CriteriaNotMet warning", "AdverseReactions info"]
