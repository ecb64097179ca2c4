"""patient-view: which fractures of this patient meet the guideline, said when the record is opened (contract 2)."""

from datetime import date

import msgspec

from cards.from_assessment import CardOptions, to_cards
from hooks.assessor import Assessor
from hooks.envelope import CDSCall, read_call
from hooks.messages import encode_response
from hooks.patient_view.context import PatientViewContext, read_context
from hooks.prefetch import Sections, Template, read_prefetch, read_unasked, refuse_others, templates
from hooks.retrieval import FetcherFor, Retrieved, as_sent, retrieve

HOOK = "patient-view"


class PatientViewCall(msgspec.Struct, frozen=True, kw_only=True):
    call: CDSCall
    context: PatientViewContext
    sections: Sections


class PatientViewService:
    """The CDSService of hook patient-view."""

    id = "vertebral-augmentation-patient-view"
    hook = HOOK
    title = "Vertebroplasty and balloon kyphoplasty (NICE TA279)"
    description = (
        "Checks each vertebral fracture on the record against the criteria of NICE TA279 for percutaneous vertebroplasty and for "
        "percutaneous balloon kyphoplasty without stenting, and says which criteria are met, not met or not known, and from which records."
    )
    usage_requirements = (
        "FHIR R4. The prefetch keys patient and conditions are required: without them the answer is 412. All other keys are optional: what "
        "depends on a key that was not sent is reported as not known. Every resource must be of the patient in context."
    )

    def __init__(self, assessor: Assessor, options: CardOptions, *, explain: bool) -> None:
        self.templates: tuple[Template, ...] = templates(assessor.terminology)
        self._assessor = assessor
        self._options = options
        self._explain = explain

    def answer(self, body: bytes, today: date) -> bytes:
        call = self._read(body)
        return self._respond(call, as_sent(call.sections), today)

    async def answer_fetching(self, body: bytes, today: date, fetcher_for: FetcherFor) -> bytes:
        call = self._read(body)
        retrieved = await retrieve(call.sections, self.templates, lambda: fetcher_for(call.call))
        return self._respond(call, retrieved, today)

    def _read(self, body: bytes) -> PatientViewCall:
        call = read_call(body, HOOK)
        context = read_context(call)
        return PatientViewCall(call=call, context=context, sections=read_prefetch(call.prefetch, self.templates))

    def _respond(self, call: PatientViewCall, retrieved: Retrieved, today: date) -> bytes:
        patient_id, fhir_base = call.context.patient_id, call.call.fhir_server
        sections = tuple(retrieved.sections.values())
        refusal = retrieved.unanswered(self.templates)
        checked = read_unasked(call.call.prefetch, call.sections) + ([*sections] if refusal else [])
        if checked:
            refuse_others(checked, retrieved.sections, patient_id=patient_id, fhir_base=fhir_base)
        if refusal:
            raise refusal
        assessment = self._assessor.assess(sections, patient_id=patient_id, today=today, fhir_base=fhir_base, gaps=retrieved.gaps())
        cards = to_cards(assessment, self._assessor.guideline, self._options)
        return encode_response(cards, assessment if self._explain else None)
