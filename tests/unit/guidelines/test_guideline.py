"""What an Evaluation says of itself, and what makes the guideline look at a chart at all."""

from datetime import date

from clinical.assessment import GuidelineReference
from clinical.record import DataGap, Patient, PatientRecord
from guidelines.ta279.guideline import LOGIC_VERSION, ta279

ADDRESS = "https://www.nice.org.uk/guidance/ta279"
GAPS = (DataGap("Observation", "failed"),)


def test_the_guideline_names_itself() -> None:
    guideline = ta279()
    assert (guideline.id, guideline.label, guideline.url) == ("nice-ta279", "NICE TA279", ADDRESS)
    assert guideline.title == (
        "Percutaneous vertebroplasty and percutaneous balloon kyphoplasty for osteoporotic vertebral compression fractures"
    )


def test_a_vertebral_fracture_coded_for_certain_perhaps_or_in_words_makes_it_look() -> None:
    subjects = ta279().subjects
    assert {"osteoporotic-vertebral-fracture", "osteoporotic-fracture-site-unspecified", "text-vertebral-fracture"} <= subjects
    assert "osteoporosis" not in subjects


def test_an_evaluation_says_which_guideline_version_and_profile_and_what_was_not_read() -> None:
    record = PatientRecord(patient=Patient(id="p", reference="Patient/p", source="bundle"), data_gaps=GAPS)
    evaluation = ta279().assess(record, date(2026, 11, 22))
    assert evaluation.guideline == GuidelineReference("nice-ta279", ADDRESS)
    assert (evaluation.logic_version, evaluation.profile, evaluation.data_gaps) == (LOGIC_VERSION, "default", GAPS)
