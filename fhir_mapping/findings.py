"""Observations to facts: one per thing observed and level (contract 6.13).

A resource gives the fact of its own code (one per component that names a vertebra, where there are such), and one for each component
with a code of its own.
"""

from collections.abc import Iterator

import msgspec

from clinical.codes import NONE, Terminology
from clinical.dates import PartialDate
from clinical.record import BodySite, Site, Source
from clinical.record import Observation as ObservationFact
from clinical.record import Quantity as Interval
from fhir_mapping.body_site import SITE_CONCEPTS, body_site, level_named
from fhir_mapping.elements import Period, coded, concepts_of, listed
from fhir_mapping.measured import between, interval, number, scale_high
from fhir_mapping.reading import Reading
from fhir_mapping.resources.observation import Component, Observation, Valued

FINAL = frozenset({"final", "amended", "corrected"})
PRELIMINARY = frozenset({"preliminary"})
INTERPRETATIONS = frozenset({
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "http://hl7.org/fhir/v3/ObservationInterpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078", "http://hl7.org/fhir/v2/0078",
})  # fmt: skip
_READINGS = {"POS": True, "DET": True, "NEG": False, "ND": False}


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource's facts have in common. `date` and `preliminary` are those of a report around it."""

    reference: str
    source: Source
    modality: frozenset[str] = NONE
    date: PartialDate | None = None
    preliminary: bool = False


def to_observations(observation: Observation, origin: Origin, reading: Reading) -> list[ObservationFact] | str:
    """The facts, or why there are none."""
    if refusal := refused(observation.status, FINAL | PRELIMINARY):
        return refusal
    if observation.focus:
        return "focus"
    effective = observation.effective_date_time or observation.effective_instant
    date = when_observed(effective, observation.effective_period, observation.issued, reading) or origin.date
    if future_dated(date, reading):
        return "future-dated"
    origin = msgspec.structs.replace(origin, date=date, preliminary=origin.preliminary or observation.status in PRELIMINARY)
    sites = [observation.body_site] if observation.body_site is not None else []
    site = body_site(sites, observation.code, reading.terminology)
    return [*_own(observation, site, origin, reading), *_of_components(observation, site, origin, reading)]


def refused(status: str | None, counted: frozenset[str]) -> str:
    """Why a status does not count (G1), or nothing."""
    if status in counted:
        return ""
    return "entered-in-error" if status == "entered-in-error" else "status"


def when_observed(effective: str | None, period: Period | None, issued: str | None, reading: Reading) -> PartialDate | None:
    """When it was observed. `issued` is no such day, but it was observed by then (G3)."""
    observed = reading.date(effective) or reading.period(period)
    if observed is not None:
        return observed
    by = reading.date(issued)
    return PartialDate(None, by.latest) if by is not None else None


def future_dated(date: PartialDate | None, reading: Reading) -> bool:
    """Observed certainly after today, or issued after today with no other date."""
    if date is None:
        return False
    return reading.is_future(date) or (date.earliest is None and date.latest is not None and date.latest > reading.today)


def fact(valued: Valued, concepts: frozenset[str], site: BodySite, origin: Origin, terminology: Terminology) -> ObservationFact:
    value_concepts = NONE if _has_no_value(valued) else concepts_of(terminology, valued.value_codeable_concept)
    return ObservationFact(
        reference=origin.reference,
        source=origin.source,
        concepts=concepts,
        present=_present(valued, value_concepts, terminology),
        quantity=_quantity(valued),
        value_concepts=value_concepts,
        site=site,
        date=origin.date,
        preliminary=origin.preliminary,
        modality=origin.modality,
    )


def _own(observation: Observation, site: BodySite, origin: Origin, reading: Reading) -> Iterator[ObservationFact]:
    terminology = reading.terminology
    concepts = concepts_of(terminology, observation.code)
    if not concepts:
        return
    at_levels = [(component, level_named(component.code, terminology)) for component in _components(observation)]
    named = [(component, level) for component, level in at_levels if level is not None]
    for component, level in named:
        yield fact(component, concepts, BodySite(Site.LEVEL, level), origin, terminology)
    if not named:
        yield fact(observation, concepts, site, origin, terminology)


def _of_components(observation: Observation, site: BodySite, origin: Origin, reading: Reading) -> Iterator[ObservationFact]:
    """A panel's components stand for themselves, at the panel's site."""
    for component in _components(observation):
        concepts = concepts_of(reading.terminology, component.code) - SITE_CONCEPTS
        if concepts:
            yield fact(component, concepts, site, origin, reading.terminology)


def _components(observation: Observation) -> Iterator[Component]:
    return (component for component in listed(observation.component) if not component.modifier_extension)


def _quantity(valued: Valued) -> Interval | None:
    """A text is never a number."""
    if _has_no_value(valued):
        return None
    top = scale_high(listed(valued.reference_range))
    whole = number(valued.value_integer, top) or number(valued.value_decimal, top)
    return interval(valued.value_quantity, top) or whole or between(valued.value_range, top)


def _present(valued: Valued, value_concepts: frozenset[str], terminology: Terminology) -> bool | None:
    """What the value says; the interpretation only where there is no value."""
    if _has_no_value(valued):
        return None
    if valued.value_boolean is not None:
        return valued.value_boolean
    if valued.value_codeable_concept is not None:
        return _either("present" in value_concepts, "absent" in value_concepts)
    return None if _has_value(valued) else _interpreted(valued, terminology)


def _interpreted(valued: Valued, terminology: Terminology) -> bool | None:
    found: set[bool] = set()
    for system, code in coded(listed(valued.interpretation)):
        if system in INTERPRETATIONS and code in _READINGS:
            found.add(_READINGS[code])
        concepts = terminology.concepts(system, code)
        found |= {said for value_set, said in (("present", True), ("absent", False)) if value_set in concepts}
    return _either(True in found, False in found)


def _either(yes: bool, no: bool) -> bool | None:
    return yes if yes != no else None


def _has_no_value(valued: Valued) -> bool:
    """The record says that there is none and why."""
    primitives = (valued.absent_boolean, valued.absent_integer, valued.absent_string)
    return valued.data_absent_reason is not None or any(primitive.says_absent for primitive in primitives if primitive is not None)


def _has_value(valued: Valued) -> bool:
    """Any value[x] but the two that say present or absent."""
    return any(
        value is not None
        for value in (
            valued.value_quantity, valued.value_integer, valued.value_decimal, valued.value_range, valued.value_string,
            valued.value_date_time, valued.value_time, valued.value_period, valued.value_ratio, valued.value_sampled_data,
        )
    )  # fmt: skip
