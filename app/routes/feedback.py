"""POST /cds-services/{id}/feedback (cds-hooks.md 1.10). 200 says that it is kept (docs/feedback.md)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import Body, FastAPI, Path

from app.errors import NothingThere
from app.outcomes import JSON
from app.routes.bytes_route import Described, Known, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.store.feedback_items import read_feedback
from app.trust.gate import Gate
from hooks.messages import Feedback, FeedbackAnswer
from hooks.registry import Registry

ServiceId = Annotated[str, Path(description="The id of a service in discovery.")]

Keep = Callable[[str, str, Sequence[Any]], Awaitable[None]]
"""Client, service, items. Done when they are kept."""


def add(app: FastAPI, registry: Registry, gate: Gate, keep: Keep) -> None:
    async def feedback(body: Annotated[bytes, Body(media_type=JSON), Described(Feedback)], service_id: ServiceId, caller: Known) -> bytes:
        """What users did with cards, kept when this is answered. One odd item does not fail the batch; the same item is kept once."""
        if service_id not in registry:
            raise NothingThere("there is no service of this id")
        await keep(caller.name, service_id, read_feedback(body))
        return b"{}"

    app.router.add_api_route(
        "/cds-services/{service_id}/feedback",
        feedback,
        methods=["POST"],
        route_class_override=bytes_route(gate),
        response_model=FeedbackAnswer,
        dependencies=[CLIENT_TOKEN],
        tags=["CDS Hooks"],
        responses=errors(400, 401, 404, 413, 415, 503),
    )
