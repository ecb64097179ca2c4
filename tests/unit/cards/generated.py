"""Any assessment that the vocabulary can express, for Hypothesis: any statuses, flags, gaps, dates, and references of any text."""

from datetime import date

import msgspec
from hypothesis import strategies as st

from clinical.assessment import Assessment, Evidence, Finding, Flag, FractureAssessment, Onset, Severity
from clinical.record import DataGap
from clinical.status import Status, all_of
from clinical.vertebra import VertebralLevel
from tests.unit.cards.samples import CRITERIA, THRESHOLDS, assessment

FLAGS = (
    "spinal-infection", "systemic-infection", "neurological-compromise", "malignancy", "coagulopathy", "antithrombotic-therapy",
    "posterior-wall-or-retropulsion", "cement-allergy", "pregnancy", "vertebra-plana", "multiple-levels", "cardiopulmonary-or-positioning",
    "previous-augmentation-at-level", "consent-or-capacity",
)  # fmt: skip
CAUTIONS = (
    "subacute", "older-than-acute-window", "improving", "site-not-recorded", "ordered-not-confirmed-taken", "adjacent-level", "age-18-49",
    "upper-thoracic", "low-energy-inferred",
)  # fmt: skip
OUT_OF_SCOPE = ("age-under-18", "deceased", "merged-record", "inactive-record", "level-out-of-scope")
GAP_REASONS = ("not-supported", "not-authorised", "failed", "truncated")
RESOURCES = (
    "Condition",
    "Observation",
    "ImagingStudy",
    "DiagnosticReport",
    "MedicationRequest",
    "AllergyIntolerance",
    "Procedure",
    "Other",
)

levels = st.sampled_from(["", *(level.value for level in VertebralLevel if level.in_scope)])
words = st.sampled_from(["", "score 8 of 10", "T-score < -2.5", "a & b * c", "marrow oedema | L1", "MRI of L1."])
foreign = st.one_of(st.sampled_from(["Condition/c1", "Observation/o1", "urn:uuid:7"]), st.text(st.characters(), max_size=30))
days = st.dates(date(2024, 1, 1), date(2026, 11, 22)).map(date.isoformat)
intervals = st.one_of(st.just(""), days, days.map(lambda day: f"/{day}"), days.map(lambda day: f"{day}/2026-11-22"))
evidence = st.lists(st.builds(Evidence, foreign, st.just("prefetch"), words, intervals), max_size=5).map(tuple)
numbers = st.lists(st.sampled_from(sorted(THRESHOLDS)), max_size=3).map(lambda names: {name: THRESHOLDS[name] for name in names})
cautions = st.lists(st.sampled_from(CAUTIONS), max_size=2).map(tuple)
onsets = st.one_of(st.none(), st.builds(Onset, st.one_of(st.just(""), days), st.just("2026-11-22")))
# What a finding says beside its status: drawn a few times per fracture and dealt out, as drawing nine of them is slow.
trimmed = st.builds(
    Finding,
    criterion=st.just(""),
    status=st.just(Status.UNKNOWN),
    reason=words,
    reason_code=st.just("code"),
    thresholds=numbers,
    cautions=cautions,
    needed=words,
    evidence=evidence,
)
MET, UNKNOWN, NOT_MET = Status.MET, Status.UNKNOWN, Status.NOT_MET
MOSTLY_MET = ([MET], [MET, MET, UNKNOWN], [MET, MET, MET, MET, MET, MET, UNKNOWN, NOT_MET])


@st.composite
def fractures(draw: st.DrawFn) -> FractureAssessment:
    """Nine findings, leaning towards met, so that recommendations come up often."""
    statuses = draw(st.sampled_from(MOSTLY_MET).flatmap(lambda lean: st.tuples(*[st.sampled_from(lean)] * 9)))
    dealt = draw(st.lists(trimmed, min_size=1, max_size=3))
    criteria = tuple(
        msgspec.structs.replace(dealt[index % len(dealt)], criterion=criterion, status=status)
        for index, (criterion, status) in enumerate(zip(CRITERIA, statuses, strict=True))
    )
    outcome = NOT_MET if draw(st.integers(0, 5)) == 5 else all_of(statuses)
    return FractureAssessment(level=draw(levels), onset=draw(onsets), outcome=outcome, criteria=criteria)


flags = st.lists(st.builds(Flag, st.sampled_from(FLAGS), st.sampled_from(Severity), levels, evidence), max_size=4).map(tuple)
gaps = st.lists(st.builds(DataGap, st.sampled_from(RESOURCES), st.sampled_from(GAP_REASONS)), max_size=3).map(tuple)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    found = draw(st.lists(fractures(), max_size=3))
    scope = draw(st.one_of(st.none(), st.none(), st.none(), st.sampled_from(OUT_OF_SCOPE)))
    return assessment(*found, flags=draw(flags), gaps=draw(gaps), out_of_scope=scope)
