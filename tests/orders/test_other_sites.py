"""Orders whose site is no vertebra: elsewhere, a part of the back, or not understood (contract 6.7, guideline.md G10)."""

import msgspec
import pytest

from app.order_examples import KYPHOPLASTY, L1, SNOMED, VERTEBROPLASTY, WITH_STENT, draft
from tests.orders.calls import HOOKS, ask, cards, eligible, level_not_recorded, no_fracture, shown
from tests.service import Client, Json

MET, NEEDED, NOT_MET, REACTIONS = "CriteriaMet info", "InformationNeeded info", "CriteriaNotMet warning", "AdverseReactions info"
STENT = "StentNotRecommended warning"


def coded(code: str) -> Json:
    return {"coding": [{"system": SNOMED, "code": code}]}


def written(text: str) -> Json:
    return {"text": text}


SACRUM, NECK, THORACIC, LUMBAR, SPINE = (coded(code) for code in ("54735007", "122494005", "122495006", "122496007", "421060004"))

NOT_AT_L1: dict[str, tuple[Json, str]] = {
    "sacrum": (SACRUM, "the neck or sacrum"),
    "neck": (NECK, "the neck or sacrum"),
    "sacrum in words": (written("Sacrum"), "the neck or sacrum"),
    "hip": (coded("29836001"), "the hip or femur"),
    "femur in words": (written("left femur"), "the hip or femur"),
    "thoracic spine": (THORACIC, "the thoracic spine"),
    "some thoracic vertebra": (coded("35769007"), "the thoracic spine"),
    "thoracic spine in words": (written("Thoracic spine"), "the thoracic spine"),
    "dorsal spine in words": (written("Dorsal spine"), "the thoracic spine"),
}
PERHAPS_AT_L1: dict[str, tuple[Json, str]] = {
    "lumbar spine": (LUMBAR, "at the lumbar spine (no level given)"),
    "lumbosacral spine in words": (written("lumbo-sacral spine"), "at the lumbar spine (no level given)"),
    "spine": (SPINE, "(no level given)"),
    "thoracolumbar spine": (coded("1217256009"), "(no level given)"),
    "thoraco-lumbar spine in words": (written("Thoraco-lumbar spine"), "(no level given)"),
    "thoracic and lumbar spine in words": (written("thoracic or lumbar"), "(no level given)"),
    "a site's own code": (coded("local-1"), "at a site that is not understood (no level given)"),
}


def at_t8() -> Json:
    """Her fracture and all that is told of it are at T8."""
    moved = msgspec.json.encode(eligible()).replace(b"66794005", b"11068009").replace(b'"L1"', b'"T8"')
    resources: Json = msgspec.json.decode(moved)
    return resources


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("site", "place"), NOT_AT_L1.values(), ids=NOT_AT_L1)
def test_an_order_elsewhere_is_not_endorsed_by_the_fracture_at_l1(client: Client, hook: str, site: Json, place: str) -> None:
    answer = ask(client, hook, draft(VERTEBROPLASTY, site))
    assert shown(answer) == [NOT_MET, REACTIONS]
    card = cards(answer)["CriteriaNotMet"]
    assert card["summary"] == f"NICE TA279: no evaluable vertebral fracture is recorded at {place}; criteria appear met at L1"
    assert f"**Ordered:** vertebroplasty at {place}." in card["detail"]
    assert "Criteria appear met at L1, which is not ordered." in card["detail"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("site", "told"), PERHAPS_AT_L1.values(), ids=PERHAPS_AT_L1)
def test_an_order_that_may_be_of_l1_is_as_one_without_a_level(client: Client, hook: str, site: Json, told: str) -> None:
    answer = ask(client, hook, draft(VERTEBROPLASTY, site))
    assert shown(answer) == [MET]
    assert f"**Ordered:** vertebroplasty {told}." in cards(answer)["CriteriaMet"]["detail"]


def test_a_part_of_the_back_means_the_fracture_that_is_there(client: Client) -> None:
    assert "CriteriaMet" in cards(ask(client, "order-sign", draft(KYPHOPLASTY, THORACIC), resources=at_t8()))
    lumbar = cards(ask(client, "order-sign", draft(KYPHOPLASTY, LUMBAR), resources=at_t8()))
    assert "recorded at the lumbar spine; criteria appear met at T8" in lumbar["CriteriaNotMet"]["summary"]


def test_both_parts_of_the_back_are_the_back(client: Client) -> None:
    assert shown(ask(client, "order-sign", draft(KYPHOPLASTY, THORACIC, LUMBAR))) == [MET]


def test_a_site_elsewhere_beside_the_confirmed_level_has_a_verdict_of_its_own(client: Client) -> None:
    assert shown(ask(client, "order-sign", draft(KYPHOPLASTY, L1, SACRUM))) == [NOT_MET, MET]
    orders = draft(KYPHOPLASTY, L1, id="one"), draft(KYPHOPLASTY, SACRUM, id="two")
    assert shown(ask(client, "order-sign", *orders)) == [NOT_MET, MET]


@pytest.mark.parametrize("site", [SACRUM, THORACIC])
def test_no_replacement_is_offered_for_a_stent_elsewhere(client: Client, site: Json) -> None:
    answer = ask(client, "order-sign", draft(WITH_STENT, site))
    assert shown(answer) == [STENT, NOT_MET, REACTIONS]
    assert "suggestions" not in cards(answer)["StentNotRecommended"]


def test_without_a_fracture_the_place_is_named(client: Client) -> None:
    card = cards(ask(client, "order-sign", draft(KYPHOPLASTY, THORACIC), resources=no_fracture()))["CriteriaNotMet"]
    assert card["summary"] == "NICE TA279: no evaluable vertebral fracture is recorded at the thoracic spine"


def test_a_fracture_whose_level_is_not_recorded_may_be_in_the_part_ordered(client: Client) -> None:
    assert shown(ask(client, "order-sign", draft(KYPHOPLASTY, THORACIC), resources=level_not_recorded())) == [NEEDED, REACTIONS]
