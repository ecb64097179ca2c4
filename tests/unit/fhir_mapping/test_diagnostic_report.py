"""DiagnosticReport: coded conclusions, imaging, contained results (contract 6.13)."""

from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import BodySite, PatientRecord, Site
from clinical.vertebra import VertebralLevel
from tests.unit.fhir_mapping.given import HEALED, HEIGHT, KNEE, L1, MRI_REPORT, OEDEMA, Json, concept, ids, observation, record, resource


def report(**members: Any) -> Json:
    given = {"status": "final", "code": concept(MRI_REPORT), "effectiveDateTime": "2026-11-20", **members}
    return resource("DiagnosticReport", "d1", **given)


def read(**members: Any) -> PatientRecord:
    return record(report(**members))


def on(text: str) -> PartialDate:
    return PartialDate(date.fromisoformat(text), date.fromisoformat(text))


def test_a_coded_conclusion_says_that_its_finding_is_there_without_a_level() -> None:
    (found,) = read(conclusionCode=[concept(OEDEMA), concept(L1), None, concept(HEALED)]).observations
    assert found.concepts >= {"marrow-oedema", "healed-vertebral-fracture"}
    assert (found.present, found.site, found.date, found.preliminary) == (True, BodySite(), on("2026-11-20"), False)
    assert (found.reference, found.modality) == ("DiagnosticReport/d1", ids("mri-study"))


def test_a_report_of_imaging_is_a_study_and_no_finding() -> None:
    found = read(conclusion="marrow oedema of L1", presentedForm=[{"data": "b2VkZW1h"}])
    assert found.observations == ()
    (study,) = found.imaging_studies
    assert (study.reference, study.modality, study.date, study.preliminary) == (
        "DiagnosticReport/d1",
        ids("mri-study"),
        on("2026-11-20"),
        False,
    )


def test_a_conclusion_of_another_kind_of_report_has_no_modality() -> None:
    found = read(code=concept(HEIGHT), conclusionCode=[concept(OEDEMA)])
    assert (found.observations[0].modality, found.imaging_studies) == (frozenset(), ())


@pytest.mark.parametrize(
    ("status", "preliminary"),
    [("final", False), ("amended", False), ("corrected", False), ("appended", False), ("preliminary", True), ("partial", True)],
)
def test_statuses_that_count(status: str, preliminary: bool) -> None:
    found = read(status=status, conclusionCode=[concept(OEDEMA)])
    assert [one.preliminary for one in found.observations] == [one.preliminary for one in found.imaging_studies] == [preliminary]


@pytest.mark.parametrize("status", ["registered", "cancelled", "unknown", None])
def test_other_statuses_do_not(status: str | None) -> None:
    found = read(status=status, conclusionCode=[concept(OEDEMA)])
    assert (found.observations, found.imaging_studies, found.set_aside) == ((), (), {"status": 1})


def test_a_report_dated_after_today_is_set_aside() -> None:
    found = read(effectiveDateTime="2026-11-23", conclusionCode=[concept(OEDEMA)])
    assert (found.observations, found.imaging_studies, found.set_aside) == ((), (), {"future-dated": 1})


def test_a_report_with_only_issued_was_made_by_then() -> None:
    found = read(effectiveDateTime=None, issued="2026-11-20T10:00:00Z", conclusionCode=[concept(OEDEMA)])
    assert found.observations[0].date == PartialDate(None, date(2026, 11, 20))


def contained(**members: Any) -> Json:
    made = observation("in", **{"code": concept(OEDEMA), "valueBoolean": True, "bodySite": concept(L1), **members})
    return {name: value for name, value in made.items() if name != "subject"}


def test_a_contained_result_is_read_as_the_reports_own() -> None:
    (found,) = read(contained=[contained()], result=[{"reference": "#in"}]).observations
    assert (found.reference, found.present, found.modality) == ("DiagnosticReport/d1", True, ids("mri-study"))
    assert found.site == BodySite(Site.LEVEL, VertebralLevel.L1)


def test_a_contained_result_without_a_date_has_the_reports() -> None:
    (found,) = read(contained=[contained(effectiveDateTime=None)]).observations
    assert found.date == on("2026-11-20")
    (found,) = read(contained=[contained(effectiveDateTime="2026-11-02")]).observations
    assert found.date == on("2026-11-02")


def test_a_contained_result_is_no_more_final_than_its_report() -> None:
    assert read(status="preliminary", contained=[contained()]).observations[0].preliminary
    assert read(contained=[contained(status="preliminary")]).observations[0].preliminary


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"status": "entered-in-error"}, "entered-in-error"),
        ({"modifierExtension": [{"url": "x"}]}, "modifier-extension"),
        ({"focus": [{"reference": "Patient/p1"}]}, "focus"),
    ],
)
def test_a_contained_result_that_does_not_count_is_set_aside(members: Json, reason: str) -> None:
    found = read(contained=[contained(**members), {"resourceType": "Observation", "component": 7}, {"resourceType": "Practitioner"}])
    assert (found.observations, found.set_aside[reason]) == ((), 1)


def test_a_report_entered_in_error_takes_its_contained_results_along() -> None:
    assert read(status="entered-in-error", contained=[contained()]).observations == ()


def test_a_laboratory_report_says_nothing_here() -> None:
    found = read(code=concept(HEIGHT), conclusionCode=[concept(KNEE)], result=[{"reference": "Observation/o1"}])
    assert (found.observations, found.imaging_studies, found.set_aside) == ((), (), {"not-relevant": 1})
