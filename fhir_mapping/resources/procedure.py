"""Procedure: an augmentation done before, and where."""

from collections.abc import Sequence
from typing import Literal

from clinical.codes import Terminology
from clinical.dates import PartialDate
from clinical.record import BodySite, Source
from clinical.record import Procedure as ProcedureFact
from fhir_mapping.body_site import body_site
from fhir_mapping.elements import Codes, NamedConcept, Period, Quantity, Range, concepts_of, listed
from fhir_mapping.moments import at_age
from fhir_mapping.reading import Reading
from fhir_mapping.resources.resource import Resource

DROPPED = frozenset({"not-done", "entered-in-error", "preparation"})


class Procedure(Resource, kw_only=True):
    resource_type: Literal["Procedure"]
    status: str | None = None
    code: Codes | None = None
    body_site: list[NamedConcept | None] | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    performed_age: Quantity | None = None
    performed_range: Range | None = None


def to_procedures(procedure: Procedure, reference: str, source: Source, reading: Reading) -> tuple[ProcedureFact, ...] | str:
    """A fact for each vertebra that its sites name, one where they name none; or why there is none."""
    if procedure.status in DROPPED:
        return "entered-in-error" if procedure.status == "entered-in-error" else "status"
    concepts = concepts_of(reading.terminology, procedure.code)
    if not concepts:
        return "not-relevant"
    performed = _performed(procedure, reading)
    if reading.is_future(performed):
        return "future-dated"
    return tuple(
        ProcedureFact(
            reference=reference,
            source=source,
            concepts=concepts,
            site=site,
            completed=procedure.status == "completed",
            performed=performed,
        )
        for site in _sites(procedure, reading.terminology)
    )


def _sites(procedure: Procedure, terminology: Terminology) -> Sequence[BodySite]:
    """Several vertebrae are often done in one session, and are told in one Procedure."""
    sites = list(listed(procedure.body_site))
    each = {body_site([site], None, terminology) for site in sites}
    levels = [site for site in each if site.level is not None]
    return sorted(levels, key=lambda site: str(site.level)) if len(levels) > 1 else [body_site(sites, procedure.code, terminology)]


def _performed(procedure: Procedure, reading: Reading) -> PartialDate | None:
    given = reading.date(procedure.performed_date_time) or reading.period(procedure.performed_period)
    if given is not None or procedure.performed_age is None:
        ages = procedure.performed_range
        return given or (at_age(reading.birth, ages.low, ages.high) if ages is not None else None)
    return at_age(reading.birth, procedure.performed_age, procedure.performed_age)
