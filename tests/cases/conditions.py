"""Patient, problems, allergies, procedures and documents."""

from datetime import timedelta
from typing import Any

from tests.cases.resource import Fact, Resource
from tests.cases.site import PATIENT, Site
from tests.cases.when import years_before

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"


def patient(fact: Fact, site: Site) -> list[Resource]:
    """`age` is in whole years, half a year past the birthday; `born` is a FHIR date; `deceased` is true or a date."""
    made: Resource = {"resourceType": "Patient", "id": "patient", "gender": fact.get("sex", "female")}
    if born := fact.text("born"):
        made["birthDate"] = born
    elif (age := fact.get("age")) is not None:
        made["birthDate"] = (years_before(site.calendar.today, int(age)) - timedelta(days=180)).isoformat()
    _put_deceased(made, fact.get("deceased"), site)
    if (active := fact.get("active")) is not None:
        made["active"] = active
    if fact.get("replaced"):
        made["link"] = [{"other": {"reference": "Patient/another-record"}, "type": "replaced-by"}]
    return [made]


def _put_deceased(made: Resource, deceased: object, site: Site) -> None:
    if isinstance(deceased, bool):
        made["deceasedBoolean"] = deceased
    elif deceased is not None:
        made["deceasedDateTime"] = site.calendar.day(str(deceased))


def fracture(fact: Fact, site: Site) -> list[Resource]:
    return _condition(fact, site, "osteoporotic fracture")


def condition(fact: Fact, site: Site) -> list[Resource]:
    return _condition(fact, site, fact.subject)


def _condition(fact: Fact, site: Site, code: str) -> list[Resource]:
    made = site.resource("Condition", fact)
    _put_code(made, fact, site, code)
    _put_statuses(made, fact, "condition-clinical", "condition-ver-status")
    site.put_sites(made, fact, several=True)
    site.calendar.put(made, "onset", fact.text("onset"))
    if in_words := fact.text("onset in words"):
        made["onsetString"] = in_words
    if recorded := fact.text("recorded"):
        made["recordedDate"] = site.calendar.day(recorded)
    _put_abatement(made, fact.get("abated"), site)
    if evidence := fact.get("evidence"):
        made["evidence"] = [{"code": site.words.concepts(evidence)}]
    if cause := fact.get("due to"):
        made["extension"] = [{"url": _DUE_TO, "valueCodeableConcept": site.words.concept(cause)}]
    if whose := fact.text("of"):
        made["subject"] = {"display": whose}
    if fact.get("modified"):
        made["modifierExtension"] = [{"url": "https://hospital.example/modifier", "valueBoolean": True}]
    site.put_note(made, fact)
    return [made]


def _put_code(made: Resource, fact: Fact, site: Site, default: str) -> None:
    code = fact.get("code", default)
    made["code"] = {} if code == "no code" else site.words.concept(code)
    if text := fact.text("text"):
        made["code"]["text"] = text


def _put_statuses(made: Resource, fact: Fact, clinical_system: str, verification_system: str) -> None:
    """Clinical and verification status; `unstated` leaves one out. Entered in error has no clinical status (FHIR con-5)."""
    verification = fact.text("verification", "confirmed")
    clinical = fact.text("clinical", "active")
    if clinical != "unstated" and verification != "entered-in-error":
        made["clinicalStatus"] = _coded(clinical_system, clinical)
    if verification != "unstated":
        made["verificationStatus"] = _coded(verification_system, verification)


def _coded(system: str, code: str | None) -> Resource:
    concept: dict[str, Any] = {"coding": [{"system": _TERMINOLOGY + system, "code": code}]}
    return concept


def _put_abatement(made: Resource, abated: object, site: Site) -> None:
    """A date, or words ("better"). FHIR con-4: what has abated is not active."""
    if abated is None:
        return
    if str(abated).startswith("text "):
        made["abatementString"] = str(abated).removeprefix("text ")
    else:
        site.calendar.put(made, "abatement", str(abated))
    if made.get("clinicalStatus", {}).get("coding", [{}])[0].get("code") == "active" and not str(abated).startswith("+"):
        made["clinicalStatus"] = _coded("condition-clinical", "resolved")


def mechanism(fact: Fact, site: Site) -> list[Resource]:
    """An Observation of how the injury came about: `mechanism: {energy: low, on: -30d}`."""
    made = site.resource("Observation", fact, fact.text("status", "final"))
    made["code"] = site.words.concept(f"ours {fact.get('energy', 'low')}-energy-mechanism")
    made["valueBoolean"] = bool(fact.get("present", True))
    site.calendar.put(made, "effective", fact.text("on"))
    return [made]


def document(fact: Fact, site: Site) -> list[Resource]:
    """A document whose text nobody coded."""
    made = site.resource("DocumentReference", fact, "current")
    made["description"] = fact.text("text", "")
    made["content"] = [{"attachment": {"contentType": "text/plain", "title": fact.text("text", "")}}]
    return [made]


def allergy(fact: Fact, site: Site) -> list[Resource]:
    """`allergy codeine substance: {verification: refuted}`."""
    made: Resource = {"resourceType": "AllergyIntolerance", "id": fact.id, "patient": PATIENT}
    if display := fact.text("display"):
        made["code"] = {"coding": [{"system": "https://hospital.example/codes", "code": "1", "display": display}]}
    else:
        _put_code(made, fact, site, str(fact.get("to", fact.subject)))
    made["type"] = fact.text("type", "intolerance")
    _put_statuses(made, fact, "allergyintolerance-clinical", "allergyintolerance-verification")
    if recorded := fact.text("recorded"):
        made["recordedDate"] = site.calendar.day(recorded)
    return [made]


def procedure(fact: Fact, site: Site) -> list[Resource]:
    """`procedure vertebroplasty: {at: L1, on: -200d}`."""
    made = site.resource("Procedure", fact, fact.text("status", "completed"))
    made["code"] = site.words.concept(fact.get("code", fact.subject))
    site.put_sites(made, fact, several=True)
    site.calendar.put(made, "performed", fact.text("on"))
    return [made]
