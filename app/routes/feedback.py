"""POST /cds-services/{id}/feedback (cds-hooks.md 1.10).

The call is checked and answered. Nothing is kept: the store is not part of this version, and the answer does not say that there is one.
"""

from typing import Annotated

from fastapi import Body, FastAPI, Path

from app.errors import BadRequest, NothingThere
from app.outcomes import JSON
from app.routes.bytes_route import Described, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.gate import Gate
from hooks.envelope import Array, read_members
from hooks.messages import Feedback, FeedbackAnswer
from hooks.registry import Registry

ServiceId = Annotated[str, Path(description="The id of a service in discovery.")]


def add(app: FastAPI, registry: Registry, gate: Gate) -> None:
    async def feedback(body: Annotated[bytes, Body(media_type=JSON), Described(Feedback)], service_id: ServiceId) -> bytes:
        """What users did with cards. One odd item does not fail the batch; items are not stored by this version."""
        if service_id not in registry:
            raise NothingThere("there is no service of this id")
        if not isinstance(read_members(body).get("feedback"), Array):
            raise BadRequest("must be an array", "feedback")
        return b"{}"

    app.router.add_api_route(
        "/cds-services/{service_id}/feedback",
        feedback,
        methods=["POST"],
        route_class_override=bytes_route(gate),
        response_model=FeedbackAnswer,
        dependencies=[CLIENT_TOKEN],
        tags=["CDS Hooks"],
        responses=errors(400, 401, 404, 413, 415),
    )
