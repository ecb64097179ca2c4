"""Which cards stand beside an order: each row of the contract's table, for both hooks (contract 2 and 6.7)."""

import pytest

from app.order_examples import KYPHOPLASTY, L1, L3, VERTEBROPLASTY, WITH_STENT, draft
from tests.orders.calls import (
    HOOKS,
    KYPHOPLASTY_AT_L1,
    Record,
    ask,
    beside,
    cards,
    child,
    eligible,
    healed,
    level_not_recorded,
    no_fracture,
    no_imaging,
    on_apixaban,
    outcome,
    shown,
    with_discitis,
    without,
)
from tests.service import Client, Json

MET, NEEDED, NOT_MET = "CriteriaMet info", "InformationNeeded info", "CriteriaNotMet warning"
REACTIONS, STENT, ALERT = "AdverseReactions info", "StentNotRecommended warning", "SafetyAlert warning"
CRITICAL = "SafetyAlert critical"

AT_L1, AT_L3, NO_LEVEL = (L1,), (L3,), ()

ROWS: dict[str, tuple[Record, Json, tuple[Json, ...], list[str]]] = {
    "met": (eligible, KYPHOPLASTY, AT_L1, [MET]),
    "met, no level ordered": (eligible, VERTEBROPLASTY, NO_LEVEL, [MET]),
    "not met": (healed, KYPHOPLASTY, AT_L1, [NOT_MET, REACTIONS]),
    "not met, no level ordered": (healed, KYPHOPLASTY, NO_LEVEL, [NOT_MET, REACTIONS]),
    "unknown": (no_imaging, VERTEBROPLASTY, AT_L1, [NEEDED, REACTIONS]),
    "unknown, no level ordered": (no_imaging, VERTEBROPLASTY, NO_LEVEL, [NEEDED, REACTIONS]),
    "another level": (eligible, KYPHOPLASTY, AT_L3, [NOT_MET, REACTIONS]),
    "two levels, one of them confirmed": (eligible, KYPHOPLASTY, (L1, L3), [NOT_MET, MET]),
    "no fracture": (no_fracture, VERTEBROPLASTY, AT_L1, [NOT_MET, REACTIONS]),
    "no fracture, no level ordered": (no_fracture, VERTEBROPLASTY, NO_LEVEL, [NOT_MET, REACTIONS]),
    "out of scope": (child, VERTEBROPLASTY, AT_L1, [NOT_MET, REACTIONS]),
    "the fracture's level is not recorded": (level_not_recorded, VERTEBROPLASTY, AT_L1, [NEEDED, REACTIONS]),
    "a stent, met": (eligible, WITH_STENT, AT_L1, [STENT, MET]),
    "a stent, not met": (healed, WITH_STENT, AT_L1, [STENT, NOT_MET, REACTIONS]),
    "a stent, unknown": (no_imaging, WITH_STENT, AT_L1, [STENT, NEEDED, REACTIONS]),
    "a stent, another level": (eligible, WITH_STENT, AT_L3, [STENT, NOT_MET, REACTIONS]),
    "a stent, no fracture": (no_fracture, WITH_STENT, AT_L1, [STENT, NOT_MET, REACTIONS]),
    "a stent, out of scope": (child, WITH_STENT, AT_L1, [STENT, NOT_MET, REACTIONS]),
    "a caution, met": (on_apixaban, KYPHOPLASTY, AT_L1, [ALERT, MET]),
    "a caution, not met": (lambda: on_apixaban(healed()), KYPHOPLASTY, AT_L1, [ALERT, NOT_MET, REACTIONS]),
    "a caution, unknown": (lambda: on_apixaban(no_imaging()), KYPHOPLASTY, AT_L1, [ALERT, NEEDED, REACTIONS]),
    "a caution, no fracture": (lambda: on_apixaban(no_fracture()), KYPHOPLASTY, AT_L1, [ALERT, NOT_MET, REACTIONS]),
    "a caution and a stent": (on_apixaban, WITH_STENT, AT_L1, [ALERT, STENT, MET]),
    "blocked": (with_discitis, KYPHOPLASTY, AT_L1, [CRITICAL, REACTIONS]),
    "blocked, not met": (lambda: with_discitis(healed()), KYPHOPLASTY, AT_L1, [CRITICAL, NOT_MET, REACTIONS]),
    "blocked, unknown": (lambda: with_discitis(no_imaging()), KYPHOPLASTY, AT_L1, [CRITICAL, NEEDED, REACTIONS]),
    "blocked, no fracture": (lambda: with_discitis(no_fracture()), KYPHOPLASTY, AT_L1, [CRITICAL, NOT_MET, REACTIONS]),
    "blocked and a stent": (with_discitis, WITH_STENT, AT_L1, [CRITICAL, STENT, REACTIONS]),
}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("record", "code", "sites", "expected"), ROWS.values(), ids=ROWS)
def test_the_cards_and_their_order(
    client: Client, hook: str, record: Record, code: Json, sites: tuple[Json, ...], expected: list[str]
) -> None:
    assert shown(ask(client, hook, draft(code, *sites), resources=record())) == expected


@pytest.mark.parametrize(("record", "code", "sites", "expected"), ROWS.values(), ids=ROWS)
def test_every_card_says_what_is_ordered_and_that_it_does_not_decide(
    client: Client, record: Record, code: Json, sites: tuple[Json, ...], expected: list[str]
) -> None:
    for card in cards(ask(client, "order-sign", draft(code, *sites), resources=record())).values():
        assert "**Ordered:** " in card["detail"]
        assert "supports, does not decide" in card["detail"]
        assert "set locally; NICE gives no number" in card["detail"]


def test_the_evaluation_is_of_the_whole_record(client: Client) -> None:
    """Whatever is ordered: the verdict on the record is the same."""
    assert outcome(ask(client, "order-sign", draft(KYPHOPLASTY, L3))) == "criteria-met"


def test_a_deceased_person_gets_no_alert(client: Client) -> None:
    resources = with_discitis()
    resources["patient"]["deceasedBoolean"] = True
    assert shown(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=resources)) == [NOT_MET, REACTIONS]


def test_the_confirmed_level_is_named_where_another_is_ordered(client: Client) -> None:
    card = cards(ask(client, "order-sign", draft(KYPHOPLASTY, L3)))["CriteriaNotMet"]
    assert card["summary"] == "NICE TA279: no evaluable vertebral fracture is recorded at L3; criteria appear met at L1"
    assert "Criteria appear met at L1, which is not ordered." in card["detail"]


def test_no_level_is_recommended_where_something_blocks(client: Client) -> None:
    card = cards(ask(client, "order-sign", draft(KYPHOPLASTY, L3), resources=with_discitis()))["CriteriaNotMet"]
    assert "criteria appear met" not in card["summary"].lower()


def test_the_fracture_without_a_level_may_be_the_one(client: Client) -> None:
    card = cards(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=level_not_recorded()))["InformationNeeded"]
    assert "so it may be the one" in card["detail"]


def test_a_caution_is_told_once(client: Client) -> None:
    answer = cards(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=on_apixaban(no_imaging())))
    assert "Anticoagulant or antiplatelet" in answer["SafetyAlert"]["detail"]
    assert "Anticoagulant or antiplatelet" not in answer["InformationNeeded"]["detail"]


def test_what_could_not_be_read_is_told(client: Client) -> None:
    resources = {key: value for key, value in without("oedema").items() if key != "imagingStudies"}
    card = cards(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=resources))["InformationNeeded"]
    assert "**Could not be read:** imaging studies" in card["detail"]


def augmented(status: str) -> Json:
    done = {"coding": [{"system": "https://fhir.hl7.org.uk/Id/opcs-4", "code": "V44.4"}]}
    return beside(
        "procedures", {"resourceType": "Procedure", "status": status, "code": done, "bodySite": [L1], "performedDateTime": "2026-05-01"}
    )


def test_a_stopped_augmentation_at_a_level_without_a_fracture_is_not_called_done(client: Client) -> None:
    resources = augmented("stopped")
    resources["procedures"]["entry"][-1]["resource"]["bodySite"] = [L3]
    alert = cards(ask(client, "order-sign", draft(KYPHOPLASTY, L3), resources=resources))["SafetyAlert"]
    assert "not said to be completed" in alert["detail"]
    assert "done" not in alert["summary"] + alert["detail"]


def test_an_augmentation_at_the_ordered_level_counts_as_done_only_where_it_is_completed(client: Client) -> None:
    """Told as what it is: at L1 it may have been done."""
    unknown = cards(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=augmented("unknown")))
    assert list(unknown) == ["SafetyAlert", "CriteriaMet"]
    assert "not said to be completed" in unknown["SafetyAlert"]["detail"]
    assert "before at this level" not in unknown["SafetyAlert"]["detail"]
    completed = cards(ask(client, "order-sign", KYPHOPLASTY_AT_L1, resources=augmented("completed")))
    assert "before at this level" in next(iter(completed.values()))["detail"]
