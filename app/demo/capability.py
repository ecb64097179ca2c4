"""What the demo's FHIR server can do, in its own words: FHIR R4 CapabilityStatement, the answer of `metadata`, and SMART configuration."""

from datetime import date

from app.demo.search import SEARCH_PARAMETERS
from app.demo.templates import Resource

FHIR_PATH = "/demo/fhir"
AUTHORIZE, TOKEN = "/demo/auth/authorize", "/demo/auth/token"
FHIR_VERSION = "4.0.1"
FHIR_JSON = "application/fhir+json"
KEPT = "QuestionnaireResponse"
"""The one type that can be written."""


OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
SMART_ON_FHIR = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
SMART_CAPABILITIES = ("launch-ehr", "client-public", "context-ehr-patient", "context-banner", "permission-patient", "permission-v2")


def capability_statement(base: str, today: date) -> Resource:
    """`base` is the address of the service, without a trailing slash."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "experimental": True,
        "date": today.isoformat(),
        "kind": "instance",
        "implementation": {
            "description": "Fictitious sample patients of Vertebral Augmentation CDS, read-only but for forms",
            "url": base + FHIR_PATH,
        },
        "fhirVersion": FHIR_VERSION,
        "format": [FHIR_JSON],
        "rest": [{"mode": "server", "security": _security(base), "resource": [_resource(kind) for kind in SEARCH_PARAMETERS]}],
    }


def smart_configuration(base: str) -> Resource:
    """HL7 SMART App Launch 2, `.well-known/smart-configuration`."""
    return {
        "authorization_endpoint": base + AUTHORIZE,
        "token_endpoint": base + TOKEN,
        "grant_types_supported": ["authorization_code"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": SMART_CAPABILITIES,
    }


def _security(base: str) -> Resource:
    """Apps may ask for a token. Reading needs none."""
    addresses = [{"url": "authorize", "valueUri": base + AUTHORIZE}, {"url": "token", "valueUri": base + TOKEN}]
    return {"cors": True, "service": [{"coding": [SMART_ON_FHIR]}], "extension": [{"url": OAUTH_URIS, "extension": addresses}]}


def _resource(kind: str) -> Resource:
    written = [{"code": "create"}] if kind == KEPT else []
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}, *written],
        "searchParam": [{"name": name, "type": parameter.kind} for name, parameter in SEARCH_PARAMETERS[kind].items()],
    }
