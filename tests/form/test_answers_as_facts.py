"""What the answers of the form become in the record (docs/form.md)."""

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinical.dates import PartialDate
from clinical.record import BodySite, MedicationKind, PatientRecord, Quantity, Site
from clinical.vertebra import VertebralLevel
from fhir_mapping.errors import AnotherPatient
from fhir_mapping.patient_record import to_patient_record
from fhir_mapping.section import read_patient_bundle, read_section
from guidelines.ta279.terminology import load_terminology, text_hints
from tests.form.answers import CT, MRI, NOT_THERE, THERE, TODAY, Json, ago, group, level, own, response

TERMINOLOGY = load_terminology()
TENDER = group("examination", level=level("L1"), vertebral_tenderness=THERE, date=ago(1))


def record(*resources: Json) -> PatientRecord:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1946-05-05"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in (patient, *resources)]}
    return to_patient_record(
        read_patient_bundle(json.dumps(bundle).encode()),
        patient_id="p", terminology=TERMINOLOGY, text_hints=text_hints, zone=ZoneInfo("UTC"), today=TODAY, fhir_base=None,
    )  # fmt: skip


def facts(found: PatientRecord) -> int:
    kinds = (found.conditions, found.observations, found.imaging_studies, found.medications, found.allergies, found.procedures)
    return sum(len(kind) for kind in kinds)


def on(day: date) -> PartialDate:
    return PartialDate(day, day)


L1 = BodySite(Site.LEVEL, VertebralLevel.L1)


def test_a_fracture_is_a_condition_at_its_level_from_its_onset_with_its_mechanism() -> None:
    form = response(group("fracture", level=level("L1"), onset=ago(30), mechanism=own("low-energy-mechanism")))
    (condition,) = record(form).conditions
    assert condition.reference == "QuestionnaireResponse/form"
    assert condition.concepts == {"vertebral-compression-fracture"}
    assert condition.cause_concepts == {"low-energy-mechanism"}
    assert (condition.site, condition.onset) == (L1, on(ago(30)))
    assert condition.recorded is not None
    assert condition.recorded.latest == TODAY


def test_a_fracture_without_its_level_is_no_fact() -> None:
    found = record(response(group("fracture", onset=ago(30))))
    assert (facts(found), found.set_aside["incomplete-answer"]) == (0, 1)


@pytest.mark.parametrize(("said", "present"), [(THERE, True), (NOT_THERE, False)])
def test_tenderness_is_there_or_not_at_a_level_on_a_day(said: tuple[str, str], present: bool) -> None:
    (observed,) = record(response(group("examination", level=level("L1"), vertebral_tenderness=said, date=ago(1)))).observations
    assert observed.concepts == {"vertebral-tenderness"}
    assert (observed.present, observed.site, observed.date, observed.preliminary) == (present, L1, on(ago(1)), False)


def test_a_repeated_group_gives_one_fact_each_time() -> None:
    other = group("examination", level=level("L2"), vertebral_tenderness=NOT_THERE, date=ago(1))
    said = {(item.site.level, item.present) for item in record(response(TENDER, other)).observations}
    assert said == {(VertebralLevel.L1, True), (VertebralLevel.L2, False)}


def test_an_undated_finding_was_seen_by_the_day_of_the_form() -> None:
    (observed,) = record(response(group("examination", level=level("L1"), vertebral_tenderness=THERE))).observations
    assert observed.date == PartialDate(None, TODAY)


def test_imaging_gives_the_study_and_each_finding_with_its_modality() -> None:
    form = response(group("imaging", study=MRI, date=ago(3), level=level("L1"), marrow_oedema=THERE, retropulsion=NOT_THERE))
    found = record(form)
    (study,) = found.imaging_studies
    assert (study.modality, study.date, study.preliminary) == (frozenset({"mri-study"}), on(ago(3)), False)
    assert {(*item.concepts, item.present) for item in found.observations} == {("marrow-oedema", True), ("retropulsion", False)}
    assert {item.modality for item in found.observations} == {frozenset({"mri-study"})}
    assert {item.site for item in found.observations} == {L1}


def test_a_ct_is_not_an_mri() -> None:
    (observed,) = record(response(group("imaging", study=CT, date=ago(3), level=level("L1"), marrow_oedema=THERE))).observations
    assert observed.modality == {"ct-study"}


def test_pain_now_is_of_the_form_s_day_and_earlier_pain_of_its_own() -> None:
    form = response(group("pain", group("pain.now", score=8), group("pain.earlier", score=6, date=ago(12))))
    scores = record(form).observations
    assert {item.concepts for item in scores} == {frozenset({"pain-nrs"})}
    assert {item.site for item in scores} == {BodySite(Site.SPINE)}
    assert {(item.quantity, item.date.latest if item.date else None) for item in scores} == {
        (Quantity(8, 8), TODAY), (Quantity(6, 6), ago(12)),
    }  # fmt: skip


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_off_the_scale_is_no_fact(score: int) -> None:
    found = record(response(group("pain", group("pain.now", score=score))))
    assert (facts(found), found.set_aside["out-of-range"]) == (0, 1)


def test_a_medicine_still_taken_is_known_to_be_taken_until_the_form() -> None:
    medicine = group("analgesia.medicine", class_=own("weak-opioid", "assessment"), from_=ago(20), as_needed=True)
    (taken,) = record(response(group("analgesia", medicine), authored=ago(5).isoformat())).medications
    assert (taken.kind, taken.concepts) == (MedicationKind.STATEMENT, frozenset({"weak-opioid"}))
    assert (taken.start, taken.stop, taken.ongoing) == (on(ago(20)), on(ago(5)), False)
    assert (taken.as_needed, taken.stopped_for_intolerance) == (True, False)


def test_a_medicine_stopped_for_a_side_effect() -> None:
    medicine = group("analgesia.medicine", class_=own("strong-opioid", "assessment"), from_=ago(20), to=ago(18), not_tolerated=True)
    (taken,) = record(response(group("analgesia", medicine))).medications
    assert (taken.stop, taken.stopped_for_intolerance) == (on(ago(18)), True)


def test_a_medicine_cannot_be_known_to_be_taken_after_the_form() -> None:
    medicine = group("analgesia.medicine", class_=own("weak-opioid", "assessment"), from_=ago(20), to=TODAY)
    (taken,) = record(response(group("analgesia", medicine), authored=ago(5).isoformat())).medications
    assert taken.stop == on(ago(5))


def test_statements_are_of_the_form_s_day() -> None:
    form = response(
        group("analgesia", opioid_intolerance=True, uncontrolled_despite_optimal_analgesia=True), group("pain", persistent_back_pain=False)
    )
    observed = record(form).observations
    assert {(*item.concepts, item.present) for item in observed} == {
        ("opioid-intolerance", True), ("uncontrolled-despite-optimal-analgesia", True), ("persistent-back-pain", False),
    }  # fmt: skip
    assert {item.date.latest for item in observed if item.date} == {TODAY}


def test_bone_density_is_a_number_on_its_day() -> None:
    (observed,) = record(response(group("bone-density", dxa_t_score=-2.9, date=ago(100)))).observations
    assert (observed.concepts, observed.quantity, observed.date) == (frozenset({"dxa-t-score"}), Quantity(-2.9, -2.9), on(ago(100)))


def test_an_allergy_to_cement_is_an_allergy_only_where_it_is_said_to_be() -> None:
    (allergy,) = record(response(group("safety", pmma_allergy=True))).allergies
    assert (allergy.concepts, allergy.inactive) == (frozenset({"pmma-allergy"}), False)
    assert facts(record(response(group("safety", pmma_allergy=False)))) == 0


def test_positioning_is_an_observation() -> None:
    (observed,) = record(response(group("safety", unable_to_lie_prone=True))).observations
    assert {"unable-to-lie-prone", "cardiopulmonary-or-positioning"} == observed.concepts


@pytest.mark.parametrize("status", ["completed", "amended"])
def test_a_finished_form_counts(status: str) -> None:
    assert facts(record(response(TENDER, status=status))) == 1


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"status": "in-progress"}, "status"),
        ({"status": "stopped"}, "status"),
        ({"status": None}, "status"),
        ({"status": "entered-in-error"}, "entered-in-error"),
        ({"authored": "2026-11-23"}, "future-dated"),
        ({"author": {"reference": "Patient/p"}}, "not-by-a-clinician"),
        ({"author": {"reference": "https://ehr.example/fhir/RelatedPerson/r"}}, "not-by-a-clinician"),
        ({"questionnaire": "https://elsewhere.example/fhir/Questionnaire/ta279-assessment"}, "not-relevant"),
        ({"questionnaire": None}, "not-relevant"),
        ({"subject": None}, "no-subject"),
        ({"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}, "modifier-extension"),
        ({"item": "none"}, "undecodable"),
        ({"item": []}, "not-relevant"),
    ],
)
def test_what_does_not_count_is_set_aside_with_its_reason(members: dict[str, Any], reason: str) -> None:
    found = record(response(TENDER, **members))
    assert (facts(found), found.set_aside) == (0, {reason: 1})


def test_any_version_of_the_form_and_a_clinician_s_name_are_fine() -> None:
    questionnaire = response()["questionnaire"] + "|9.9.9"
    assert facts(record(response(TENDER, questionnaire=questionnaire, author={"reference": "Practitioner/p"}))) == 1


def test_the_amended_form_replaces_the_first() -> None:
    first = response(TENDER, meta={"versionId": "1"})
    amended = response(
        group("examination", level=level("L1"), vertebral_tenderness=NOT_THERE, date=ago(1)), status="amended", meta={"versionId": "2"}
    )
    (observed,) = record(amended, first).observations
    assert observed.present is False


def test_answers_after_today_are_no_facts() -> None:
    form = response(
        group("examination", level=level("L1"), vertebral_tenderness=THERE, date=date(2026, 12, 1)),
        group("imaging", study=MRI, date=date(2026, 12, 1), level=level("L1"), marrow_oedema=THERE),
        group("pain", group("pain.now", score=8, date=date(2026, 12, 1))),
        group("analgesia", group("analgesia.medicine", class_=own("nsaid", "assessment"), from_=date(2026, 12, 1))),
    )
    found = record(form)
    assert facts(found) == 0
    assert found.set_aside["future-dated"] == 5


def test_unknown_groups_and_answers_say_nothing() -> None:
    odd = {"linkId": "elsewhere", "item": [{"linkId": "elsewhere.marrow-oedema", "answer": [{"valueBoolean": True}]}]}
    nulls = {"linkId": "examination", "item": [None, {"answer": [None]}, {"linkId": "examination.level"}]}
    assert facts(record(response(odd, nulls, group("examination", level=level("L1"), anything_else=True)))) == 0


def test_another_patient_s_form_is_refused() -> None:
    with pytest.raises(AnotherPatient):
        record(response(TENDER, patient="somebody-else"))


def test_a_search_for_forms_is_read_as_any_other() -> None:
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": response(TENDER)}]}
    section = read_section("QuestionnaireResponse", json.dumps(bundle).encode(), "prefetch")
    assert (section.state, len(section.entries)) == ("given", 1)
