"""What the OpenAPI document says of answers other than 200."""

from typing import Any

from fastapi import Security
from fastapi.security import HTTPBearer

from app.outcomes import OperationOutcome

CLIENT_TOKEN = Security(
    HTTPBearer(
        scheme_name="clientToken",
        bearerFormat="JWT",
        description="The CDS client's signed token (docs/clients), good for one call. Not looked at in demo mode with VACDS_AUTH=off.",
        auto_error=False,
    )
)
"""Put among an operation's `dependencies` for the document; who may call is decided by app.trust.gate."""

DESCRIPTIONS = {
    400: "The request is not what it must be, or speaks of a second patient.",
    401: "The caller is not a trusted client with a token for this call. The answer is always the same, whatever the reason.",
    404: "There is nothing at this address.",
    412: "Required data came neither with the call nor from the FHIR server.",
    413: "The body, inflated if it is gzip, is larger than VACDS_MAX_BODY_BYTES.",
    415: "The body is not JSON by its headers, or is compressed otherwise than by gzip.",
    500: "The service failed. No guidance was given.",
    503: "The service cannot do this now. Nothing is wrong with the call.",
}


OTHERWISE: dict[int | str, dict[str, Any]] = {
    "default": {
        "model": OperationOutcome,
        "description": "Any other failure: a method that is not taken, too many calls at once.",
    }
}
"""The `responses` of the whole app; without it FastAPI would tell of a 422 that is never given."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that can fail so."""
    return {status: {"model": OperationOutcome, "description": DESCRIPTIONS[status]} for status in sorted(statuses)}
