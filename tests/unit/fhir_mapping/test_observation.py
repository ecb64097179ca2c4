"""Observation to facts: value, date, level, components (contract 6.13, guideline.md 1.5)."""

from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import BodySite, Observation, Quantity, Site
from clinical.vertebra import VertebralLevel
from tests.unit.fhir_mapping.given import (
    ABSENT_URL,
    C5,
    CERVICAL,
    FRACTURE,
    HEIGHT,
    INR,
    KNEE,
    L1,
    L2,
    LOINC,
    LUMBAR,
    NOT_PRESENT,
    OEDEMA,
    OWN,
    PAIN,
    PRESENT,
    SNOMED,
    T12,
    TENDERNESS,
    V3,
    VAS,
    WITH_LOCATION,
    Json,
    concept,
    ids,
    observation,
    record,
)

DAR = {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}


def facts(**members: Any) -> list[Observation]:
    return sorted(record(observation(**members)).observations, key=lambda fact: str(fact.site.level))


def fact(**members: Any) -> Observation:
    (found,) = facts(**members)
    return found


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(name: str) -> BodySite:
    return BodySite(Site.LEVEL, VertebralLevel(name))


def score(value: float, **members: Any) -> Json:
    return {"value": value, "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}", **members}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"valueQuantity": score(8)}, Quantity(8, 8, unit="{score}")),
        ({"valueQuantity": score(8, comparator=">")}, Quantity(8, None, low_inclusive=False, unit="{score}")),
        ({"valueQuantity": score(8, comparator=">=")}, Quantity(8, None, unit="{score}")),
        ({"valueQuantity": score(8, comparator="<")}, Quantity(None, 8, high_inclusive=False, unit="{score}")),
        ({"valueQuantity": score(8, comparator="<=")}, Quantity(None, 8, unit="{score}")),
        ({"valueQuantity": score(8, comparator="ad")}, None),
        ({"valueQuantity": {"value": 65, "unit": " MM "}}, Quantity(65, 65, unit="mm")),
        ({"valueQuantity": {"value": 65, "unit": "of 100", "system": "urn:local", "code": "x"}}, Quantity(65, 65, unit="of 100")),
        ({"valueQuantity": {"value": 6.5, "unit": "cm", "code": "cm"}}, Quantity(6.5, 6.5, unit="cm")),
        ({"valueQuantity": {"unit": "mm"}}, None),
        ({"valueQuantity": {"value": 8}}, Quantity(8, 8)),
        ({"valueInteger": 8}, Quantity(8, 8)),
        ({"valueInteger": 0}, Quantity(0, 0)),
        ({"valueDecimal": 7.5}, Quantity(7.5, 7.5)),
        ({"valueRange": {"low": {"value": 6}, "high": {"value": 8}}}, Quantity(6, 8)),
        ({"valueRange": {"low": {"value": 6, "unit": "mm"}}}, Quantity(6, None, unit="mm")),
        ({"valueRange": {"low": {"value": 6, "unit": "mm"}, "high": {"value": 8, "unit": "cm"}}}, None),
        ({"valueRange": {"low": {"value": 8}, "high": {"value": 6}}}, None),
        ({"valueRange": {"low": {"value": 6, "comparator": ">"}}}, None),
        ({"valueRange": {}}, None),
        ({"valueString": "8"}, None),
        ({"valueString": "8/10"}, None),
        ({"valueCodeableConcept": concept(KNEE, text="8")}, None),
        ({}, None),
        ({"dataAbsentReason": concept(KNEE)}, None),
        ({"valueQuantity": score(8), "dataAbsentReason": {"text": "masked"}}, None),
        ({"_valueInteger": DAR}, None),
        ({"valueInteger": 8, "_valueInteger": DAR}, None),
        ({"valueInteger": 8, "_valueInteger": {"extension": [{"url": "https://example.org/x"}]}}, Quantity(8, 8)),
    ],
)
def test_a_number_is_an_interval(members: Json, expected: Quantity | None) -> None:
    assert fact(**members).quantity == expected


@pytest.mark.parametrize(
    ("ranges", "top"),
    [
        ([{"low": {"value": 0}, "high": {"value": 10}}], 10),
        ([{"low": {"value": 0}, "high": {"value": 100}}], 100),
        ([{"high": {"value": 100}}], 100),
        ([{"low": {"value": 1}, "high": {"value": 10}}], None),
        ([{"low": {"value": 0}, "high": {"value": 5}}], None),
        ([{"low": {"value": 0}}], None),
        ([{"high": {"value": 10}}, {"high": {"value": 100}}], None),
        ([{"high": {"value": 10}}, {"text": "0 to 10"}], 10),
        ([None], None),
        (None, None),
    ],
)
def test_the_scale_is_what_the_reference_range_states(ranges: Any, top: float | None) -> None:
    for value in ({"valueQuantity": {"value": 6, "unit": "mm"}}, {"valueInteger": 6}, {"valueRange": {"low": {"value": 6}}}):
        quantity = fact(code=concept(VAS), referenceRange=ranges, **value).quantity
        assert quantity is not None
        assert quantity.scale_high == top


@pytest.mark.parametrize(
    ("members", "present"),
    [
        ({"valueBoolean": True}, True),
        ({"valueBoolean": False}, False),
        ({"valueCodeableConcept": concept(PRESENT)}, True),
        ({"valueCodeableConcept": concept(NOT_PRESENT)}, False),
        ({"valueCodeableConcept": concept(PRESENT, NOT_PRESENT)}, None),
        ({"valueCodeableConcept": concept(KNEE)}, None),
        ({"valueCodeableConcept": {"text": "present"}}, None),
        ({"valueString": "present"}, None),
        ({}, None),
        ({"interpretation": [concept((V3, "POS"))]}, True),
        ({"interpretation": [concept((V3, "NEG"))]}, False),
        ({"interpretation": [concept((V3, "ND"))]}, False),
        ({"interpretation": [concept((V3, "POS")), concept((V3, "NEG"))]}, None),
        ({"interpretation": [concept((V3, "H"))]}, None),
        ({"interpretation": [concept(PRESENT)]}, True),
        ({"interpretation": [concept(("urn:local", "POS"))]}, None),
        ({"interpretation": [concept((V3, "POS"))], "valueString": "sore"}, None),
        ({"interpretation": [concept((V3, "POS"))], "valueQuantity": {"value": 1}}, None),
        ({"interpretation": [concept((V3, "POS"))], "valuePeriod": {}}, None),
        ({"interpretation": [concept((V3, "POS"))], "valueBoolean": False}, False),
        ({"interpretation": [concept((V3, "POS"))], "dataAbsentReason": {}}, None),
        ({"interpretation": [concept((V3, "POS"))], "_valueBoolean": DAR}, None),
        ({"valueBoolean": True, "dataAbsentReason": {}}, None),
    ],
)
def test_present_or_absent(members: Json, present: bool | None) -> None:
    assert fact(code=concept(TENDERNESS), **members).present is present


def test_what_a_coded_value_means() -> None:
    assert fact(valueCodeableConcept=concept((SNOMED, "24484000"))).value_concepts == {"severity-severe"}
    assert fact(valueCodeableConcept=concept((SNOMED, "24484000")), dataAbsentReason={}).value_concepts == frozenset()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"effectiveDateTime": "2026-11-20"}, PartialDate(day("2026-11-20"), day("2026-11-20"))),
        ({"effectiveDateTime": "2026-11"}, PartialDate(day("2026-11-01"), day("2026-11-30"))),
        ({"effectivePeriod": {"start": "2026-11-01", "end": "2026-11-03"}}, PartialDate(day("2026-11-01"), day("2026-11-03"))),
        ({"effectivePeriod": {"start": "2026-11-01"}}, PartialDate(day("2026-11-01"), None)),
        ({"issued": "2026-11-20T10:00:00Z"}, PartialDate(None, day("2026-11-20"))),
        ({"effectiveTiming": {"event": ["2026-11-01"]}, "issued": "2026-11-20T10:00:00Z"}, PartialDate(None, day("2026-11-20"))),
        ({"effectiveDateTime": "yesterday", "issued": "2026-11-20T10:00:00Z"}, PartialDate(None, day("2026-11-20"))),
        ({"effectiveDateTime": "2026-11-19", "issued": "2026-11-20T10:00:00Z"}, PartialDate(day("2026-11-19"), day("2026-11-19"))),
        ({}, None),
        ({"effectiveTiming": {}}, None),
    ],
)
def test_when_it_was_observed(members: Json, expected: PartialDate | None) -> None:
    assert fact(**{"effectiveDateTime": None, **members}).date == expected


def test_an_instant_keeps_its_time_of_day() -> None:
    found = fact(effectiveDateTime=None, effectiveInstant="2026-11-20T10:00:00Z").date
    assert found is not None
    assert (found.earliest, found.instant) == (day("2026-11-20"), 1795168800.0)


@pytest.mark.parametrize("members", [{"effectiveDateTime": "2026-11-23"}, {"effectiveDateTime": None, "issued": "2026-11-24T00:00:00Z"}])
def test_what_is_dated_after_today_is_set_aside(members: Json) -> None:
    found = record(observation(**members))
    assert (found.observations, found.set_aside) == ((), {"future-dated": 1})


@pytest.mark.parametrize(("status", "preliminary"), [("final", False), ("amended", False), ("corrected", False), ("preliminary", True)])
def test_statuses_that_count(status: str, preliminary: bool) -> None:
    assert fact(status=status).preliminary is preliminary


@pytest.mark.parametrize("status", ["registered", "cancelled", "unknown", "partial", "appended", "Final", "", None])
def test_other_statuses_do_not(status: str | None) -> None:
    found = record(observation(status=status))
    assert (found.observations, found.set_aside) == ((), {"status": 1})


def test_entered_in_error_is_counted_as_that() -> None:
    assert record(observation(status="entered-in-error")).set_aside == {"entered-in-error": 1}


def test_an_observation_about_something_else_in_focus_is_set_aside() -> None:
    found = record(observation(focus=[{"reference": "Patient/donor"}]))
    assert (found.observations, found.set_aside) == ((), {"focus": 1})


def test_body_site() -> None:
    assert fact(bodySite=concept(LUMBAR)).site == BodySite(Site.SPINE)
    assert fact(bodySite=concept(L1)).site == at("L1")
    assert fact().site == BodySite()


def test_a_component_that_names_a_level_gives_the_finding_there() -> None:
    components = [
        {"code": concept(L1), "valueCodeableConcept": concept(PRESENT)},
        {"code": concept(L2), "valueCodeableConcept": concept(NOT_PRESENT)},
        {"code": concept(T12)},
        {"code": concept(C5), "valueBoolean": True},
    ]
    found = facts(code=concept(TENDERNESS), component=components, valueBoolean=False, bodySite=concept(LUMBAR))
    assert [(one.site, one.present) for one in found] == [(at("C5"), True), (at("L1"), True), (at("L2"), False), (at("T12"), None)]
    assert {one.reference for one in found} == {"Observation/o1"}
    assert {one.concepts for one in found} == {frozenset({"vertebral-tenderness"})}


def test_a_component_of_two_levels_names_none() -> None:
    found = fact(code=concept(TENDERNESS), valueBoolean=True, component=[{"code": concept(L1, L2), "valueBoolean": False}])
    assert (found.site, found.present) == (BodySite(), True)


def test_a_component_whose_text_names_a_level_names_none() -> None:
    found = fact(code=concept(TENDERNESS), valueBoolean=True, component=[{"code": {"text": "L1"}, "valueBoolean": False}])
    assert (found.site, found.present) == (BodySite(), True)


def test_components_with_a_code_of_their_own_stand_for_themselves_at_the_site_of_the_panel() -> None:
    components = [
        {"code": concept(PAIN), "valueQuantity": {"value": 8}, "referenceRange": [{"high": {"value": 10}}]},
        {"code": concept(OEDEMA), "interpretation": [concept((V3, "POS"))]},
        {"code": concept(HEIGHT), "valueQuantity": {"value": 170}},
        None,
        {},
    ]
    found = facts(code=concept(HEIGHT), component=components, bodySite=concept(L1), valueInteger=3)
    assert sorted((sorted(one.concepts), one.present, one.quantity, one.site) for one in found) == [
        (["marrow-oedema"], True, None, at("L1")),
        (["pain-nrs"], None, Quantity(8, 8, scale_high=10), at("L1")),
    ]


def test_a_panel_with_a_meaning_of_its_own_gives_its_own_fact_too() -> None:
    found = facts(code=concept(TENDERNESS), valueBoolean=True, component=[{"code": concept(PAIN), "valueInteger": 8}])
    assert sorted(sorted(one.concepts) for one in found) == [["pain-nrs"], ["vertebral-tenderness"]]


def test_a_component_with_a_modifier_extension_is_not_read() -> None:
    component = {"code": concept(L1), "valueBoolean": True, "modifierExtension": [{"url": "x"}]}
    found = fact(code=concept(TENDERNESS), valueBoolean=False, component=[component])
    assert (found.site, found.present) == (BodySite(), False)


def test_a_component_that_says_absent_and_why_has_no_value() -> None:
    found = fact(
        code=concept(TENDERNESS), component=[{"code": concept(L1), "dataAbsentReason": {"text": "not examined"}, "valueBoolean": True}]
    )
    assert (found.site, found.present) == (at("L1"), None)


def test_codes_that_mean_nothing_here_are_not_kept() -> None:
    found = record(observation(code=concept(HEIGHT)), observation("o2", code={"text": "pain score"}), observation("o3", code=None))
    assert (found.observations, found.set_aside) == ((), {"not-relevant": 3})


def test_a_code_of_two_meanings_has_both() -> None:
    assert fact(code=concept(PAIN, FRACTURE, (OWN, "unheard-of"))).concepts == {"pain-nrs", "osteoporotic-vertebral-fracture"}


def test_no_text_of_the_record_is_kept() -> None:
    made = observation(
        code=concept(TENDERNESS, text="canary"), valueString="canary", bodySite=concept(text="canary"), note=[{"text": "canary"}],
        component=[{"code": concept(L1, text="canary"), "valueString": "canary"}],
    )  # fmt: skip
    assert "canary" not in repr(record(made))


LOCATION = (LOINC, "38204-4")


def pain_panel(*places: Json | None, **members: Any) -> list[tuple[frozenset[str], BodySite]]:
    """The scores of a panel whose components say where the pain is, and the site of each."""
    located = [{"code": concept(LOCATION), "valueCodeableConcept": place} for place in places]
    scores = [
        {"code": concept(PAIN), "valueInteger": 8},
        {"code": concept(VAS), "valueInteger": 80},
        {"code": concept(INR), "valueInteger": 1},
    ]
    found = record(observation(**{"code": concept(HEIGHT), "component": [*located, *scores], **members}), terminology=WITH_LOCATION)
    return sorted(((one.concepts, one.site) for one in found.observations), key=lambda pair: sorted(pair[0]))


@pytest.mark.parametrize(
    ("place", "site"),
    [
        (concept(KNEE), BodySite(Site.UNREAD)),
        (concept(text="left knee"), BodySite(Site.OTHER)),
        (concept(CERVICAL), BodySite(Site.OUT_OF_SCOPE)),
        (concept(LUMBAR), BodySite(Site.SPINE)),
        (concept(text="low back"), BodySite(Site.SPINE)),
        (concept(L1), BodySite(Site.LEVEL, VertebralLevel.L1)),
        ({}, BodySite()),
        (None, BodySite()),
    ],
)
def test_pain_scores_are_of_the_place_that_their_panel_tells(place: Json | None, site: BodySite) -> None:
    assert pain_panel(place) == [(ids("inr"), BodySite()), (ids("pain-nrs"), site), (ids("pain-vas"), site)]


def test_the_place_of_the_pain_goes_before_the_site_of_the_panel() -> None:
    back, knee = BodySite(Site.SPINE), BodySite(Site.UNREAD)
    assert [site for _, site in pain_panel(concept(KNEE), bodySite=concept(LUMBAR))] == [back, knee, knee]
    assert [site for _, site in pain_panel(None, bodySite=concept(LUMBAR))] == [back, back, back]


def test_a_score_with_a_place_beside_it_is_of_that_place() -> None:
    located = [{"code": concept(LOCATION), "valueCodeableConcept": concept(KNEE)}]
    (found,) = record(observation(valueInteger=8, component=located), terminology=WITH_LOCATION).observations
    assert (found.concepts, found.site) == (ids("pain-nrs"), BodySite(Site.UNREAD))
