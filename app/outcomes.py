"""OperationOutcome, the one shape of every 4xx and 5xx (contract 6.11), as bytes and as a model for the OpenAPI document."""

from typing import Literal

import msgspec
from pydantic import BaseModel
from starlette.responses import Response

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

IssueCode = Literal[
    "invalid", "structure", "required", "value", "login", "not-found", "not-supported", "too-long", "incomplete", "exception", "transient",
]  # fmt: skip


class _Issue(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    severity: Literal["error", "fatal"]
    code: IssueCode
    diagnostics: str
    expression: tuple[str, ...] = ()


class _Outcome(msgspec.Struct, frozen=True, tag_field="resourceType", tag="OperationOutcome"):
    issue: tuple[_Issue, ...]


class Issue(BaseModel):
    severity: Literal["error", "fatal"]
    code: IssueCode
    diagnostics: str
    expression: list[str] | None = None


class OperationOutcome(BaseModel):
    """What went wrong and where, without any value from the request."""

    resourceType: Literal["OperationOutcome"]
    issue: list[Issue]


def outcome_body(code: IssueCode, diagnostics: str, path: str = "") -> bytes:
    """`path` is where in the request, as FHIRPath: `context.patientId`; empty for the whole of it."""
    severity: Literal["error", "fatal"] = "fatal" if code == "exception" else "error"
    text = f"{path}: {diagnostics}" if path else diagnostics
    return msgspec.json.encode(_Outcome((_Issue(severity=severity, code=code, diagnostics=text, expression=(path,) if path else ()),)))


def outcome_response(status: int, code: IssueCode, diagnostics: str, path: str = "", headers: dict[str, str] | None = None) -> Response:
    return Response(outcome_body(code, diagnostics, path), status, {**NO_STORE, **(headers or {})}, JSON)
