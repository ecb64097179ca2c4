"""A patient-view call as an EHR would send it: each advertised prefetch query answered from a chart, padded to a size."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from bench.chart import Chart, Resource

SERVICE = "vertebral-augmentation-patient-view"
FHIR_BASE = "https://ehr.example.org/fhir/r4"

# How often each type comes round, as in a long record. A type that no prefetch query asks for is left out.
ROUND = (
    *("Observation", "Observation", "Condition", "Observation", "Procedure", "Observation", "MedicationRequest", "Observation"),
    *("DiagnosticReport", "Observation", "Condition", "Observation", "MedicationDispense", "Observation", "MedicationRequest"),
    *("MedicationStatement", "Observation", "Procedure", "DiagnosticReport", "MedicationAdministration"),
)
LONG_ROUND = (*ROUND, *ROUND, *ROUND, "ImagingStudy")
FEW = {"AllergyIntolerance": 3}  # not many in any chart, however long


class Query:
    """One prefetch template, far enough to know which resources it would return: type, category and code."""

    def __init__(self, template: str) -> None:
        parts = urlsplit(template)
        self.resource_type, _, self.read_id = parts.path.partition("/")
        self.wanted = {name: set(",".join(values).split(",")) for name, values in parse_qs(parts.query).items()}

    def returns(self, resource: Resource) -> bool:
        if resource["resourceType"] != self.resource_type:
            return False
        concepts = {"code": [resource.get("code", {})], "category": resource.get("category", [])}
        return all(name not in self.wanted or tokens_of(held) & self.wanted[name] for name, held in concepts.items())


def tokens_of(concepts: list[Resource]) -> set[str]:
    codings = [coding for concept in concepts for coding in concept.get("coding", [])]
    return {token for coding in codings for token in (coding["code"], f"{coding['system']}|{coding['code']}")}


def entry_for(resource: Resource) -> Resource:
    url = f"{FHIR_BASE}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": "match"}}


class Call:
    """The body of one call, filled resource by resource."""

    def __init__(self, templates: Mapping[str, str], chart: Chart) -> None:
        self.queries = {key: Query(template) for key, template in templates.items()}
        self.chart = chart
        self.entries: dict[str, list[Resource]] = {key: [] for key, query in self.queries.items() if not query.read_id}
        self.filled = 0

    def add(self, resource: Resource) -> None:
        entry = entry_for(resource)
        for key, entries in self.entries.items():
            if self.queries[key].returns(resource):
                entries.append(entry)
                self.filled += len(orjson.dumps(entry)) + 1

    def body(self) -> bytes:
        return orjson.dumps(
            {
                "hook": "patient-view",
                "hookInstance": self.chart.patient_id,
                "fhirServer": FHIR_BASE,
                "context": {"userId": "Practitioner/bench", "patientId": self.chart.patient_id},
                "prefetch": {key: self.result(key) for key in self.queries},
            }
        )

    def result(self, key: str) -> Any:
        if key not in self.entries:
            return self.chart.patient()
        entries = self.entries[key]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}

    def noise(self) -> Iterator[Resource]:
        asked = {query.resource_type for query in self.queries.values()}
        for kind in asked & FEW.keys():
            yield from (self.chart.noise_of[kind]() for _ in range(FEW[kind]))
        for kind in cycle([kind for kind in LONG_ROUND if kind in asked]):
            yield self.chart.noise_of[kind]()


def body_of(templates: Mapping[str, str], size: int, today: date, *, eligible: bool) -> bytes:
    """About `size` bytes: the fracture first, if there is one, then noise until the body is full."""
    call = Call(templates, Chart(today))
    for resource in call.chart.with_signal().eligible_fracture() if eligible else ():
        call.add(resource)
    frame = len(call.body()) - call.filled
    for resource in call.noise():
        if call.filled + frame >= size:
            break
        call.add(resource)
    return call.body()
