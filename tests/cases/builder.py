"""A clinical case's facts as real FHIR R4 resources: `build(facts, ...)`. The language is described in README.md beside this file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.cases.conditions import allergy, condition, document, fracture, mechanism, patient, procedure
from tests.cases.medications import medication
from tests.cases.observations import (
    asa,
    crp,
    dxa,
    examination,
    finding,
    imaging,
    inr,
    pain,
    place,
    platelets,
    pregnancy,
    report,
    study,
    temperature,
)
from tests.cases.resource import Fact, Resource, UnknownWordError
from tests.cases.site import Site
from tests.cases.when import Calendar
from tests.cases.words import Words

Maker = Callable[[Fact, Site], list[Resource]]

KINDS: dict[str, Maker] = {
    "patient": patient,
    "fracture": fracture,
    "condition": condition,
    "mechanism": mechanism,
    "document": document,
    "allergy": allergy,
    "procedure": procedure,
    "pain": pain,
    "place": place,
    "exam": examination,
    "imaging": imaging,
    "report": report,
    "study": study,
    "finding": finding,
    "dxa": dxa,
    "inr": inr,
    "platelets": platelets,
    "crp": crp,
    "temperature": temperature,
    "asa": asa,
    "pregnancy": pregnancy,
    "med": medication,
}


@dataclass(frozen=True)
class Chart:
    """One patient's resources, and which of them each named fact became (`fracture` -> Condition/fracture)."""

    resources: list[Resource]
    references: dict[str, list[str]] = field(default_factory=dict)

    @property
    def patient_id(self) -> str:
        return next(str(each["id"]) for each in self.resources if each["resourceType"] == "Patient")

    def bundle(self) -> Resource:
        """A collection Bundle, as POST /evaluations takes it."""
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in self.resources]}


def build(facts: Mapping[str, Mapping[str, Any]], today: date, site: str = "uk") -> Chart:
    """Make a chart of named facts. Raises UnknownWordError or CaseError for anything the language does not know."""
    place = Site(Words(site), Calendar(today))
    resources: list[Resource] = []
    references: dict[str, list[str]] = {}
    for name, words in facts.items():
        made = _make(Fact(name, words), place)
        resources.extend(made)
        references[name] = [f"{each['resourceType']}/{each['id']}" for each in made]
    return Chart(resources, references)


def _make(fact: Fact, site: Site) -> list[Resource]:
    maker = KINDS.get(fact.kind)
    if maker is None:
        raise UnknownWordError(f"no such kind of fact: {fact.kind!r}")
    made = maker(fact, site)
    fact.check()
    return made
