"""Calls as an EHR makes them."""

from app import reference_patient
from app.examples import HOOK
from hooks.messages import EVALUATION
from tests.service import Answer, Client, Json

EMPTY: Json = {"resourceType": "Bundle", "type": "searchset", "total": 0}
OUTCOME: Json = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "diagnostics": "no"}]}


def call(resources: Json = None, /, **members: Json) -> Json:
    """A patient-view call about the reference patient, with these prefetch keys; `members` are put in or put in place of others."""
    return {**reference_patient.hook_request(resources or {}), **members}


def ask(client: Client, resources: Json, /, **members: Json) -> Answer:
    return client.post(HOOK, call(resources, **members))


def evaluation(answer: Answer) -> Json:
    assert answer.status == 200, answer.body
    return answer.json["extension"][EVALUATION]


def topics(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [card["source"]["topic"]["code"] for card in answer.json["cards"]]


def criteria(answer: Answer) -> dict[str, str]:
    """Criterion to status, of the only fracture."""
    (fracture,) = evaluation(answer)["fractures"]
    return {finding["criterion"]: finding["status"] for finding in fracture["criteria"]}


def diagnostics(answer: Answer) -> str:
    (issue,) = answer.json["issue"]
    text: str = issue["diagnostics"]
    return text
