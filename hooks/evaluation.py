"""The Evaluation as it stands on the wire (contract 3): the schema that clinical.assessment.Assessment is encoded to."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from clinical.assessment import Outcome, OutOfScope, Severity, ThresholdValue
from clinical.record import GapReason, Source
from clinical.status import Status
from guidelines.ta279.reasons import Caution, CriterionId, FlagId, Reason

Thresholds = dict[str, ThresholdValue]


class Evidence(BaseModel):
    """One datum behind a verdict."""

    reference: str = Field(description="The resource, as Type/id.")
    source: Source
    value: str | None = Field(default=None, description="What the resource says, in plain words of ours.")
    date: str | None = Field(default=None, description="A day, or from/to where the record gives a period or an inexact date.")


class Finding(BaseModel):
    """The verdict on one criterion for one fracture."""

    criterion: CriterionId
    status: Status
    reason: str
    reasonCode: Reason
    thresholds: Thresholds | None = Field(default=None, description="The local numbers used; none of them is the guideline's.")
    cautions: list[Caution] | None = None
    needed: str | None = Field(default=None, description="What would settle it.")
    evidence: list[Evidence] | None = None


class Onset(BaseModel):
    earliest: date | None = None
    latest: date | None = None


class FractureAssessment(BaseModel):
    """One vertebral level, one episode."""

    level: str | None = Field(default=None, description="T1 to L5; left out where the record does not say.")
    onset: Onset | None = None
    outcome: Status
    criteria: list[Finding]


class Flag(BaseModel):
    flag: FlagId
    severity: Severity
    level: str | None = None
    evidence: list[Evidence] | None = None


class DataGap(BaseModel):
    resourceType: str
    reason: GapReason


class GuidelineReference(BaseModel):
    id: str
    url: str


class Evaluation(BaseModel):
    """What the guideline says about one patient's record on one day, and from what."""

    guideline: GuidelineReference
    logicVersion: str
    evaluationDate: date
    profile: Annotated[str, Field(description="The set of local thresholds.")]
    thresholds: Thresholds
    outcome: Outcome
    outOfScope: OutOfScope | None = None
    fractures: list[FractureAssessment]
    flags: list[Flag] | None = None
    dataGaps: list[DataGap] | None = None
