"""Who a call about orders is about, and the orders it brings (cds-hooks.md 2, order-select and order-sign)."""

import msgspec

from fhir_mapping.draft_orders import DraftOrders
from fhir_mapping.errors import InvalidBundle
from fhir_mapping.patient_guard import KnowsBase, any_base
from hooks.envelope import CDSCall
from hooks.errors import BadCall
from hooks.patient_view.context import PatientViewContext, read_context

_SELECTIONS = msgspec.json.Decoder(list[str] | None)
_DRAFTS = msgspec.json.Decoder(dict[str, msgspec.Raw] | list[msgspec.Raw] | None)
NO_DRAFTS = b"null"


class OrderContext(msgspec.Struct, frozen=True, kw_only=True):
    """`orders` are of this patient."""

    patient: PatientViewContext
    orders: DraftOrders


def read_order_context(call: CDSCall, knows_base: KnowsBase = any_base) -> OrderContext:
    """The context; AnotherPatient where a draft names somebody else. `draftOrders` may be absent, or hold anything but a bare value.

    BadCall where anything in it cannot be read: an order nobody could look at is not no order.
    """
    patient = read_context(call)
    raw = call.context.get("draftOrders", NO_DRAFTS)
    try:
        _DRAFTS.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise BadCall("must be an object", "context.draftOrders") from None
    try:
        orders = DraftOrders(raw, patient.patient_id, call.fhir_server, knows_base)
    except InvalidBundle:
        raise BadCall("cannot be read", "context.draftOrders") from None
    return OrderContext(patient=patient, orders=orders)


def read_selections(call: CDSCall) -> list[str]:
    """The references in `selections`; empty where it is absent or null."""
    raw = call.context.get("selections")
    try:
        return (_SELECTIONS.decode(raw) or []) if raw is not None else []
    except (msgspec.DecodeError, RecursionError):
        raise BadCall("must be an array of strings", "context.selections") from None
