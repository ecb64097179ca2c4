"""The requests of the OpenAPI document's examples for order-select and order-sign."""

from typing import Any

from app import reference_patient
from app.examples import Example, at_the_door, post

SELECT = "/cds-services/vertebral-augmentation-order-select"
SIGN = "/cds-services/vertebral-augmentation-order-sign"
ORDER_ID = "draft-1"

SNOMED = "http://snomed.info/sct"
KYPHOPLASTY = {"system": SNOMED, "code": "426243004"}
VERTEBROPLASTY = {"system": "https://fhir.hl7.org.uk/Id/opcs-4", "code": "V44.4"}
WITH_STENT = {"system": "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings", "code": "kyphoplasty-with-stent"}
L1 = {"coding": [{"system": SNOMED, "code": "66794005"}], "text": "L1"}
L3 = {"coding": [{"system": SNOMED, "code": "36470004"}], "text": "L3"}

Json = dict[str, Any]


def draft(coding: Json, /, *sites: Json, **members: Any) -> Json:
    """A draft ServiceRequest of the reference patient."""
    order = {
        "resourceType": "ServiceRequest",
        "id": ORDER_ID,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{reference_patient.PATIENT_ID}"},
        "code": {"coding": [coding]},
        **members,
    }
    return {**order, "bodySite": list(sites)} if sites else order


def order_call(hook: str, *orders: Json, resources: Json | None = None, **members: Any) -> Json:
    """A call about these orders, all of them selected where the hook has selections, about the reference patient."""
    call = reference_patient.hook_request(reference_patient.prefetch() if resources is None else resources)
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order} for order in orders]}
    selections = [f"{order['resourceType']}/{order['id']}" for order in orders]
    brought = {"draftOrders": bundle, **({"selections": selections} if hook == "order-select" else {})}
    return {**call, "hook": hook, "context": {**call["context"], **brought, **members}}


def order_examples() -> list[Example]:
    met = post(
        "criteria-met",
        "Balloon kyphoplasty at L1, where every criterion is met",
        SELECT,
        order_call("order-select", draft(KYPHOPLASTY, L1)),
    )
    stent = post(
        "stent", "Kyphoplasty with a stent at L1, where every criterion is met", SIGN, order_call("order-sign", draft(WITH_STENT, L1))
    )
    elsewhere = order_call("order-sign", draft(VERTEBROPLASTY, L3))
    return [
        met,
        *_of("order-select", SELECT),
        stent,
        post("another-level", "Vertebroplasty at L3, where no fracture is recorded", SIGN, elsewhere),
        *_of("order-sign", SIGN),
    ]


def _of(hook: str, address: str) -> list[Example]:
    """What either hook answers, most of it before it reads the record."""
    foreign = draft(KYPHOPLASTY, L1, subject={"reference": "Patient/somebody-else"})
    other = order_call(hook, draft({"system": "http://loinc.org", "code": "30679-5"}), resources={})
    patient_only = {"patient": reference_patient.prefetch()["patient"]}
    return [
        post("another-order", "No augmentation among the orders", address, other),
        post("orders-not-an-object", "draftOrders is a number", address, order_call(hook, resources={}, draftOrders=1)),
        post("another-patient", "A draft order is of another patient", address, order_call(hook, foreign, resources={})),
        post("no-conditions", "Conditions were not sent", address, order_call(hook, draft(KYPHOPLASTY, L1), resources=patient_only)),
        *at_the_door(address, address),
        post("failure", "The service fails", address, other, variant="failing"),
    ]
