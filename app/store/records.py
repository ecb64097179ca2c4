"""What is kept of one hook call: no identifier, no level, no evidence, no date of the patient's; the patient only as a keyed hash."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from app.store.pseudonyms import Pseudonyms
from app.store.tables import audit, call, decision
from app.store.text import bounded
from app.trust.caller import Caller
from cards.card import Card
from clinical.assessment import Assessment, FractureAssessment
from fhir_mapping.errors import AnotherPatient, MappingError
from hooks.answer import Answer
from hooks.errors import CallError, DataUnavailable
from hooks.registry import CDSService

Row = dict[str, Any]

NOT_IN_QUESTION = "not-in-question"  # an order that is no augmentation
ANOTHER_PATIENT = "another-patient"
DATA_UNAVAILABLE = "data-unavailable"
BAD_CALL = "bad-call"
FAILED = "failed"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What waits to be written: small, whatever the size of the chart. It is in memory only, and holds the patient's id until then."""

    at: datetime
    service: str
    hook: str
    caller: Caller
    seconds: float
    outcome: str
    hook_instance: str = ""
    user: bytes = b'""'
    patient_id: str = ""
    kinds: Mapping[str, int] = msgspec.field(default_factory=dict)
    cards: Sequence[Card] = ()
    assessment: Assessment | None = None


def of_answer(service: CDSService, caller: Caller, answer: Answer, seconds: float) -> Record:
    assessment = answer.assessment
    return Record(
        at=datetime.now(UTC),
        service=service.id,
        hook=service.hook,
        caller=caller,
        seconds=seconds,
        outcome=NOT_IN_QUESTION if assessment is None else assessment.outcome.value,
        hook_instance=answer.call.hook_instance,
        user=bytes(answer.call.context.get("userId", b'""')),
        patient_id=answer.patient_id,
        kinds=answer.kinds(),
        cards=answer.cards,
        assessment=assessment,
    )


def of_failure(service: CDSService, caller: Caller, error: Exception, seconds: float) -> Record:
    """A call that got no answer but an OperationOutcome."""
    kinds = {error.resource_type: 1} if isinstance(error, AnotherPatient) else {}
    return Record(
        at=datetime.now(UTC),
        service=service.id,
        hook=service.hook,
        caller=caller,
        seconds=seconds,
        outcome=_why(error),
        kinds=kinds,
    )


def _why(error: Exception) -> str:
    match error:
        case AnotherPatient():
            return ANOTHER_PATIENT
        case DataUnavailable():
            return DATA_UNAVAILABLE
        case CallError() | MappingError():
            return BAD_CALL
    return FAILED


def rows(records: Sequence[Record], pseudonyms: Pseudonyms, rules_hash: str) -> Mapping[sa.Table, list[Row]]:
    """By table. Audited is every look at a patient's record, and every attempt at another's."""
    return {
        call: [call_row(record) for record in records],
        decision: [row for record in records for row in decision_rows(record, rules_hash)],
        audit: [audit_row(record, pseudonyms) for record in records if record.kinds],
    }


def call_row(record: Record) -> Row:
    assessment = record.assessment
    return {
        "at": record.at,
        "client": bounded(record.caller.name, 200),
        "service": record.service,
        "hook": record.hook,
        "outcome": record.outcome,
        "cards": len(record.cards),
        "latency_ms": round(record.seconds * 1000, 3),
        "data_gaps": [] if assessment is None else [f"{gap.resource_type}: {gap.reason}" for gap in assessment.data_gaps],
        "logic_version": "" if assessment is None else assessment.logic_version,
    }


def decision_rows(record: Record, rules_hash: str) -> list[Row]:
    """One for each card."""
    assessment = record.assessment
    if assessment is None:
        return []
    shared = {
        "at": record.at,
        "client": bounded(record.caller.name, 200),
        "service": record.service,
        "hook": record.hook,
        "outcome": assessment.outcome.value,
        "fractures": [_fracture(fracture) for fracture in assessment.fractures],
        "flags": [{"flag": flag.flag, "severity": flag.severity.value} for flag in assessment.flags],
        "logic_version": assessment.logic_version,
        "rules_hash": rules_hash,
        "profile": bounded(assessment.profile, 200),
        "thresholds": dict(assessment.thresholds),
    }
    return [{**shared, **_card(card)} for card in record.cards]


def _card(card: Card) -> Row:
    return {"card": card.uuid, "topic": card.source.topic.code, "indicator": card.indicator, "suggestions": len(card.suggestions)}


def _fracture(fracture: FractureAssessment) -> Row:
    criteria = {each.criterion: {"status": each.status.value, "reason": each.reason_code} for each in fracture.criteria}
    return {"outcome": fracture.outcome.value, "criteria": criteria}


def audit_row(record: Record, pseudonyms: Pseudonyms) -> Row:
    caller = record.caller
    return {
        "at": record.at,
        "event": record.outcome if record.outcome == ANOTHER_PATIENT else "answered",
        "client": bounded(caller.name, 200),
        "issuer": bounded(caller.issuer, 255),
        "tenant": bounded(caller.tenant, 255),
        "user": pseudonyms.user(caller.name, msgspec.json.decode(record.user, type=str)),
        "hook": record.hook,
        "hook_instance": pseudonyms.instance(caller.name, record.hook_instance),
        "patient": pseudonyms.patient(caller.name, record.patient_id),
        "kinds": {kind: count for kind, count in record.kinds.items() if count},
    }
