"""What the demo's FHIR server can do, in its own words (FHIR R4 CapabilityStatement, the answer of `metadata`)."""

from datetime import date

from app.demo.search import SEARCH_PARAMETERS
from app.demo.templates import Resource

FHIR_VERSION = "4.0.1"
FHIR_JSON = "application/fhir+json"
KEPT = "QuestionnaireResponse"
"""The one type that can be written."""


def capability_statement(base: str, today: date) -> Resource:
    """`base` is the address of this FHIR server, without a trailing slash."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "experimental": True,
        "date": today.isoformat(),
        "kind": "instance",
        "implementation": {"description": "Fictitious sample patients of Vertebral Augmentation CDS, read-only but for forms", "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": [FHIR_JSON],
        "rest": [{"mode": "server", "security": {"cors": True}, "resource": [_resource(kind) for kind in SEARCH_PARAMETERS]}],
    }


def _resource(kind: str) -> Resource:
    written = [{"code": "create"}] if kind == KEPT else []
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}, *written],
        "searchParam": [{"name": name, "type": parameter.kind} for name, parameter in SEARCH_PARAMETERS[kind].items()],
    }
