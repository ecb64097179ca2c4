"""patient-view: which fractures of this patient meet the guideline, said when the record is opened (contract 2)."""

from datetime import date

from cards.from_assessment import CardOptions, to_cards
from fhir_mapping.patient_guard import KnowsBase, any_base
from hooks.answer import Answer, ClientTerms
from hooks.assessor import Assessor
from hooks.envelope import CDSCall, read_call
from hooks.messages import encode_response
from hooks.one_pass import OnePass
from hooks.patient_view.context import read_context
from hooks.prefetch import Sections
from hooks.record_call import USAGE, RecordReader
from hooks.retrieval import Retrieved, as_sent

HOOK = "patient-view"


class PatientViewService:
    """The CDSService of hook patient-view."""

    id = "vertebral-augmentation-patient-view"
    hook = HOOK
    title = "Vertebroplasty and balloon kyphoplasty (NICE TA279)"
    description = (
        "Checks each vertebral fracture on the record against the criteria of NICE TA279 for percutaneous vertebroplasty and for "
        "percutaneous balloon kyphoplasty without stenting, and says which criteria are met, not met or not known, and from which records."
    )
    usage_requirements = USAGE

    def __init__(self, assessor: Assessor, options: CardOptions, *, explain: bool) -> None:
        self._reader = RecordReader(assessor)
        self.templates = self._reader.templates
        self._options = options
        self._explain = explain
        self._one_pass = OnePass(HOOK, self.templates)

    def answer(self, body: bytes, today: date) -> bytes:
        call, sent = self._read(body)
        return self._respond(call, read_context(call).patient_id, as_sent(sent), today, self._options).body

    async def respond(self, body: bytes, today: date, terms: ClientTerms) -> Answer:
        call, sent = self._read(body)
        patient_id = read_context(call).patient_id
        retrieved = await self._reader.completed(call, sent, terms.fetcher_for)
        options = self._options.for_client(terms.card_style, terms.form)
        return self._respond(call, patient_id, retrieved, today, options, terms.knows_base)

    def _read(self, body: bytes) -> tuple[CDSCall, Sections]:
        """One pass pays where nothing will be opened, which nobody knows beforehand; where all is to be explained, most parts are."""
        if not self._explain and (found := self._one_pass.read_where_usual(body)) is not None:
            return found
        call = read_call(body, HOOK)
        return call, self._reader.sections(call)

    def _respond(
        self, call: CDSCall, patient_id: str, retrieved: Retrieved, today: date, options: CardOptions, knows_base: KnowsBase = any_base
    ) -> Answer:
        assessment = self._reader.assess(
            call, patient_id, retrieved, today, fhir_base=call.fhir_server, knows_base=knows_base, only_subject=not self._explain
        )
        cards = to_cards(assessment, self._reader.assessor.guideline, options.about(patient_id))
        body = encode_response(cards, assessment if self._explain else None)
        return Answer(body=body, call=call, patient_id=patient_id, cards=cards, assessment=assessment, retrieved=retrieved)
