"""What resources tell through others, by references in every form: the imaging behind a finding, the product behind a prescription."""

import json
from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import DataGap
from fhir_mapping.section import read_patient_bundle
from tests.unit.fhir_mapping.given import (
    BASE,
    CT,
    HEIGHT,
    KNEE,
    MORPHINE,
    MRI,
    MRI_REPORT,
    OEDEMA,
    PARACETAMOL,
    Json,
    bundle,
    concept,
    ids,
    medication_request,
    observation,
    patient,
    record,
    record_from,
    resource,
    section,
)

MRI_CODING = {"system": MRI[0], "code": MRI[1]}


def study(resource_id: str = "i1", **members: Any) -> Json:
    return resource("ImagingStudy", resource_id, **{"status": "available", "modality": [MRI_CODING], **members})


def finding(resource_id: str = "o1", **members: Any) -> Json:
    return observation(resource_id, **{"code": concept(OEDEMA), "valueBoolean": True, **members})


def report(**members: Any) -> Json:
    return resource("DiagnosticReport", "d1", **{"status": "final", "code": concept(MRI_REPORT), **members})


def modality_of(*resources: Json, **options: Any) -> frozenset[str]:
    (found,) = record(*resources, **options).observations
    return found.modality


def to(reference: str) -> list[Json]:
    return [{"reference": reference}]


@pytest.mark.parametrize("member", ["derivedFrom", "partOf", "hasMember"])
@pytest.mark.parametrize(
    "reference",
    ["ImagingStudy/i1", "ImagingStudy/i1/_history/2", f"{BASE}/ImagingStudy/i1", f"{BASE}/ImagingStudy/i1/_history/2", "urn:uuid:i1"],
)
def test_a_finding_has_the_modality_of_the_study_it_points_to(member: str, reference: str) -> None:
    assert modality_of(study(), {**finding(), member: to(reference)}) == {"mri-study"}


@pytest.mark.parametrize(
    "reference", ["ImagingStudy/i2", "ImagingStudy/I1", "https://elsewhere.example.org/ImagingStudy/i1", "#i1", "", "i1"]
)
def test_a_reference_to_something_else_gives_none(reference: str) -> None:
    assert modality_of(study(), finding(derivedFrom=to(reference))) == frozenset()


def test_any_base_will_do_where_none_is_known() -> None:
    assert modality_of(study(), finding(derivedFrom=to("https://elsewhere.example.org/ImagingStudy/i1")), fhir_base=None) == {"mri-study"}


def test_a_contained_study() -> None:
    inner = {"resourceType": "ImagingStudy", "id": "in", "series": [{"modality": MRI_CODING}]}
    assert modality_of(finding(contained=[inner], derivedFrom=to("#in"))) == {"mri-study"}
    assert modality_of(finding(contained=[inner], derivedFrom=to("#out"))) == frozenset()


@pytest.mark.parametrize(
    "members",
    [
        {"modality": None, "series": [{"modality": MRI_CODING}, None]},
        {"modality": None, "procedureCode": [concept(KNEE), concept(MRI_REPORT)]},
    ],
)
def test_the_modality_stands_in_the_series_or_in_the_procedure_code(members: Json) -> None:
    assert modality_of(study(**members), finding(derivedFrom=to("ImagingStudy/i1"))) == {"mri-study"}


@pytest.mark.parametrize("members", [{"status": "entered-in-error"}, {"status": "cancelled"}, {"modifierExtension": [{"url": "x"}]}])
def test_a_study_that_does_not_count_gives_none(members: Json) -> None:
    assert modality_of(study(**members), finding(derivedFrom=to("ImagingStudy/i1"))) == frozenset()


def test_an_included_study_is_looked_up_and_is_no_fact() -> None:
    found = record_from(
        [section("Patient", patient()), section("Observation", bundle(finding(derivedFrom=to("ImagingStudy/i1")), study()))]
    )
    assert (found.observations[0].modality, found.imaging_studies) == (ids("mri-study"), ())


def test_two_studies_give_both() -> None:
    links = [{"reference": "ImagingStudy/i1"}, None, {"reference": "ImagingStudy/i2"}]
    other = study("i2", modality=[{"system": CT[0], "code": CT[1]}])
    assert modality_of(study(), other, finding(derivedFrom=links)) == {"mri-study", "ct-study"}


@pytest.mark.parametrize("reference", ["Observation/o1", "Observation/o1/_history/9", f"{BASE}/Observation/o1", "urn:uuid:o1"])
def test_a_report_gives_its_modality_to_its_results(reference: str) -> None:
    assert modality_of(report(result=to(reference)), finding()) == {"mri-study"}


def test_a_report_gives_the_modality_of_its_study() -> None:
    plain = report(code=concept(HEIGHT), result=to("Observation/o1"), imagingStudy=to("ImagingStudy/i1"))
    assert modality_of(study(), plain, finding()) == {"mri-study"}


@pytest.mark.parametrize("status", ["entered-in-error", "registered", "cancelled", None])
def test_a_report_that_does_not_count_gives_none(status: str | None) -> None:
    assert modality_of(report(status=status, result=to("Observation/o1")), finding()) == frozenset()


def test_a_panel_hands_on_what_its_report_gave_it() -> None:
    outer = observation("outer", code=concept(HEIGHT), hasMember=to("Observation/inner"))
    inner = observation("inner", code=concept(HEIGHT), hasMember=to("Observation/o1"))
    assert modality_of(report(result=to("Observation/outer")), outer, inner, finding()) == {"mri-study"}


def test_a_panel_hands_on_the_modality_of_its_own_study() -> None:
    panel = observation("panel", code=concept(HEIGHT), derivedFrom=to("ImagingStudy/i1"), hasMember=to("Observation/o1"))
    assert modality_of(study(), panel, finding()) == {"mri-study"}


def test_panels_in_a_circle_come_to_an_end() -> None:
    one = observation("a", code=concept(HEIGHT), hasMember=to("Observation/b"))
    two = observation("b", code=concept(HEIGHT), hasMember=[*to("Observation/a"), *to("Observation/o1")])
    assert modality_of(report(result=to("Observation/a")), one, two, finding()) == {"mri-study"}


def test_a_panel_entered_in_error_hands_on_nothing() -> None:
    panel = observation("panel", code=concept(HEIGHT), status="entered-in-error", hasMember=to("Observation/o1"))
    assert modality_of(report(result=to("Observation/panel")), panel, finding()) == frozenset()


def test_urns_are_resolved_within_the_bundle() -> None:
    entries = [
        {"fullUrl": "urn:uuid:11", "resource": patient()},
        {"fullUrl": "urn:uuid:22", "resource": study("server-id")},
        {"fullUrl": "urn:uuid:33", "resource": finding(derivedFrom=to("urn:uuid:22"))},
    ]
    raw = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    assert record_from(read_patient_bundle(raw)).observations[0].modality == {"mri-study"}


def behind(*resources: Json) -> tuple[PartialDate | None, bool]:
    (found,) = record(*resources).observations
    return found.studied, found.study_withdrawn


def on(text: str) -> PartialDate:
    return PartialDate(date.fromisoformat(text), date.fromisoformat(text))


OLD_STUDY = study(started="2025-06-01")
OLD_REPORT = report(effectiveDateTime="2025-05-01", result=to("Observation/o1"))


@pytest.mark.parametrize("member", ["derivedFrom", "partOf"])
def test_a_finding_knows_when_its_study_was_made(member: str) -> None:
    assert behind(OLD_STUDY, {**finding(), member: to("ImagingStudy/i1")}) == (on("2025-06-01"), False)


def test_a_finding_knows_when_what_its_report_tells_of_was_made() -> None:
    assert behind(OLD_REPORT, finding()) == (on("2025-05-01"), False)
    over = report(effectivePeriod={"start": "2025-05-01", "end": "2025-05-03"}, result=to("Observation/o1"))
    assert behind(over, finding()) == (PartialDate(date(2025, 5, 1), date(2025, 5, 3)), False)
    by_study = report(effectiveDateTime="2026-11-20", imagingStudy=to("ImagingStudy/i1"), result=to("Observation/o1"))
    assert behind(by_study, OLD_STUDY, finding()) == (on("2025-06-01"), False)
    concluded = report(effectiveDateTime="2026-11-20", imagingStudy=to("ImagingStudy/i1"), conclusionCode=[concept(OEDEMA)])
    assert behind(concluded, OLD_STUDY) == (on("2025-06-01"), False)


def test_of_several_studies_the_earliest_is_told() -> None:
    linked = finding(derivedFrom=[*to("ImagingStudy/i1"), *to("ImagingStudy/i2")])
    assert behind(OLD_STUDY, study("i2", started="2026-11-01"), OLD_REPORT, linked) == (on("2025-05-01"), False)


def test_a_panel_hands_on_when_its_study_was_made_and_whether_it_stands() -> None:
    panel = observation("panel", code=concept(HEIGHT), derivedFrom=to("ImagingStudy/i1"), hasMember=to("Observation/o1"))
    assert behind(OLD_STUDY, panel, finding()) == (on("2025-06-01"), False)
    assert behind({**OLD_STUDY, "status": "cancelled"}, panel, finding()) == (None, True)


@pytest.mark.parametrize(
    "link",
    [report(effectiveDateTime=None, issued="2025-05-01T10:00:00Z", result=to("Observation/o1")), study(started="2027-01-01"), study()],
)
def test_what_tells_no_day_up_to_today_gives_none(link: Json) -> None:
    assert behind(link, finding(derivedFrom=to("ImagingStudy/i1"))) == (None, False)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_finding_knows_that_its_study_was_withdrawn(status: str) -> None:
    linked = finding(derivedFrom=[*to("ImagingStudy/i1"), *to("ImagingStudy/i2")])
    assert behind(study(status=status), OLD_STUDY | {"id": "i2"}, linked) == (on("2025-06-01"), True)
    inner = {"resourceType": "ImagingStudy", "id": "in", "status": status}
    assert behind(finding(contained=[inner], derivedFrom=to("#in"))) == (None, True)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
@pytest.mark.parametrize("code", [MRI_REPORT, HEIGHT])
def test_a_finding_knows_that_its_report_was_withdrawn(status: str, code: tuple[str, str]) -> None:
    withdrawn = report(status=status, code=concept(code), result=to("Observation/o1"), imagingStudy=to("ImagingStudy/i1"))
    assert behind(withdrawn, OLD_STUDY, finding()) == (None, True)
    assert behind({**withdrawn, "imagingStudy": []}, finding()) == (None, True)


def test_a_report_that_was_withdrawn_takes_nothing_from_one_that_stands() -> None:
    withdrawn = {**OLD_REPORT, "id": "d2", "status": "entered-in-error"}
    assert behind(OLD_REPORT, withdrawn, finding()) == (on("2025-05-01"), False)
    of_a_withdrawn_study = {**OLD_REPORT, "imagingStudy": to("ImagingStudy/i1")}
    assert behind(of_a_withdrawn_study, study(status="cancelled"), finding()) == (on("2025-05-01"), True)


def test_a_study_that_cannot_be_found_or_is_only_registered_is_not_withdrawn() -> None:
    assert behind(finding(derivedFrom=to("ImagingStudy/elsewhere"))) == (None, False)
    assert behind(study(status="registered"), finding(derivedFrom=to("ImagingStudy/i1"))) == (None, False)


DRUG = {"resourceType": "Medication", "id": "x", "code": concept(MORPHINE)}


def by_reference(reference: str | None, **members: Any) -> Json:
    label = {"reference": reference, **members} if reference is not None else members
    return medication_request(medicationCodeableConcept=None, medicationReference=label)


def concepts_of(*resources: Json) -> frozenset[str]:
    (found,) = record(*resources).medications
    return found.concepts


@pytest.mark.parametrize("reference", ["Medication/x", "Medication/x/_history/1", f"{BASE}/Medication/x", "urn:uuid:x"])
def test_a_prescription_by_reference_is_of_that_product(reference: str) -> None:
    assert concepts_of(DRUG, by_reference(reference)) == {"strong-opioid"}


def test_a_prescription_of_a_contained_product() -> None:
    made = {**by_reference("#x"), "contained": [DRUG]}
    assert concepts_of(made) == {"strong-opioid"}
    for sloppy in ({**DRUG, "id": "#x"},):
        assert concepts_of({**made, "contained": [sloppy]}) == {"strong-opioid"}


def test_an_included_product() -> None:
    found = record_from([section("Patient", patient()), section("MedicationRequest", bundle(by_reference("Medication/x"), DRUG))])
    assert found.medications[0].concepts == {"strong-opioid"}


def test_a_combination_product_counts_by_each_ingredient() -> None:
    named = [{"itemCodeableConcept": concept(drug)} for drug in (MORPHINE, PARACETAMOL)]
    ingredients: list[Json | None] = [*named, None, {"itemReference": {}}]
    product = {"resourceType": "Medication", "id": "x", "ingredient": ingredients}
    assert concepts_of(product, by_reference("Medication/x")) == {"strong-opioid", "paracetamol"}


def test_a_product_that_must_not_be_read_as_it_stands_is_not() -> None:
    found = record({**DRUG, "modifierExtension": [{"url": "x"}]}, by_reference("Medication/x"))
    assert (found.medications, found.set_aside) == ((), {"modifier-extension": 1})
    assert found.data_gaps == (DataGap("MedicationRequest", "failed"),)


def test_a_product_that_cannot_be_had_is_counted() -> None:
    found = record(by_reference("Medication/elsewhere"))
    assert (found.medications, found.set_aside) == ((), {"unresolved-medication": 1})


def test_the_label_of_a_reference_is_a_hint() -> None:
    (found,) = record(by_reference("Medication/elsewhere", display="morphine 10 mg")).medications
    assert (found.concepts, found.hints) == (ids(), ids("text-opioid"))
    (found,) = record(by_reference(None, display="morphine 10 mg")).medications
    assert found.hints == {"text-opioid"}
