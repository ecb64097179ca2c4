"""Condition: a problem or diagnosis, with its site, its course and its cause."""

from typing import Literal

from clinical.codes import NONE
from clinical.dates import PartialDate
from clinical.record import Condition as ConditionFact
from clinical.record import Source, Verification
from fhir_mapping.body_site import body_site
from fhir_mapping.elements import (
    Codes,
    Concept,
    Element,
    Extension,
    NamedConcept,
    Period,
    Quantity,
    Range,
    concepts_of,
    listed,
    status_codes,
)
from fhir_mapping.moments import at_age, is_no_end, span
from fhir_mapping.reading import Reading
from fhir_mapping.resources.resource import Resource

DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"
ACTIVE, INACTIVE = frozenset({"active", "recurrence", "relapse"}), frozenset({"inactive", "remission", "resolved"})
ENTERED_IN_ERROR = "entered-in-error"
_UNSURE = frozenset({"unconfirmed", "provisional", "differential"})


class Evidence(Element, kw_only=True):
    code: list[Codes | None] | None = None


class Condition(Resource, kw_only=True):
    resource_type: Literal["Condition"]
    clinical_status: Concept | str | None = None
    verification_status: Concept | str | None = None
    code: Concept | None = None
    body_site: list[NamedConcept | None] | None = None
    onset_date_time: str | None = None
    onset_period: Period | None = None
    onset_age: Quantity | None = None
    onset_range: Range | None = None
    abatement_date_time: str | None = None
    abatement_period: Period | None = None
    abatement_age: Quantity | None = None
    abatement_range: Range | None = None
    abatement_string: str | None = None
    abatement_boolean: bool | None = None
    recorded_date: str | None = None
    evidence: list[Evidence | None] | None = None
    extension: list[Extension | None] | None = None


def to_condition(condition: Condition, reference: str, source: Source, reading: Reading) -> ConditionFact | str:
    """The fact, or why there is none."""
    verification = verification_of(condition.verification_status)
    if verification is None:
        return ENTERED_IN_ERROR
    concepts, causes = concepts_of(reading.terminology, condition.code), concepts_of(reading.terminology, *_causes(condition))
    hints = NONE if concepts or condition.code is None else reading.hints(condition.code.text)
    if not (concepts or causes or hints):
        return "not-relevant"
    recorded = reading.by_today(reading.date(condition.recorded_date))
    given = _onset(condition, recorded, reading)
    onset = reading.by_today(given)
    if given is not onset and verification is Verification.CONFIRMED:
        verification = Verification.UNCONFIRMED  # what is said to begin in the future is a reason to ask, never to conclude (G3)
    abatement = _abatement(condition, reading)
    clinical = status_codes(condition.clinical_status)
    return ConditionFact(
        reference=reference,
        source=source,
        concepts=concepts,
        cause_concepts=causes,
        hints=hints,
        site=body_site(list(listed(condition.body_site)), condition.code, reading.terminology),
        inactive=bool(clinical & INACTIVE),
        said_active=bool(clinical & ACTIVE),
        verification=verification,
        onset=onset,
        recorded=recorded,
        abated=abatement is not None or _abated(condition),
        abatement=abatement,
    )


def verification_of(status: Concept | str | None) -> Verification | None:
    """CONFIRMED where none is given; the most doubtful of several; UNCONFIRMED where we do not know the code; None: entered in error."""
    if status is None:
        return Verification.CONFIRMED
    codes = status_codes(status)
    if ENTERED_IN_ERROR in codes:
        return None
    if "refuted" in codes:
        return Verification.REFUTED
    return Verification.CONFIRMED if "confirmed" in codes and not codes & _UNSURE else Verification.UNCONFIRMED


def _causes(condition: Condition) -> list[Codes]:
    causes = [code for evidence in listed(condition.evidence) for code in listed(evidence.code)]
    due_to = (extension for extension in listed(condition.extension) if extension.url == DUE_TO)
    return causes + [extension.value_codeable_concept for extension in due_to if extension.value_codeable_concept is not None]


def _onset(condition: Condition, recorded: PartialDate | None, reading: Reading) -> PartialDate | None:
    """onsetString says nothing. An onset given as an age is not after the day it was recorded."""
    given = reading.date(condition.onset_date_time) or reading.period(condition.onset_period)
    if given is not None:
        return given
    aged = _at_ages(condition.onset_age, condition.onset_range, reading)
    if aged is None or aged.latest is None or recorded is None or recorded.latest is None or recorded.latest >= aged.latest:
        return aged
    return span(aged, recorded)


def _abatement(condition: Condition, reading: Reading) -> PartialDate | None:
    given = reading.end(condition.abatement_date_time) or reading.period(condition.abatement_period)
    return given or _at_ages(condition.abatement_age, condition.abatement_range, reading)


def _abated(condition: Condition) -> bool:
    """Is an abatement recorded in any form, even one that gives no day? One on a day that never comes is none."""
    stated = (not is_no_end(condition.abatement_date_time), condition.abatement_string, condition.abatement_boolean)
    return any(stated) or any((condition.abatement_period, condition.abatement_age, condition.abatement_range))


def _at_ages(age: Quantity | None, ages: Range | None, reading: Reading) -> PartialDate | None:
    if age is not None:
        return at_age(reading.birth, age, age)
    return at_age(reading.birth, ages.low, ages.high) if ages is not None else None
