"""An audit row as a FHIR R4 AuditEvent: who looked at which kinds of resources of whom, and why (IHE Basic Audit Log Patterns in mind)."""

from typing import Any

from app.store.records import ANOTHER_PATIENT
from cards.card import CANONICAL

Json = dict[str, Any]

EVENT_TYPE = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest", "display": "RESTful Operation"}
SUBTYPE_SYSTEM = f"{CANONICAL}/CodeSystem/hook"
PATIENT_SYSTEM = f"{CANONICAL}/NamingSystem/patient-pseudonym"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
SUCCESS, SERIOUS_FAILURE = "0", "8"


def audit_event(row: Json) -> Json:
    refused = row["event"] == ANOTHER_PATIENT
    return {
        "resourceType": "AuditEvent",
        "id": str(row["id"]),
        "type": EVENT_TYPE,
        "subtype": [{"system": SUBTYPE_SYSTEM, "code": row["hook"]}],
        "action": "E",
        "recorded": row["at"].isoformat(timespec="milliseconds"),
        "outcome": SERIOUS_FAILURE if refused else SUCCESS,
        **({"outcomeDesc": "refused: a resource of another patient"} if refused else {}),
        "agent": [*_user(row), _client(row)],
        "source": {"observer": {"display": "Vertebral Augmentation CDS"}},
        "entity": [*_patient(row), *_call(row), *_resources(row)],
    }


def _user(row: Json) -> list[Json]:
    return [{"who": {"identifier": {"value": row["user"]}}, "requestor": True}] if row["user"] else []


def _client(row: Json) -> Json:
    """The EHR. It is the requestor where no user is named."""
    identifier = {"system": "urn:ietf:rfc:3986", "value": row["issuer"]} if row["issuer"] else {"value": row["client"]}
    policy = {"policy": [f"urn:tenant:{row['tenant']}"]} if row["tenant"] else {}
    return {"who": {"identifier": identifier, "display": row["client"]}, "name": row["client"], "requestor": not row["user"], **policy}


def _patient(row: Json) -> list[Json]:
    if not row["patient"]:
        return []
    return [
        {
            "what": {"identifier": {"system": PATIENT_SYSTEM, "value": row["patient"]}},
            "type": {"system": ENTITY_TYPE, "code": "1", "display": "Person"},
            "role": {"system": ROLE, "code": "1", "display": "Patient"},
        }
    ]


def _call(row: Json) -> list[Json]:
    if not row["hook_instance"]:
        return []
    return [{"what": {"identifier": {"value": row["hook_instance"]}}, "name": f"hookInstance of {row['hook']}"}]


def _resources(row: Json) -> list[Json]:
    """How many of each type were looked at."""
    return [
        {
            "type": {"system": "http://hl7.org/fhir/resource-types", "code": kind},
            "role": {"system": ROLE, "code": "4", "display": "Domain Resource"},
            "detail": [{"type": "count", "valueString": str(count)}],
        }
        for kind, count in sorted(row["kinds"].items())
    ]
