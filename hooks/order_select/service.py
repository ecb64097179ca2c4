"""order-select: an augmentation among the orders just chosen (contract 6.7)."""

from hooks.envelope import CDSCall
from hooks.order_context import OrderContext, read_selections
from hooks.order_service import Json, OrderService
from hooks.record_call import USAGE


class OrderSelectService(OrderService):
    """The CDSService of hook order-select."""

    id = "vertebral-augmentation-order-select"
    hook = "order-select"
    title = "Vertebroplasty or balloon kyphoplasty chosen (NICE TA279)"
    description = (
        "Where a vertebroplasty or a balloon kyphoplasty is among the orders chosen: says which criteria of NICE TA279 are met, not met or "
        "not known at the level ordered, warns of a stent, and tells the adverse reactions. Answers no other order."
    )
    usage_requirements = f"{USAGE} Only ServiceRequests in draftOrders that selections name are looked at."

    def in_question(self, call: CDSCall, context: OrderContext) -> list[Json]:
        return context.orders.selected(read_selections(call))
