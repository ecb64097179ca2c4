"""What order-select and order-sign share: the augmentations among the orders in question, evaluated at the level they name (contract 6.7).

The order is looked at before the record: any other order is answered at once, whatever else the call lacks.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import msgspec

from cards.card import Coding
from cards.for_orders import to_order_cards
from cards.from_assessment import CardOptions
from cards.ordered import ELSEWHERE, AugmentationOrder, Place, Procedure
from clinical.codes import Terminology
from fhir_mapping.draft_orders import HIP, LUMBAR, NECK_OR_SACRUM, NOT_READ, THORACIC, DraftOrder, augmentations
from fhir_mapping.patient_guard import KnowsBase, any_base
from hooks.answer import Answer, ClientTerms
from hooks.assessor import Assessor
from hooks.envelope import CDSCall, read_call
from hooks.messages import encode_response
from hooks.order_context import OrderContext, read_order_context
from hooks.record_call import RecordReader
from hooks.retrieval import Retrieved, as_sent

Json = Mapping[str, object]

STANDARD_CODES = ("426243004", "V44.5", "7J41500", "XaMpT")
"""Balloon kyphoplasty as SNOMED CT, OPCS-4, Read v2 and CTV3 write it (terminology.md 6b)."""
PLACES = {
    HIP: Place.HIP,
    LUMBAR: Place.LUMBAR,
    NECK_OR_SACRUM: Place.NECK_OR_SACRUM,
    NOT_READ: Place.NOT_READ,
    THORACIC: Place.THORACIC,
}
NOTHING_TO_SAY = encode_response([], None)


class OrderCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call, and the augmentations among the orders in question, which may be none. `fhir_base` is where its patient is, if it says."""

    call: CDSCall
    patient_id: str
    fhir_base: str | None
    orders: tuple[AugmentationOrder, ...]


class OrderService(ABC):
    """A CDSService about draft orders. A hook says which of them are in question."""

    hook: ClassVar[str]

    def __init__(self, assessor: Assessor, options: CardOptions, *, explain: bool) -> None:
        self._reader = RecordReader(assessor)
        self.templates = self._reader.templates
        self._options = options
        self._explain = explain

    @abstractmethod
    def in_question(self, call: CDSCall, context: OrderContext) -> list[Json]:
        """The ServiceRequests that this hook is about."""

    def answer(self, body: bytes, today: date) -> bytes:
        call = self._read(body)
        if not call.orders:
            return NOTHING_TO_SAY
        return self._respond(call, as_sent(self._reader.sections(call.call)), today, self._options).body

    async def respond(self, body: bytes, today: date, terms: ClientTerms) -> Answer:
        call = self._read(body, terms.knows_base)
        if not call.orders:
            return Answer(body=NOTHING_TO_SAY, call=call.call, patient_id=call.patient_id)
        retrieved = await self._reader.completed(call.call, self._reader.sections(call.call), terms.fetcher_for)
        return self._respond(call, retrieved, today, self._options.for_client(terms.card_style, terms.form), terms.knows_base)

    def _read(self, body: bytes, knows_base: KnowsBase = any_base) -> OrderCall:
        call = read_call(body, self.hook)
        context = read_order_context(call, knows_base)
        terminology = self._reader.assessor.terminology
        found = augmentations(self.in_question(call, context), context.orders.all(), terminology)
        orders = tuple(as_ordered(order, terminology) for order in found)
        return OrderCall(call=call, patient_id=context.patient.patient_id, fhir_base=context.orders.base, orders=orders)

    def _respond(
        self, call: OrderCall, retrieved: Retrieved, today: date, options: CardOptions, knows_base: KnowsBase = any_base
    ) -> Answer:
        assessment = self._reader.assess(call.call, call.patient_id, retrieved, today, fhir_base=call.fhir_base, knows_base=knows_base)
        cards = to_order_cards(assessment, self._reader.assessor.guideline, call.orders, options.about(call.patient_id))
        body = encode_response(cards, assessment if self._explain else None)
        return Answer(body=body, call=call.call, patient_id=call.patient_id, cards=cards, assessment=assessment, retrieved=retrieved)


def as_ordered(order: DraftOrder, terminology: Terminology) -> AugmentationOrder:
    """A draft order in the words of the cards. Two parts of the back are the back."""
    places = [PLACES[site] for site in order.sites]
    open_places = [place for place in places if place not in ELSEWHERE]
    return AugmentationOrder(
        procedure=Procedure(order.procedure),
        levels=(*(level.value for level in order.levels), *(place for place in places if place in ELSEWHERE)),
        place=open_places[0] if len(open_places) == 1 and not order.levels else None,
        resource_id=order.resource_id,
        without_stent=code_without_stent(order.systems, terminology),
        carried=order.carried,
    )


def code_without_stent(systems: tuple[str, ...], terminology: Terminology) -> Coding | None:
    """Balloon kyphoplasty in the first of these code systems, spelt as the order spells the system, that has one plain code for it."""
    for system in systems:
        if code := _kyphoplasty_in(system, terminology):
            return Coding(code, system)
    return None


def _kyphoplasty_in(system: str, terminology: Terminology) -> str:
    """The standard code; else a site's, where it has only one: which of several would be meant cannot be told."""
    kyphoplasty = Procedure.BALLOON_KYPHOPLASTY.value
    standard = [code for code in STANDARD_CODES if kyphoplasty in terminology.concepts(system, code)]
    local = [coding.code for coding in terminology.codes_in(kyphoplasty) if coding.system == system]
    return next(iter(standard), local[0] if len(local) == 1 else "")
