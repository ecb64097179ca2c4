"""Calls about orders of the reference patient, and records that differ from hers in one thing."""

from collections.abc import Callable
from copy import deepcopy

from app import reference_patient
from app.order_examples import KYPHOPLASTY, L1, SELECT, SIGN, draft, order_call
from hooks.messages import EVALUATION
from tests.service import Answer, Client, Json

ADDRESSES = {"order-select": SELECT, "order-sign": SIGN}
HOOKS = sorted(ADDRESSES)
PATIENT = f"Patient/{reference_patient.PATIENT_ID}"
NO_CARDS: Json = {"cards": []}
KYPHOPLASTY_AT_L1 = draft(KYPHOPLASTY, L1)

Record = Callable[[], Json]


def post(client: Client, hook: str, call: Json) -> Answer:
    return client.post(ADDRESSES[hook], call)


def ask(client: Client, hook: str, *orders: Json, resources: Json | None = None, **context: Json) -> Answer:
    return post(client, hook, order_call(hook, *orders, resources=resources, **context))


def cards(answer: Answer) -> dict[str, Json]:
    """By topic, without its prefix, in the order given."""
    assert answer.status == 200, answer.body
    return {card["source"]["topic"]["code"].removeprefix("ta279"): card for card in answer.json["cards"]}


def shown(answer: Answer) -> list[str]:
    """'StentNotRecommended warning', in the order given."""
    return [f"{topic} {card['indicator']}" for topic, card in cards(answer).items()]


def outcome(answer: Answer) -> str:
    told: str = answer.json["extension"][EVALUATION]["outcome"]
    return told


def eligible() -> Json:
    return deepcopy(reference_patient.prefetch())


def without(*ids: str) -> Json:
    """Everything but these resources."""
    resources = eligible()
    for value in resources.values():
        if "entry" in value:
            value["entry"] = [entry for entry in value["entry"] if entry["resource"]["id"] not in ids]
    return resources


def beside(key: str, resource: Json, resources: Json | None = None) -> Json:
    """The record and one resource more."""
    resources = eligible() if resources is None else resources
    owner = "patient" if resource["resourceType"] == "AllergyIntolerance" else "subject"
    entries = resources[key].get("entry", [])
    resources[key] = {**resources[key], "entry": [*entries, {"resource": {"id": "more", owner: {"reference": PATIENT}, **resource}}]}
    return resources


def condition(icd_10: str, resources: Json | None = None, **members: Json) -> Json:
    """The record and one active diagnosis more, recorded a week ago."""
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": icd_10}]}
    return beside("conditions", {"resourceType": "Condition", "code": coded, "recordedDate": "2026-11-15", **members}, resources)


def changed(resource_id: str, **members: Json) -> Json:
    """One resource has these members in place of its own."""
    resources = eligible()
    for value in resources.values():
        for entry in value.get("entry", []):
            if entry["resource"]["id"] == resource_id:
                entry["resource"].update(members)
    return resources


def healed() -> Json:
    return changed("oedema", valueCodeableConcept={"coding": [{"system": "http://snomed.info/sct", "code": "2667000"}]})


def no_imaging() -> Json:
    return without("oedema", "mri")


def no_fracture() -> Json:
    return without("fracture")


def level_not_recorded() -> Json:
    """A US code for the fracture, which names no level; nothing on imaging or examination that does."""
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M80.08XA"}]}
    fracture = {"resourceType": "Condition", "code": coded, "onsetDateTime": "2026-10-23"}
    return beside("conditions", fracture, without("oedema", "mri", "tenderness", "fracture"))


def on_apixaban(resources: Json | None = None) -> Json:
    drug = {"coding": [{"system": "http://www.whocc.no/atc", "code": "B01AF02"}]}
    order = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": drug}
    return beside("medicationRequests", {**order, "authoredOn": "2026-10-01"}, resources)


def with_discitis(resources: Json | None = None) -> Json:
    return condition("M46.4", resources)


def child() -> Json:
    resources = eligible()
    resources["patient"]["birthDate"] = "2012-01-01"
    return resources
