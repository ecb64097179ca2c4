"""The patient record as facts: what a guideline may read, each fact knowing the resource it came from.

`fhir_mapping` makes these from FHIR R4 JSON; guidelines read nothing else. A fact's `concepts` are the ids of the value sets its
codes belong to (clinical.codes.Terminology), decided once when it is mapped. Facts whose codes mean nothing here are not kept.
Entered-in-error resources and another patient's never become facts.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from clinical.codes import NONE
from clinical.dates import PartialDate
from clinical.vertebra import VertebralLevel

Source = Literal["prefetch", "fetched", "bundle"]
GapReason = Literal["not-supported", "not-authorised", "failed", "truncated"]


class Site(StrEnum):
    """What a body site says, once read. `ABSENT` and `UNREAD` are not `OTHER`: either may still be the back."""

    ABSENT = "absent"
    LEVEL = "level"  # one vertebra
    SPINE = "spine"  # spine or back, thoracic to lumbar or not stated
    OUT_OF_SCOPE = "out-of-scope"  # neck or sacrum
    HIP = "hip"  # hip or femur, where bone density is measured
    OTHER = "other"  # known to be another part of the body
    UNREAD = "unread"  # recorded, and not understood: it convinces of nothing and silences no warning


class BodySite(msgspec.Struct, frozen=True, gc=False):
    """`level` is set only when exactly one vertebra is named, wherever the resource names it (contract 6.13). `disputed`: its own code
    names another.
    """

    site: Site = Site.ABSENT
    level: VertebralLevel | None = None
    disputed: bool = False


class Verification(StrEnum):
    CONFIRMED = "confirmed"  # also where the record gives none
    UNCONFIRMED = "unconfirmed"  # unconfirmed, provisional, differential, or a status not known
    REFUTED = "refuted"


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A number as an interval: `8` is 8..8, `> 8` is 8 exclusive and up. A missing bound is open.

    `unit` is the UCUM code if given, else the unit text, lower case; empty if neither. `scale_high` is the top of the scale that the
    resource states by its reference range (10, 100), else None.
    """

    low: float | None = None
    high: float | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True
    unit: str = ""
    scale_high: float | None = None

    def at_least(self, cut: float) -> bool:
        return self.low is not None and self.low >= cut

    def below(self, cut: float) -> bool:
        return self.high is not None and (self.high < cut or (self.high == cut and not self.high_inclusive))

    def above(self, cut: float) -> bool:
        return self.low is not None and (self.low > cut or (self.low == cut and not self.low_inclusive))


class Patient(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    id: str
    reference: str
    source: Source
    birth_date: PartialDate | None = None
    deceased: bool = False
    active: bool = True
    replaced: bool = False  # Patient.link type replaced-by: this record was merged into another


class Condition(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A problem or diagnosis. `cause_concepts` come from Condition.evidence and the condition-dueTo extension."""

    reference: str
    source: Source
    concepts: frozenset[str] = NONE
    cause_concepts: frozenset[str] = NONE
    hints: frozenset[str] = NONE  # what its free text mentions: a reason to ask, never a value (G6)
    site: BodySite = BodySite()
    inactive: bool = False  # clinicalStatus inactive, remission or resolved
    said_active: bool = False  # clinicalStatus active, recurrence or relapse, whatever the abatement
    verification: Verification = Verification.CONFIRMED
    onset: PartialDate | None = None
    recorded: PartialDate | None = None
    abated: bool = False  # an abatement is recorded, in any form
    abatement: PartialDate | None = None


class Observation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One observed thing at one level. A resource with components, or with several levels, gives several of these with one reference.

    `present` is True or False where the value says so (present/absent, yes/no, positive/negative), else None. `unread`: a value is
    given that says something, and it is no number, no answer and no code known here.
    `modality` holds the imaging-study concepts of the study or report behind it, where a link says which; `studied` is when that study
    was made, and `study_withdrawn` says that it was cancelled or entered in error.
    `date` is when it was observed; None where only `issued` is known is not made up: then `date` is bounded by it.
    """

    reference: str
    source: Source
    concepts: frozenset[str] = NONE
    present: bool | None = None
    quantity: Quantity | None = None
    value_concepts: frozenset[str] = NONE
    unread: bool = False
    site: BodySite = BodySite()
    date: PartialDate | None = None
    preliminary: bool = False
    modality: frozenset[str] = NONE
    studied: PartialDate | None = None
    study_withdrawn: bool = False


class ImagingStudy(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """That a study or report exists, and of which modality: never a finding."""

    reference: str
    source: Source
    modality: frozenset[str] = NONE
    date: PartialDate | None = None
    preliminary: bool = False


class MedicationKind(StrEnum):
    """Strongest evidence of intake first (guideline.md 5)."""

    ADMINISTRATION = "administration"
    DISPENSE = "dispense"
    STATEMENT = "statement"
    REQUEST = "request"


class Medication(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One stretch of medication. `start`..`stop` are inclusive days; `ongoing` means active with no stop recorded."""

    reference: str
    source: Source
    kind: MedicationKind
    concepts: frozenset[str] = NONE
    hints: frozenset[str] = NONE
    start: PartialDate | None = None
    stop: PartialDate | None = None
    ongoing: bool = False
    as_needed: bool = False
    stopped_for_intolerance: bool = False


class Allergy(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    reference: str
    source: Source
    concepts: frozenset[str] = NONE
    hints: frozenset[str] = NONE  # what its words name: enough to warn, never a value of a criterion (G6)
    inactive: bool = False
    verification: Verification = Verification.CONFIRMED
    recorded: PartialDate | None = None


class Procedure(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    reference: str
    source: Source
    concepts: frozenset[str] = NONE
    site: BodySite = BodySite()
    completed: bool = False
    performed: PartialDate | None = None


class DataGap(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of the record that could not be read: absence there is not 'none'."""

    resource_type: str
    reason: GapReason


class PatientRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One patient's facts. `set_aside` counts, by reason, the resources that were read and not used."""

    patient: Patient
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    imaging_studies: tuple[ImagingStudy, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    data_gaps: tuple[DataGap, ...] = ()
    set_aside: Mapping[str, int] = msgspec.field(default_factory=dict)

    def gap(self, *resource_types: str) -> DataGap | None:
        """The first gap in any of these resource types, if there is one."""
        return next((gap for gap in self.data_gaps if gap.resource_type in resource_types), None)
