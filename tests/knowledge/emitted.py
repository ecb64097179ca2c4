"""Every kind of FHIR resource that the service sends of its own making, as it sends it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from app.demo.capability import capability_statement
from app.demo.samples import Sample, load_samples, sample_prefetch
from app.main import build_house
from app.order_examples import KYPHOPLASTY, WITH_STENT, draft
from app.outcomes import outcome_body
from app.reference_patient import DAY
from app.settings import Mode, Settings
from cards.draft_resources import SNOMED, VERTEBRAE

Json = dict[str, Any]

HOUSE = build_house(Settings.model_construct(mode=Mode.DEMO))
SERVICES = {service.hook: service for service in HOUSE.registry}
TEMPLATES = {template.key: template.query for template in SERVICES["patient-view"].templates}


@cache
def proposals() -> list[Json]:
    """The drafts on the cards of every sample patient, opened and ordered for: each once, whoever it is about."""
    found: dict[bytes, Json] = {}
    for sample in load_samples(DAY):
        for resource in (resource for call in _calls(sample) for resource in _created(call)):
            found.setdefault(msgspec.json.encode({**resource, "id": "", "subject": "", "reasonReference": ""}), resource)
    return list(found.values())


def others() -> list[Json]:
    """What the demo's FHIR server says of itself, and how a refusal reads."""
    statement = capability_statement("https://cds.example.org", DAY)
    outcome = msgspec.json.decode(outcome_body("invalid", "is not a date", "date"))
    return [msgspec.to_builtins(statement), outcome]


def _calls(sample: Sample) -> Iterator[Json]:
    call: Json = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": sample.id, "userId": "Practitioner/p"},
        "prefetch": sample_prefetch(sample, TEMPLATES),
    }
    yield call
    levels = dict.fromkeys(fracture.level for fracture in sample.expected.fractures if fracture.level)
    for coding in (KYPHOPLASTY, WITH_STENT):
        sites = [{"coding": [{"system": SNOMED, "code": VERTEBRAE[level]}], "text": level} for level in levels]
        order = draft(coding, *sites, subject={"reference": f"Patient/{sample.id}"})
        orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
        yield {**call, "hook": "order-sign", "context": {**call["context"], "draftOrders": orders}}


def _created(call: Json) -> Iterator[Json]:
    answer = msgspec.json.decode(SERVICES[call["hook"]].answer(msgspec.json.encode(call), DAY))
    for card in answer["cards"]:
        for suggestion in card.get("suggestions", ()):
            yield from (action["resource"] for action in suggestion["actions"] if "resource" in action)
