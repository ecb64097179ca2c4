"""Calls of an EHR that leaves everything to its FHIR server, and what must be true of their answers."""

from typing import Any

from app import reference_patient
from app.examples import HOOK
from guidelines.ta279.terminology import load_terminology
from hooks.messages import EVALUATION
from hooks.prefetch import templates
from tests.faults.fault_server import eventually
from tests.service import Answer, Json, Service

TOKEN = "opaque.token-1"
MET = "ta279CriteriaMet"


class Ehr:
    """Each call comes on a connection of its own. tests.service holds every answer to the specification's rules."""

    def __init__(self, service: Service, fhir_server: str) -> None:
        self.service = service
        self.fhir_server = fhir_server

    def body(self, prefetch: Json = None, **members: Any) -> Json:
        authorization = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
        call = reference_patient.hook_request(prefetch or {})
        return {**call, "fhirServer": self.fhir_server, "fhirAuthorization": authorization, **members}

    def asks(self, prefetch: Json = None, **members: Any) -> Answer:
        with self.service.client() as client:
            return client.post(HOOK, self.body(prefetch, **members))

    def gets_guidance(self) -> bool:
        answer = self.asks()
        return answer.status == 200 and topics(answer) == [MET]

    def recovers(self) -> bool:
        """Whether the card comes again, soon after the fault has ended."""
        return eventually(self.gets_guidance)


def whole_prefetch() -> Json:
    """The reference patient's, every key that is asked for in it: what the record does not hold is null."""
    return {**{template.key: None for template in templates(load_terminology())}, **reference_patient.prefetch()}


def topics(answer: Answer) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer.json.get("cards", [])]


def evaluation(answer: Answer) -> Json:
    assert answer.status == 200, answer.body
    return answer.json["extension"][EVALUATION]


def gaps(answer: Answer) -> dict[str, str]:
    return {gap["resourceType"]: gap["reason"] for gap in evaluation(answer).get("dataGaps", [])}


def refused(answer: Answer, key: str, resource_type: str) -> str:
    """The reason of a 412 that names the key and the type; never an empty answer, never a card."""
    assert answer.status == 412, answer.body
    (issue,) = answer.json["issue"]
    start = f"prefetch.{key}: {resource_type} data are required and were not sent; "
    assert issue["diagnostics"].startswith(start)
    assert issue["expression"] == [f"prefetch.{key}"]
    assert TOKEN not in answer.body.decode()
    reason: str = issue["diagnostics"].removeprefix(start)
    return reason


def told(answer: Answer) -> str:
    (issue,) = answer.json["issue"]
    code: str = issue["code"]
    return code
