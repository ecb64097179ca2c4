"""The four medication resources: what counts (G1), from when to when (guideline.md 5), how, and whether it was not tolerated."""

from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import Medication, MedicationKind
from tests.unit.fhir_mapping.given import (
    HEIGHT,
    KNEE,
    MORPHINE,
    PARACETAMOL,
    REASON,
    Json,
    concept,
    medication_request,
    record,
    resource,
)


def day(text: str) -> PartialDate:
    return PartialDate(date.fromisoformat(text), date.fromisoformat(text))


def given(kind: str, **members: Any) -> Medication:
    return only(resource(kind, "m1", **{"medicationCodeableConcept": concept(MORPHINE), **members}))


def only(made: Json) -> Medication:
    (found,) = record(made).medications
    return found


def statement(**members: Any) -> Medication:
    return given("MedicationStatement", **{"status": "active", **members})


def administration(**members: Any) -> Medication:
    return given("MedicationAdministration", **{"status": "completed", **members})


def dispense(**members: Any) -> Medication:
    return given("MedicationDispense", **{"status": "completed", **members})


def request(**members: Any) -> Medication:
    return only(medication_request(**members))


def when(found: Medication) -> tuple[PartialDate | None, PartialDate | None, bool]:
    return found.start, found.stop, found.ongoing


def supply(value: float, unit: str = "d") -> Json:
    return {"expectedSupplyDuration": {"value": value, "unit": unit, "code": unit}}


def bounded(**repeat: Any) -> list[Json | None]:
    return [{"timing": {"repeat": repeat}}]


COUNTED = {
    "MedicationRequest": {"active", "completed", "stopped", "on-hold"},
    "MedicationStatement": {"active", "completed", "stopped", "on-hold"},
    "MedicationAdministration": {"completed", "in-progress", "stopped"},
    "MedicationDispense": {"completed"},
}
STATUSES = (
    "active", "completed", "stopped", "on-hold", "in-progress", "cancelled", "draft", "unknown", "not-taken", "intended", "not-done",
    "preparation", "declined", "", None,
)  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", COUNTED)
def test_which_statuses_count(kind: str, status: str | None) -> None:
    found = record(resource(kind, status=status, medicationCodeableConcept=concept(MORPHINE)))
    if status in COUNTED[kind]:
        assert [one.kind for one in found.medications] == [MedicationKind(kind.removeprefix("Medication").lower())]
    else:
        assert (found.medications, found.set_aside) == ((), {"status": 1})


@pytest.mark.parametrize("kind", COUNTED)
def test_entered_in_error_is_dropped(kind: str) -> None:
    found = record(resource(kind, status="entered-in-error", medicationCodeableConcept=concept(MORPHINE)))
    assert (found.medications, found.set_aside) == ((), {"entered-in-error": 1})


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_what_is_only_planned_is_no_order(intent: str) -> None:
    found = record(medication_request(intent=intent))
    assert (found.medications, found.set_aside) == ((), {"intent": 1})


@pytest.mark.parametrize("intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order", None])
def test_every_other_intent_is_an_order(intent: str | None) -> None:
    assert request(intent=intent).kind is MedicationKind.REQUEST


def test_an_order_not_to_give_is_no_order() -> None:
    found = record(medication_request(doNotPerform=True))
    assert (found.medications, found.set_aside) == ((), {"do-not-perform": 1})
    assert request(doNotPerform=False).ongoing


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"effectivePeriod": {"start": "2026-11-01", "end": "2026-11-10"}}, (day("2026-11-01"), day("2026-11-10"), False)),
        ({"effectivePeriod": {"start": "2026-11-01"}}, (day("2026-11-01"), None, True)),
        ({"effectivePeriod": {"start": "2026-11-01"}, "status": "stopped"}, (day("2026-11-01"), None, False)),
        ({"effectivePeriod": {"start": "2026-11-01"}, "status": "completed"}, (day("2026-11-01"), None, False)),
        ({"effectivePeriod": {"start": "2026-11-01"}, "status": "on-hold"}, (day("2026-11-01"), None, False)),
        ({"effectivePeriod": {"start": "2026-11-01", "end": "9999-12-31"}}, (day("2026-11-01"), None, True)),
        ({"effectivePeriod": {"end": "2026-11-10"}}, (None, day("2026-11-10"), False)),
        ({"effectiveDateTime": "2026-11-01"}, (day("2026-11-01"), None, True)),
        ({}, (None, None, True)),
    ],
)
def test_a_statement_runs_over_its_effective_time(members: Json, expected: tuple[Any, ...]) -> None:
    assert when(statement(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"effectiveDateTime": "2026-11-01"}, (day("2026-11-01"), day("2026-11-01"), False)),
        ({"effectivePeriod": {"start": "2026-11-01", "end": "2026-11-03"}}, (day("2026-11-01"), day("2026-11-03"), False)),
        ({"effectivePeriod": {"start": "2026-11-01"}, "status": "in-progress"}, (day("2026-11-01"), None, True)),
        ({"effectivePeriod": {"start": "2026-11-01"}}, (day("2026-11-01"), None, False)),
        ({}, (None, None, False)),
    ],
)
def test_an_administration_at_one_time_is_one_day(members: Json, expected: tuple[Any, ...]) -> None:
    assert when(administration(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"whenHandedOver": "2026-11-01", "daysSupply": {"value": 14}}, (day("2026-11-01"), day("2026-11-14"), False)),
        ({"whenPrepared": "2026-11-01", "daysSupply": {"value": 1, "code": "d"}}, (day("2026-11-01"), day("2026-11-01"), False)),
        (
            {"whenPrepared": "2026-10-30", "whenHandedOver": "2026-11-01", "daysSupply": {"value": 2, "unit": "weeks"}},
            (day("2026-11-01"), day("2026-11-14"), False),
        ),
        ({"whenHandedOver": "2026-11-01"}, (day("2026-11-01"), None, False)),
        ({"daysSupply": {"value": 14}}, (None, None, False)),
    ],
)
def test_a_dispense_lasts_as_long_as_its_supply(members: Json, expected: tuple[Any, ...]) -> None:
    assert when(dispense(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, (day("2026-11-01"), None, True)),
        ({"status": "completed"}, (day("2026-11-01"), None, False)),
        ({"status": "stopped"}, (day("2026-11-01"), None, False)),
        ({"dispenseRequest": supply(14)}, (day("2026-11-01"), day("2026-11-14"), False)),
        ({"dispenseRequest": supply(2, "wk")}, (day("2026-11-01"), day("2026-11-14"), False)),
        ({"dispenseRequest": supply(1, "mo")}, (day("2026-11-01"), day("2026-11-30"), False)),
        ({"dispenseRequest": {}}, (day("2026-11-01"), None, True)),
        (
            {"dosageInstruction": bounded(boundsPeriod={"start": "2026-11-03", "end": "2026-11-09"}), "dispenseRequest": supply(28)},
            (day("2026-11-03"), day("2026-11-09"), False),
        ),
        ({"dosageInstruction": bounded(boundsPeriod={"start": "2026-11-03"})}, (day("2026-11-03"), None, True)),
        ({"dosageInstruction": bounded(boundsPeriod={"end": "2026-11-09"})}, (day("2026-11-01"), day("2026-11-09"), False)),
        ({"dosageInstruction": bounded(boundsDuration={"value": 5, "code": "d"})}, (day("2026-11-01"), day("2026-11-05"), False)),
        (
            {"dosageInstruction": bounded(boundsRange={"low": {"value": 5, "code": "d"}, "high": {"value": 10, "code": "d"}})},
            (day("2026-11-01"), day("2026-11-05"), False),
        ),
        ({"authoredOn": None}, (None, None, True)),
        ({"authoredOn": "no date", "dispenseRequest": supply(14)}, (None, None, False)),
    ],
)
def test_a_prescription_runs_by_its_timing_else_its_supply_else_on(members: Json, expected: tuple[Any, ...]) -> None:
    assert when(request(**members)) == expected


UNREADABLE = [
    {"value": 14, "unit": "{days}", "code": "{days}"},
    {"value": 14, "unit": "Tage"},
    {"value": 0, "code": "d"},
    {"value": -14, "code": "d"},
    {"value": 14, "code": "d", "comparator": ">"},
    {"code": "d"},
]


@pytest.mark.parametrize("duration", UNREADABLE)
def test_a_supply_that_cannot_be_read_is_not_without_end(duration: Json) -> None:
    unknown = (day("2026-11-01"), None, False)
    assert when(request(dispenseRequest={"expectedSupplyDuration": duration})) == unknown
    assert when(request(dosageInstruction=bounded(boundsDuration=duration))) == unknown
    assert when(request(dosageInstruction=bounded(boundsRange={"low": duration}))) == unknown


def test_a_supply_that_cannot_be_read_beside_a_timing_that_can_does_no_harm() -> None:
    ends = bounded(boundsPeriod={"end": "2026-11-09"})
    found = request(dosageInstruction=ends, dispenseRequest={"expectedSupplyDuration": UNREADABLE[0]})
    assert when(found) == (day("2026-11-01"), day("2026-11-09"), False)


def test_an_open_instruction_beside_one_that_cannot_be_read_goes_on() -> None:
    unread = bounded(boundsDuration=UNREADABLE[0])
    for goes_on in ({"text": "then as before"}, *bounded(boundsPeriod={"start": "2026-11-02", "end": "9999-12-31"})):
        assert when(request(dosageInstruction=[*unread, goes_on])) == (day("2026-11-01"), None, True)


def test_an_end_that_cannot_be_read_is_not_the_lack_of_one() -> None:
    period = {"start": "2026-11-01", "end": "some day"}
    for found in (
        statement(effectivePeriod=period),
        administration(effectivePeriod=period, status="in-progress"),
        request(dosageInstruction=bounded(boundsPeriod=period)),
    ):
        assert when(found) == (day("2026-11-01"), None, False)


def test_a_supply_of_hours_is_of_the_days_they_begin() -> None:
    assert when(request(dispenseRequest=supply(336, "h"))) == (day("2026-11-01"), day("2026-11-14"), False)


def test_several_instructions_run_from_the_first_start_to_the_last_stop() -> None:
    one = bounded(boundsPeriod={"start": "2026-11-08", "end": "2026-11-14"})
    two = bounded(boundsPeriod={"start": "2026-11-01", "end": "2026-11-07"})
    assert when(request(dosageInstruction=[*one, *two])) == (day("2026-11-01"), day("2026-11-14"), False)


def test_an_instruction_without_an_end_leaves_the_prescription_open() -> None:
    one = bounded(boundsPeriod={"start": "2026-11-01", "end": "2026-11-07"})
    assert when(request(dosageInstruction=[*one, {"text": "then as before"}])) == (day("2026-11-01"), None, True)


@pytest.mark.parametrize("status", ["stopped", "on-hold"])
def test_a_prescription_cut_short_stopped_some_day_up_to_its_planned_end(status: str) -> None:
    found = request(status=status, dispenseRequest=supply(28))
    assert (found.stop, found.ongoing) == (PartialDate(date(2026, 11, 1), date(2026, 11, 28)), False)


@pytest.mark.parametrize(
    ("dosages", "as_needed"),
    [
        ([{"asNeededBoolean": True}], True),
        ([{"asNeededCodeableConcept": concept(KNEE)}], True),
        ([{"asNeededCodeableConcept": {"text": "for pain"}}], True),
        ([{"asNeededBoolean": False}], False),
        ([{"asNeededBoolean": True}, {"asNeededBoolean": False}], False),
        ([{"asNeededBoolean": True}, None], True),
        ([{}], False),
        ([], False),
        (None, False),
    ],
)
def test_as_needed_only(dosages: Any, as_needed: bool) -> None:
    assert request(dosageInstruction=dosages).as_needed is as_needed
    assert dispense(dosageInstruction=dosages).as_needed is as_needed
    assert statement(dosage=dosages).as_needed is as_needed


NOT_TOLERATED, WORKED = concept((REASON, "sintol")), concept((REASON, "altchoice"))


@pytest.mark.parametrize(
    ("reason", "intolerance"),
    [(NOT_TOLERATED, True), ([WORKED, None, NOT_TOLERATED], True), (WORKED, False), (None, False), ({"text": "sick"}, False)],
)
def test_stopped_because_it_was_not_tolerated(reason: Any, intolerance: bool) -> None:
    assert request(status="stopped", statusReason=reason).stopped_for_intolerance is intolerance
    assert statement(status="stopped", statusReason=reason).stopped_for_intolerance is intolerance
    assert administration(status="stopped", statusReason=reason).stopped_for_intolerance is intolerance


def test_a_dispense_has_its_reason_elsewhere() -> None:
    assert dispense(statusReasonCodeableConcept=NOT_TOLERATED).stopped_for_intolerance


@pytest.mark.parametrize(
    "made",
    [
        medication_request(authoredOn="2026-11-23"),
        medication_request(dosageInstruction=bounded(boundsPeriod={"start": "2026-12-01"})),
        resource("MedicationStatement", status="active", medicationCodeableConcept=concept(MORPHINE), effectiveDateTime="2027"),
        resource("MedicationDispense", status="completed", medicationCodeableConcept=concept(MORPHINE), whenHandedOver="2026-11-23"),
    ],
)
def test_what_begins_after_today_is_set_aside(made: Json) -> None:
    found = record(made)
    assert (found.medications, found.set_aside) == ((), {"future-dated": 1})


def test_a_text_is_a_hint_only_where_the_codes_mean_nothing() -> None:
    assert request(medicationCodeableConcept=concept(KNEE, text="Morphine 10 mg")).hints == {"text-opioid"}
    assert request(medicationCodeableConcept=concept(PARACETAMOL, text="Morphine 10 mg")).hints == frozenset()


def test_other_drugs_are_not_kept() -> None:
    found = record(
        medication_request(medicationCodeableConcept=concept(HEIGHT, text="Water")),
        medication_request("m2", medicationCodeableConcept=None),
    )
    assert (found.medications, found.set_aside) == ((), {"not-relevant": 2})
