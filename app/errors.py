"""What can go wrong, and what the caller is told (contract 6.11, cds-hooks.md D-02).

Exception
├── hooks.errors.CallError
│   ├── BadCall                    400  the hook request is not one, or speaks of another patient
│   └── DataUnavailable            412  required data came from nowhere
├── fhir_mapping.errors.MappingError
│   ├── AnotherPatient             400 if sent, 412 if fetched: a resource is not this patient's, a security event
│   ├── MemberTwice                400 if sent, 412 if fetched: a resource has two members of one name
│   ├── InvalidBundle              400  no Bundle of one patient
│   └── PatientUnusable            412 in a hook call, 400 in /evaluations: the Patient cannot be read
├── ShellError
│   ├── BadRequest                 400  a parameter or a body that is no hook call
│   ├── NotAuthenticated           401  one fixed body, no reason
│   │   └── PasswordWanted              the same of the dashboard
│   ├── NothingThere               404
│   ├── BodyTooLarge               413
│   ├── UnsupportedMediaType       415
│   ├── NotReady                   503
│   ├── TooMuchFeedback            429  one client's, in one day
│   ├── Overloaded                 503  too many calls at once
│   └── StoreUnavailable           503  what must be kept, or known, cannot be now
├── starlette HTTPException        404, 405 by the router
└── anything else                  500, by app.last_resort
"""

import logging
from collections.abc import Mapping
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.outcomes import IssueCode, outcome_response
from fhir_mapping.errors import AnotherPatient, MappingError, MemberTwice, PatientUnusable
from hooks.errors import CallError, DataUnavailable

log = logging.getLogger(__name__)


class ShellError(Exception):
    """An answer that is not 200. `message` is ours and holds nothing of the request; `path` is where in it."""

    status: ClassVar[int]
    code: ClassVar[IssueCode]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class BadRequest(ShellError):
    status, code = 400, "invalid"


class NotAuthenticated(ShellError):
    """Why is for the log, never for the caller (S-122)."""

    status, code = 401, "login"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        super().__init__("authentication is required")


class PasswordWanted(NotAuthenticated):
    """The same, for a page that a person opens: the browser asks for the password."""

    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Basic realm="dashboard"'}


class NothingThere(ShellError):
    status, code = 404, "not-found"

    def __init__(self, message: str = "there is nothing at this address") -> None:
        super().__init__(message)


class BodyTooLarge(ShellError):
    status, code = 413, "too-long"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")


class UnsupportedMediaType(ShellError):
    status, code = 415, "not-supported"


class NotReady(ShellError):
    status, code = 503, "transient"


class Overloaded(ShellError):
    """Said at once, before anything is read: the caller may try again in a second."""

    status, code = 503, "transient"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}

    def __init__(self) -> None:
        super().__init__("too many calls at once; no guidance was given")


class StoreUnavailable(ShellError):
    """Nothing is wrong with the call; it may be made again. `reason` is the database's code for it."""

    status, code = 503, "transient"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store cannot be used now ({reason}); nothing was kept")
        self.reason = reason


class TooMuchFeedback(ShellError):
    """More than clinicians can give. What was sent is not kept, and may be sent again tomorrow."""

    status, code = 429, "transient"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "3600"}

    def __init__(self) -> None:
        super().__init__("too much feedback in one day; nothing of this call was kept", "feedback")


ROUTER_WORDS: Mapping[int, tuple[IssueCode, str]] = {
    404: ("not-found", "there is nothing at this address"),
    405: ("not-supported", "this address does not take this method"),
}


def install(app: FastAPI) -> None:
    """Every exception with a name of its own becomes an OperationOutcome; the rest is app.last_resort's."""
    for kind in (CallError, MappingError, ShellError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _refuse)


async def _refuse(request: Request, error: Exception) -> Response:
    return response_for(error)


def response_for(error: Exception) -> Response:
    """The answer to what went wrong; 500 where nobody foresaw it."""
    match error:
        case DataUnavailable():
            return outcome_response(412, "transient" if error.transient else "incomplete", error.message, error.path)
        case CallError():
            return outcome_response(400, "invalid", error.message, error.path)
        case MappingError():
            return _resources_refused(error)
        case ShellError():
            return outcome_response(error.status, error.code, error.message, error.path, dict(error.headers))
        case HTTPException():
            code, words = ROUTER_WORDS.get(error.status_code, ("invalid", "this request cannot be answered"))
            return outcome_response(error.status_code, code, words, headers=dict(error.headers or {}))
        case RequestValidationError():  # FastAPI's 422, which would echo the input: only where the fault is may be said
            return outcome_response(400, "invalid", "is not as described", ".".join(str(part) for part in error.errors()[0]["loc"]))
    return outcome_response(500, "exception", "the service failed; no guidance was given")


def _resources_refused(error: MappingError) -> Response:
    """No card from the rest when one resource is another patient's: contract 6.10."""
    match error:
        case AnotherPatient():
            facts = {"event": "another-patient", "resource_type": error.resource_type, "source": error.source}
            log.warning("a resource of another patient was refused", extra=facts)
            status = 412 if error.source == "fetched" else 400
            return outcome_response(status, "invalid", f"{error.resource_type}: a resource is not of the patient this request is about")
        case MemberTwice():
            status = 412 if error.source == "fetched" else 400
            return outcome_response(status, "structure", f"{error.resource_type}: a member is given twice in a resource")
        case PatientUnusable():
            return outcome_response(412, "incomplete", "the Patient resource cannot be used")
    return outcome_response(400, "structure", str(error), "Bundle")
