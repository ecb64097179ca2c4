"""What every service does with a call about one patient's record: read what was sent, have the rest, refuse another's, assess."""

from datetime import date
from functools import partial

from clinical.assessment import Assessment, Outcome
from clinical.record import DataGap
from fhir_mapping.patient_guard import KnowsBase, any_base
from hooks.assessor import Assessor
from hooks.envelope import CDSCall
from hooks.errors import DataUnavailable
from hooks.prefetch import Sections, Template, read_prefetch, read_unasked, refuse_others, templates
from hooks.retrieval import FetcherFor, Retrieved, retrieve

USAGE = (
    "FHIR R4. The prefetch keys patient and conditions are required: without them the answer is 412. All other keys are optional: what "
    "depends on a key that was not sent is reported as not known. Every resource must be of the patient in context."
)


class RecordReader:
    """One assessor and the prefetch templates of what it reads."""

    def __init__(self, assessor: Assessor) -> None:
        self.templates: tuple[Template, ...] = templates(assessor.terminology)
        self.assessor = assessor

    def sections(self, call: CDSCall) -> Sections:
        """What came with the call."""
        return read_prefetch(call.prefetch, self.templates)

    async def completed(self, call: CDSCall, sent: Sections, fetcher_for: FetcherFor) -> Retrieved:
        """What came with the call, and what it did not bring where that can be had."""
        return await retrieve(sent, self.templates, lambda: fetcher_for(call))

    def assess(
        self,
        call: CDSCall,
        patient_id: str,
        retrieved: Retrieved,
        today: date,
        *,
        fhir_base: str | None,
        knows_base: KnowsBase = any_base,
        only_subject: bool = False,
    ) -> Assessment:
        """The verdict; DataUnavailable where a required part is missing, MappingError where any resource is another patient's.

        `fhir_base` is what the call says of where its patient is; where `knows_base` does not know it, it counts for nothing.
        """
        sections = tuple(retrieved.sections.values())
        refusal = retrieved.unanswered(self.templates)
        checked = read_unasked(call.prefetch, retrieved.sent) + ([*sections] if refusal else [])
        if checked:
            refuse_others(checked, retrieved.sections, patient_id=patient_id, fhir_base=fhir_base, knows_base=knows_base)
        if refusal:
            raise refusal
        assess = partial(
            self.assessor.assess,
            sections,
            patient_id=patient_id,
            today=today,
            fhir_base=fhir_base,
            knows_base=knows_base,
            gaps=retrieved.gaps(),
        )
        assessment = assess(only_subject=only_subject)
        if _may_be_silent_about_a_fracture(assessment) and (only_subject or _may_be_silent_about_a_fracture(assess(only_subject=True))):
            key = next(template.key for template in self.templates if template.resource_type == "Condition")
            raise DataUnavailable(key, "Condition", "hold one that cannot be read")
        return assessment


def _may_be_silent_about_a_fracture(assessment: Assessment) -> bool:
    """No fracture, and a diagnosis that cannot be read: it may be the fracture, unless nothing in the chart may be about one."""
    return assessment.outcome is Outcome.NO_EVALUABLE_FRACTURE and DataGap("Condition", "failed") in assessment.data_gaps
