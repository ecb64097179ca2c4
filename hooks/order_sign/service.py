"""order-sign: an augmentation among the orders about to be signed (contract 6.7)."""

from hooks.envelope import CDSCall
from hooks.order_context import OrderContext
from hooks.order_service import Json, OrderService
from hooks.record_call import USAGE


class OrderSignService(OrderService):
    """The CDSService of hook order-sign."""

    id = "vertebral-augmentation-order-sign"
    hook = "order-sign"
    title = "Vertebroplasty or balloon kyphoplasty to be signed (NICE TA279)"
    description = (
        "Where a vertebroplasty or a balloon kyphoplasty is among the orders to be signed: says which criteria of NICE TA279 are met, not "
        "met or not known at the level ordered, warns of a stent, and tells the adverse reactions. Answers no other order."
    )
    usage_requirements = f"{USAGE} All ServiceRequests in draftOrders are looked at."

    def in_question(self, call: CDSCall, context: OrderContext) -> list[Json]:
        return context.orders.all()
