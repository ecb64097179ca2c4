"""How the demo's addresses are told in the OpenAPI document: words, examples and the answers that are not 200."""

from typing import Any

from app.demo.capability import FHIR_JSON, FHIR_VERSION, KEPT

FORM = "application/x-www-form-urlencoded"
EXAMPLE_PATIENT = "eligible-uk"
EXAMPLE_CODE = "http://loinc.org|72514-3"

_REFUSALS = {
    400: ("It cannot be done as asked.", "invalid", "The search parameter 'code' takes no modifier here."),
    404: ("There is no such resource, or none of its type.", "not-found", "There is no such resource."),
    415: ("The body is of another type.", "not-supported", f"A search by POST is {FORM}."),
}
_ASKED = {
    "patient": ("Whose resources: the Patient's id, with or without `Patient/`.", EXAMPLE_PATIENT),
    "code": ("`system|code`, `code` or `system|`; several with commas are alternatives.", EXAMPLE_CODE),
    "category": ("As `code`.", "survey"),
    "_id": ("The resource's id.", "eligible-uk-pain-latest"),
    "_count": ("At most so many at once; the link `next` leads on.", "10"),
}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "CapabilityStatement": {"resourceType": "CapabilityStatement", "status": "active", "fhirVersion": FHIR_VERSION, "kind": "instance"},
    "Condition": {"resourceType": "Condition", "id": "eligible-uk-fracture", "subject": {"reference": f"Patient/{EXAMPLE_PATIENT}"}},
    "Bundle": {"resourceType": "Bundle", "type": "searchset", "total": 0},
    KEPT: {"resourceType": KEPT, "id": "1", "status": "completed", "subject": {"reference": f"Patient/{EXAMPLE_PATIENT}"}},
}


def described(summary: str, resource_type: str, *refusals: int, given: int = 200) -> dict[str, Any]:
    """Arguments of `add_api_route`: what the address gives (an example of that type, abridged) and how it may refuse."""
    answer = {"description": f"FHIR {FHIR_VERSION} JSON.", "content": _content(_EXAMPLES[resource_type])}
    refused = {status: _refusal(*_REFUSALS[status]) for status in refusals}
    return {"summary": summary, "responses": {given: answer, **refused}, "response_model": None}


def form_body() -> dict[str, Any]:
    """The form of a search by POST."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}, "properties": {name: {"type": "string"} for name in _ASKED}}
    example = {"patient": EXAMPLE_PATIENT, "code": EXAMPLE_CODE}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema, "example": example}}}}


def assessment_body() -> dict[str, Any]:
    """A filled-in assessment form."""
    return {"requestBody": {"required": True, "content": _content(_EXAMPLES[KEPT])}}


def query_parameters() -> dict[str, Any]:
    """The search parameters that most types take; `metadata` has them all."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": words, "schema": {"type": "string"}, "example": example}
            for name, (words, example) in _ASKED.items()
        ]
    }


def _refusal(words: str, code: str, diagnostics: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"description": words, "content": _content({"resourceType": "OperationOutcome", "issue": [issue]})}


def _content(example: dict[str, Any]) -> dict[str, Any]:
    return {FHIR_JSON: {"schema": {"type": "object", "required": ["resourceType"]}, "example": example}}
