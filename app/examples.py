"""The requests of the OpenAPI document's examples. Their answers are recorded from the service itself, never written by hand."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from app import reference_patient
from app.outcomes import JSON
from app.settings import Settings

FORM = "application/x-www-form-urlencoded"

Variant = Literal["open", "locked", "failing"]
"""open: demo mode. locked: authentication required. failing: the clock and the canary are broken, the database is gone."""

HOOK = "/cds-services/vertebral-augmentation-patient-view"
FEEDBACK = "/cds-services/{service_id}/feedback"
ARTEFACT = "/fhir/{kind}/{artefact_id}"
TOO_LONG = str(Settings.model_fields["max_body_bytes"].default + 1)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `operation` is the path in the document, `address` what is asked for; `body` is JSON or a form's fields."""

    name: str
    summary: str
    method: Literal["GET", "POST"]
    operation: str
    address: str
    body: Any = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    variant: Variant = "open"

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", JSON)

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return urlencode(self.body).encode() if self.media_type == FORM else msgspec.json.encode(self.body)


def examples() -> list[Example]:
    return [*_discovery(), *_hook(), *_feedback(), *_evaluations(), *_artefacts(), *_operations()]


def _discovery() -> list[Example]:
    return [
        get("services", "What this service offers", "/cds-services"),
        get("no-token", "Authentication is required", "/cds-services", variant="locked"),
    ]


def _hook() -> list[Example]:
    resources = reference_patient.prefetch()
    call = reference_patient.hook_request(resources)
    no_fracture = {"patient": resources["patient"], "conditions": {"resourceType": "Bundle", "type": "searchset", "total": 0}}
    foreign = deepcopy({key: resources[key] for key in ("patient", "conditions")})
    foreign["conditions"]["entry"][1]["resource"]["subject"]["reference"] = "Patient/somebody-else"
    with_type = {**call, "context": {"patientId": f"Patient/{reference_patient.PATIENT_ID}", "userId": "Practitioner/example"}}
    patient_only = {"patient": resources["patient"]}
    return [
        post("eligible", "Every criterion is met at L1", HOOK, call),
        post("no-fracture", "No vertebral fracture on record", HOOK, reference_patient.hook_request(no_fracture)),
        post("patient-id-with-type", "patientId is not an id", HOOK, with_type),
        post("another-patient", "One Condition is of another patient", HOOK, reference_patient.hook_request(foreign)),
        post("no-conditions", "Conditions were not sent", HOOK, reference_patient.hook_request(patient_only)),
        *at_the_door(HOOK, HOOK),
        post("failure", "The service fails", HOOK, reference_patient.hook_request({}), variant="failing"),
    ]


def _feedback() -> list[Example]:
    address = f"{HOOK}/feedback"
    item = {
        "card": "7ddb7a35-5e40-4dd2-a5ea-40f7bf8ec54a",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T09:42:15Z",
        "overrideReason": {
            "reason": {"system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes", "code": "patient-refuses"}
        },
    }
    body = {"feedback": [item]}
    return [
        post("overridden", "A card was overridden", FEEDBACK, body, address=address),
        post("not-a-list", "feedback is not an array", FEEDBACK, {"feedback": item}, address=address),
        post("unknown-service", "There is no such service", FEEDBACK, body, address="/cds-services/unknown/feedback"),
        *at_the_door(FEEDBACK, address),
        post("not-kept", "The store cannot be written", FEEDBACK, body, address=address, variant="failing"),
    ]


def _evaluations() -> list[Example]:
    resources = reference_patient.prefetch()
    bundle = reference_patient.bundle(resources)
    address = f"/evaluations?date={reference_patient.DAY}"
    second = {"resource": {"resourceType": "Patient", "id": "somebody-else"}}
    two = {**bundle, "entry": [*bundle["entry"], second]}
    return [
        post("eligible", "Every criterion is met at L1", "/evaluations", bundle, address=address),
        post("bad-date", "date is not a day", "/evaluations", bundle, address="/evaluations?date=2026-13-45"),
        post("two-patients", "The Bundle holds two Patients", "/evaluations", two, address=address),
        *at_the_door("/evaluations", address),
        post("failure", "The service fails", "/evaluations", {}, variant="failing"),
    ]


def _artefacts() -> list[Example]:
    return [
        get("value-set", "A value set", ARTEFACT, address="/fhir/ValueSet/marrow-oedema"),
        get("nothing", "There is no such artefact", ARTEFACT, address="/fhir/ValueSet/unknown"),
        get("attributes", "The thirteen attributes", "/source-attributes"),
        get("page", "The same for people", "/source-attributes", headers={"Accept": "text/html"}),
    ]


def _operations() -> list[Example]:
    return [
        get("alive", "The process answers", "/livez"),
        get("ready", "The canary is answered as at start", "/readyz"),
        get("not-ready", "The canary is answered otherwise", "/readyz", variant="failing"),
        get("metrics", "What was counted since start", "/metrics"),
        *_dashboard("/dashboard", "/dashboard"),
        *_dashboard("/dashboard/{name}.csv", "/dashboard/days.csv"),
        get("unknown-table", "There is no such table", "/dashboard/{name}.csv", address="/dashboard/none.csv"),
    ]


def _dashboard(operation: str, address: str) -> list[Example]:
    return [
        get("figures", "The last thirty days", operation, address=address),
        get("other-period", "A period that is not offered", operation, address=f"{address}?days=8"),
        get("no-token", "VACDS_DASHBOARD_TOKEN is needed", operation, address=address, variant="locked"),
        get("no-store", "The store cannot be read", operation, address=address, variant="failing"),
    ]


def at_the_door(operation: str, address: str) -> list[Example]:
    """What happens to any body before it is read."""
    body: dict[str, Any] = {}
    return [
        post("no-token", "Authentication is required", operation, body, address=address, variant="locked"),
        post("too-long", "More is announced than may be sent", operation, None, address=address, headers={"Content-Length": TOO_LONG}),
        post(
            "compressed",
            "The body is compressed in a way that is not read",
            operation,
            body,
            address=address,
            headers={"Content-Encoding": "br"},
        ),
    ]


def get(
    name: str,
    summary: str,
    operation: str,
    *,
    address: str = "",
    headers: Mapping[str, str] | None = None,
    variant: Variant = "open",
) -> Example:
    asked = address or operation
    return Example(name=name, summary=summary, method="GET", operation=operation, address=asked, headers=headers or {}, variant=variant)


def post(
    name: str,
    summary: str,
    operation: str,
    body: Any,
    *,
    address: str = "",
    headers: Mapping[str, str] | None = None,
    variant: Variant = "open",
) -> Example:
    return Example(
        name=name,
        summary=summary,
        method="POST",
        operation=operation,
        address=address or operation,
        body=body,
        headers={"Content-Type": JSON, **(headers or {})},
        variant=variant,
    )
