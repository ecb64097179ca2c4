"""Observations to facts: one per thing observed and level (contract 6.13).

A resource gives the fact of its own code (one per component that names a vertebra, where there are such), and one for each component
with a code of its own.
"""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from clinical.codes import NONE, Terminology
from clinical.dates import PartialDate
from clinical.record import BodySite, Site, Source
from clinical.record import Observation as ObservationFact
from clinical.record import Quantity as Interval
from fhir_mapping.body_site import SITE_CONCEPTS, body_site, level_named
from fhir_mapping.elements import Period, coded, concepts_of, listed
from fhir_mapping.measured import between, interval, number, plain_number, scale_high
from fhir_mapping.reading import Reading
from fhir_mapping.resources.observation import Component, Observation, Valued
from fhir_mapping.said import has_value, says_something

PRELIMINARY = frozenset({"preliminary"})
COUNTED = PRELIMINARY | {"final", "amended", "corrected"}
INTERPRETATIONS = frozenset({
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "http://hl7.org/fhir/v3/ObservationInterpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078", "http://hl7.org/fhir/v2/0078",
})  # fmt: skip
PAIN_LOCATION = frozenset({"pain-location"})
PAIN_SCORES = frozenset({"pain-nrs", "pain-vas", "pain-faces", "pain-reported", "pain-score-scale-unstated"})
LABORATORY = frozenset({"inr", "platelets", "crp", "temperature"})
_NO_PRIMITIVES = (None, None, None)
_READINGS = {"POS": True, "DET": True, "NEG": False, "ND": False}


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a resource's facts have in common, what is behind them among it. `date` and `preliminary` are those of a report around it."""

    reference: str
    source: Source
    modality: frozenset[str] = NONE
    date: PartialDate | None = None
    preliminary: bool = False
    studied: PartialDate | None = None
    study_withdrawn: bool = False


def to_observations(observation: Observation, origin: Origin, reading: Reading) -> list[ObservationFact] | str:
    """The facts, or why there are none."""
    if observation.status not in COUNTED or observation.focus:
        return refused(observation.status, COUNTED) or "focus"
    effective = observation.effective_date_time or observation.effective_instant
    date = reading.date(effective) or when_observed(observation.effective_period, observation.issued, reading) or origin.date
    if is_future(date, reading):
        return "future-dated"
    preliminary = origin.preliminary or observation.status in PRELIMINARY
    origin = replace(origin, date=date, preliminary=preliminary)
    concepts = concepts_of(reading.terminology, observation.code)
    told = observation.value_codeable_concept if concepts & PAIN_LOCATION else None
    place = told if told is not None else observation.body_site
    site = body_site((place,) if place is not None else (), observation.code, reading.terminology)
    if observation.component is None:
        return [fact(observation, concepts, site, origin, reading.terminology)] if concepts else []
    _note_modified(observation, reading)
    return _with_components(observation, concepts, site, origin, reading.terminology)


def _note_modified(observation: Observation, reading: Reading) -> None:
    """A component that would have told something, had its meaning not been modified, leaves a gap."""
    modified = [component for component in listed(observation.component) if component.modifier_extension]
    if modified and concepts_of(reading.terminology, *(component.code for component in modified)):
        reading.count("modifier-extension")
        reading.unread.add("Observation")


def refused(status: str | None, counted: frozenset[str]) -> str:
    """Why a status does not count (G1), or nothing."""
    if status in counted:
        return ""
    return "entered-in-error" if status == "entered-in-error" else "status"


def when_observed(period: Period | None, issued: str | None, reading: Reading) -> PartialDate | None:
    """When it was observed, where no moment is given. `issued` is no such day, but it was observed by then (G3)."""
    during = reading.period(period) if period is not None else None
    if during is not None:
        return during
    by = reading.date(issued)
    return PartialDate(None, by.latest) if by is not None else None


def is_future(date: PartialDate | None, reading: Reading) -> bool:
    """Observed certainly after today, or issued after today with no other date."""
    if date is None:
        return False
    day = date.earliest or date.latest
    return day is not None and day > reading.today


def fact(valued: Valued, concepts: frozenset[str], site: BodySite, origin: Origin, terminology: Terminology) -> ObservationFact:
    """One thing observed, with the value that `valued` gives it; no value where the record says that there is none and why."""
    absent = _says_absent(valued)
    codes = valued.value_codeable_concept if not absent else None
    value_concepts = concepts_of(terminology, codes) if codes is not None else NONE
    present = None if absent else _present(valued, value_concepts, terminology)
    quantity = None if absent else _quantity(valued, concepts)
    return ObservationFact(
        reference=origin.reference,
        source=origin.source,
        concepts=concepts,
        present=present,
        quantity=quantity,
        value_concepts=value_concepts,
        unread=not (absent or value_concepts) and present is None and quantity is None and says_something(valued),
        site=site,
        date=origin.date,
        preliminary=origin.preliminary,
        modality=origin.modality,
        studied=origin.studied,
        study_withdrawn=origin.study_withdrawn,
    )


def _with_components(
    observation: Observation, concepts: frozenset[str], site: BodySite, origin: Origin, terminology: Terminology
) -> list[ObservationFact]:
    """The own code at each level that a component names (else at the own site); a panel's components stand for themselves, at its site.

    Pain scores beside a component that says where the pain is are of that site.
    """
    components = [component for component in listed(observation.component) if not component.modifier_extension]
    levels = {id(component): level_named(component.code, terminology) for component in components} if concepts else {}
    facts = [
        fact(component, concepts, BodySite(Site.LEVEL, level), origin, terminology)
        for component in components
        if (level := levels.get(id(component))) is not None
    ]
    pain_site = _pain_site(components, site, terminology)
    if concepts and not facts:
        facts.append(fact(observation, concepts, pain_site if concepts & PAIN_SCORES else site, origin, terminology))
    for component in components:
        own = concepts_of(terminology, component.code) - SITE_CONCEPTS - PAIN_LOCATION
        if own:
            facts.append(fact(component, own, pain_site if own & PAIN_SCORES else site, origin, terminology))
    return facts


def _pain_site(components: Iterable[Component], site: BodySite, terminology: Terminology) -> BodySite:
    """Where the components say that the pain is; the own site where they say nothing."""
    told = [
        component.value_codeable_concept
        for component in components
        if component.value_codeable_concept is not None and concepts_of(terminology, component.code) & PAIN_LOCATION
    ]
    located = body_site(told, None, terminology) if told else site
    return located if located.site is not Site.ABSENT else site


def _quantity(valued: Valued, concepts: frozenset[str]) -> Interval | None:
    """A text is never a number, but for a laboratory result or temperature that is nothing else (`< 5`, `1.0`)."""
    if valued.value_string is not None and concepts & LABORATORY:
        return plain_number(valued.value_string)
    top = scale_high(listed(valued.reference_range)) if valued.reference_range else None
    if valued.value_quantity is not None:
        return interval(valued.value_quantity, top)
    whole = valued.value_integer if valued.value_integer is not None else valued.value_decimal
    return number(whole, top) if whole is not None else between(valued.value_range, top)


def _present(valued: Valued, value_concepts: frozenset[str], terminology: Terminology) -> bool | None:
    """What the value says; the interpretation only where there is no value."""
    if valued.value_boolean is not None:
        return valued.value_boolean
    if valued.value_codeable_concept is not None:
        return _either("present" in value_concepts, "absent" in value_concepts)
    return _interpreted(valued, terminology) if valued.interpretation and not has_value(valued) else None


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


def _says_absent(valued: Valued) -> bool:
    """Does the record say that there is no value, and why?"""
    if valued.data_absent_reason is not None:
        return True
    primitives = (valued.absent_boolean, valued.absent_integer, valued.absent_string)
    return primitives != _NO_PRIMITIVES and any(primitive.says_absent for primitive in primitives if primitive is not None)
