"""Read and search over FHIR R4 resources in memory, as a small read-only server answers them.

Only what our prefetch templates and the CDS Hooks Sandbox ask is known: reference and token parameters, by equality, with comma as OR
and a repeated parameter as AND (FHIR R4, 3.1.1). A parameter not known to a type is ignored and, as on real servers, missing from
what `Found.used` reports, so that the caller can tell (FHIR R4, 3.1.1.1, "Handling errors").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.demo.templates import Resource

Pairs = Sequence[tuple[str, str]]
Matcher = Callable[[Resource, str], bool]


class SearchError(Exception):
    """The search cannot be done as asked; the text says why and repeats no value."""


@dataclass(frozen=True)
class Parameter:
    """One search parameter of a type: its FHIR kind (token or reference) and how one value is matched."""

    kind: str
    matches: Matcher


@dataclass(frozen=True)
class Found:
    """All matches in order, and the parameters that were used to find them."""

    matches: list[Resource]
    used: list[tuple[str, str]]


def search(resources: Iterable[Resource], resource_type: str, asked: Pairs) -> Found:
    """Every resource of the type that matches all known parameters. Raises SearchError for a modifier, which none of them takes."""
    known = SEARCH_PARAMETERS[resource_type]
    used = [(name, value) for name, value in asked if _is_known(known, name) and value]
    matches = [
        resource
        for resource in resources
        if resource["resourceType"] == resource_type and all(_any_matches(known[name], resource, value) for name, value in used)
    ]
    return Found(matches, used)


def _is_known(known: Mapping[str, Parameter], name: str) -> bool:
    bare, _, modifier = name.partition(":")
    if bare in known and modifier:
        raise SearchError(f"The search parameter '{bare}' takes no modifier here.")
    return name in known


def _any_matches(parameter: Parameter, resource: Resource, values: str) -> bool:
    return any(parameter.matches(resource, value) for value in values.split(",") if value)


def _reference(element: str) -> Parameter:
    """Matches `Patient/x`, `x` and an absolute address that ends in either."""

    def matches(resource: Resource, value: str) -> bool:
        kind, _, named = "/".join(value.split("/")[-2:]).rpartition("/")
        return bool(resource[element]["reference"] == f"{kind or 'Patient'}/{named}")

    return Parameter("reference", matches)


def _token(*elements: str) -> Parameter:
    """Matches a code, CodeableConcept or Coding, single or repeated, under any of these elements."""

    def matches(resource: Resource, value: str) -> bool:
        found = (coding for element in elements for coding in _codings(resource.get(element)))
        return any(_same_token(coding, value) for coding in found)

    return Parameter("token", matches)


def _codings(value: Any) -> list[dict[str, str]]:
    if isinstance(value, str):
        return [{"code": value}]
    if isinstance(value, list):
        return [coding for item in value for coding in _codings(item)]
    if isinstance(value, dict):
        return _codings(value["coding"]) if "coding" in value else [value]
    return []


def _same_token(coding: Mapping[str, str], value: str) -> bool:
    """`code` in any system, `system|code`, `system|` for any code of it, `|code` for a code without a system (FHIR R4, 3.1.1.5.11)."""
    system, bar, code = value.rpartition("|")
    if code and coding.get("code") != code:
        return False
    return not bar or coding.get("system", "") == system


def _canonical(element: str) -> Parameter:
    """Matches a canonical address with or without its version; one asked for with a version, only that (FHIR R4, 3.1.1.5.13)."""

    def matches(resource: Resource, value: str) -> bool:
        named: str = resource.get(element, "")
        return value in (named, named.partition("|")[0])

    return Parameter("reference", matches)


def _identifier(resource: Resource, value: str) -> bool:
    return bool(resource["id"] == value)


def _medication_code(resource: Resource, value: str) -> bool:
    concepts = [resource.get("medicationCodeableConcept"), *(inside.get("code") for inside in resource.get("contained", []))]
    return any(_same_token(coding, value) for coding in _codings([concept for concept in concepts if concept]))


_ID = Parameter("token", _identifier)
_SUBJECT = {"_id": _ID, "patient": _reference("subject"), "subject": _reference("subject"), "status": _token("status")}
_CODED = {**_SUBJECT, "code": _token("code"), "category": _token("category")}
_MEDICATION = {**_SUBJECT, "code": Parameter("token", _medication_code)}

SEARCH_PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "AllergyIntolerance": {
        "_id": _ID,
        "patient": _reference("patient"),
        "code": _token("code"),
        "category": _token("category"),
        "clinical-status": _token("clinicalStatus"),
        "verification-status": _token("verificationStatus"),
    },
    "Condition": {
        **{name: parameter for name, parameter in _CODED.items() if name != "status"},
        "clinical-status": _token("clinicalStatus"),
        "verification-status": _token("verificationStatus"),
    },
    "DiagnosticReport": _CODED,
    "Encounter": {**_SUBJECT, "class": _token("class")},
    "ImagingStudy": {**_SUBJECT, "modality": _token("modality")},
    "Immunization": {"_id": _ID, "patient": _reference("patient"), "status": _token("status")},
    "MedicationAdministration": _MEDICATION,
    "MedicationDispense": _MEDICATION,
    "MedicationRequest": {**_MEDICATION, "intent": _token("intent"), "category": _token("category")},
    "MedicationStatement": {**_MEDICATION, "category": _token("category")},
    "Observation": _CODED,
    "Patient": {"_id": _ID, "identifier": _token("identifier"), "active": _token("active"), "gender": _token("gender")},
    "Procedure": _CODED,
    "QuestionnaireResponse": {**_SUBJECT, "questionnaire": _canonical("questionnaire")},
}
