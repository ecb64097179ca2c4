"""Resources to an Assessment: where mapping and guideline meet, once, for every hook and for /evaluations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, tzinfo

import msgspec

from clinical.assessment import Assessment, Guideline
from clinical.codes import Terminology
from clinical.record import DataGap, GapReason
from fhir_mapping.patient_guard import KnowsBase, any_base
from fhir_mapping.patient_record import to_patient_record
from fhir_mapping.section import Section, SectionState

GAPS: Mapping[SectionState, GapReason] = {
    SectionState.ABSENT: "not-supported",
    SectionState.FAILED: "failed",
    SectionState.TRUNCATED: "truncated",
}


class Assessor(msgspec.Struct, frozen=True, kw_only=True):
    """One guideline with the codes it reads and the time zone in which a dateTime is a day."""

    guideline: Guideline
    terminology: Terminology
    text_hints: Callable[[str], frozenset[str]]
    zone: tzinfo

    def assess(
        self,
        sections: Sequence[Section],
        *,
        patient_id: str,
        today: date,
        fhir_base: str | None = None,
        knows_base: KnowsBase = any_base,
        gaps: Sequence[DataGap] | None = None,
        only_subject: bool = False,
    ) -> Assessment:
        """The verdict on one patient; MappingError where the resources are another's or name no patient. `gaps` None: as the states say.

        `only_subject`: where nothing in the chart is about what the guideline is about, nothing but the patient is read, and flags that
        make no card are not looked for.
        """
        record = to_patient_record(
            sections,
            patient_id=patient_id,
            terminology=self.terminology,
            text_hints=self.text_hints,
            zone=self.zone,
            today=today,
            fhir_base=fhir_base,
            knows_base=knows_base,
            gaps=data_gaps(sections) if gaps is None else gaps,
            only_with=self.guideline.subjects if only_subject else None,
        )
        return self.guideline.assess(record, today)


def data_gaps(sections: Iterable[Section]) -> tuple[DataGap, ...]:
    """What part of the record was not read, or not read whole: absence there proves nothing."""
    return tuple(DataGap(section.resource_type, GAPS[section.state]) for section in sections if section.state in GAPS)
