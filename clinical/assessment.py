"""What a guideline says about one record: findings with their evidence, flags, an outcome. Encoded as is, it is the Evaluation
(contract section 3): members without a value are left out.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from clinical.dates import PartialDate
from clinical.record import DataGap, PatientRecord, Source
from clinical.status import Status

ThresholdValue = float | int | bool | str


class Severity(StrEnum):
    BLOCKING = "blocking"  # stops every recommendation
    EXCLUDING = "excluding"  # stops that level
    CAUTION = "caution"  # shown beside


class Outcome(StrEnum):
    CRITERIA_MET = "criteria-met"
    INFORMATION_NEEDED = "information-needed"
    CRITERIA_NOT_MET = "criteria-not-met"
    BLOCKED = "blocked"
    NO_EVALUABLE_FRACTURE = "no-evaluable-fracture"
    OUT_OF_SCOPE = "out-of-scope"


OutOfScope = Literal["age-under-18", "deceased", "merged-record", "inactive-record", "level-out-of-scope"]


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One datum behind a verdict. `value` is our own plain words, never text from the record; `date` is ISO (day, or from/to)."""

    reference: str
    source: Source
    value: str = ""
    date: str = ""


class Finding(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename="camel", kw_only=True):
    """The verdict on one criterion for one fracture. MET and NOT_MET carry evidence; UNKNOWN says what is `needed`."""

    criterion: str
    status: Status
    reason: str
    reason_code: str
    thresholds: Mapping[str, ThresholdValue] = msgspec.field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    needed: str = ""
    evidence: tuple[Evidence, ...] = ()


class Flag(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A red flag, exclusion or contraindication that the record shows (guideline.md 3)."""

    flag: str
    severity: Severity
    level: str = ""
    evidence: tuple[Evidence, ...] = ()


class Onset(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """ISO days; only `latest` where the onset is bounded by a recordedDate."""

    earliest: str = ""
    latest: str = ""

    @classmethod
    def of(cls, onset: PartialDate) -> "Onset":
        return cls(
            onset.earliest.isoformat() if onset.earliest else "",
            onset.latest.isoformat() if onset.latest else "",
        )


class FractureAssessment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One vertebral level, one episode."""

    level: str = ""
    onset: Onset | None = None
    outcome: Status
    criteria: tuple[Finding, ...]

    def statuses(self, status: Status) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.criteria if finding.status is status)


class GuidelineReference(msgspec.Struct, frozen=True, gc=False):
    id: str
    url: str


class Assessment(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """The Evaluation. `fractures` is always present in JSON, empty or not."""

    guideline: GuidelineReference
    logic_version: str
    evaluation_date: date
    profile: str
    thresholds: Mapping[str, ThresholdValue]
    outcome: Outcome
    out_of_scope: OutOfScope | None = None
    fractures: tuple[FractureAssessment, ...]
    flags: tuple[Flag, ...] = ()
    data_gaps: tuple[DataGap, ...] = ()

    def flags_of(self, severity: Severity) -> tuple[Flag, ...]:
        return tuple(flag for flag in self.flags if flag.severity is severity)


class Criterion(msgspec.Struct, frozen=True):
    """`title` fits a table cell; `paragraph` is where the rule stands in the decision logic."""

    id: str
    title: str
    paragraph: str


class Threshold(msgspec.Struct, frozen=True):
    """A local number, not NICE's. `minimum` and `maximum` bound what a profile may set."""

    name: str
    title: str
    unit: str
    minimum: float
    maximum: float
    source: str


class AdverseReaction(msgspec.Struct, frozen=True):
    """`procedures` are 'vertebroplasty' and 'balloon-kyphoplasty'. `reported` is a published frequency, not the person's risk."""

    text: str
    procedures: tuple[str, ...]


class ReportedFrequency(msgspec.Struct, frozen=True):
    """A published figure: given as reported in other people, never as this person's risk."""

    event: str
    figure: str
    source: str
    procedures: tuple[str, ...]


class Reference(msgspec.Struct, frozen=True):
    """A link shown on cards."""

    label: str
    url: str


class Guideline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the rest of the house needs to know of one guideline; `assess(record, today)` is its only verb.

    `subjects` are the value sets and text hints without any of which it has nothing to say on opening a chart.
    """

    id: str
    label: str
    title: str
    url: str
    logic_version: str
    criteria: tuple[Criterion, ...]
    thresholds: tuple[Threshold, ...]
    adverse_reactions: tuple[AdverseReaction, ...]
    reported_frequencies: tuple[ReportedFrequency, ...]
    contested_evidence: str
    links: tuple[Reference, ...]
    assess: Callable[[PatientRecord, date], Assessment]
    subjects: frozenset[str]
