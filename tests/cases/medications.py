"""Analgesics and everything else in the drug chart, in the four forms that FHIR has for it."""

from datetime import timedelta

from tests.cases.resource import Fact, Resource, UnknownWordError
from tests.cases.site import Site

INTAKE = ("statement", "request", "dispense", "administration")


def medication(fact: Fact, site: Site) -> list[Resource]:
    """`med codeine: {from: -30d, to: -1d}`: a statement of what was taken; `as:` request, dispense or administration."""
    kind = fact.text("as", "statement")
    if kind == "statement":
        return [_statement(fact, site)]
    if kind == "request":
        return [_request(fact, site)]
    if kind == "dispense":
        return [_dispense(fact, site)]
    if kind == "administration":
        return _administrations(fact, site)
    raise UnknownWordError(f"{fact.name}: as {kind}")


def _drug(made: Resource, fact: Fact, site: Site) -> Resource:
    made["medicationCodeableConcept"] = site.words.concept(fact.get("drug", fact.subject))
    return made


def _put_stop_reason(made: Resource, fact: Fact, several: bool) -> None:
    """`stopped for: sintol` (not tolerated), `salg` (allergy), or another code of the FHIR status-reason code system."""
    if reason := fact.text("stopped for"):
        coding = {"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason", "code": reason}
        made["statusReason"] = [{"coding": [coding]}] if several else {"coding": [coding]}


def _status(fact: Fact, default: str) -> str:
    status = fact.text("status") or ("stopped" if fact.get("stopped for") else default)
    return str(status)


def _span(fact: Fact) -> str | None:
    start, stop = fact.text("from"), fact.text("to")
    return f"{start or ''}..{stop or ''}" if start or stop else None


def _dosage(fact: Fact, site: Site) -> list[Resource]:
    dosage: Resource = {}
    if (as_needed := fact.get("as needed")) is not None:
        dosage["asNeededBoolean"] = as_needed
    if fact.text("as", "statement") == "request" and fact.get("to"):
        bounds = site.calendar.period(f"{fact.text('from', '')}..{fact.text('to')}")
        dosage["timing"] = {"repeat": {"boundsPeriod": bounds}}
    return [dosage] if dosage else []


def _put_dosage(made: Resource, name: str, fact: Fact, site: Site) -> None:
    if dosage := _dosage(fact, site):
        made[name] = dosage


def _statement(fact: Fact, site: Site) -> Resource:
    made = _drug(site.resource("MedicationStatement", fact, _status(fact, "completed" if fact.get("to") else "active")), fact, site)
    site.calendar.put(made, "effective", _span(fact))
    _put_stop_reason(made, fact, several=True)
    _put_dosage(made, "dosage", fact, site)
    return made


def _request(fact: Fact, site: Site) -> Resource:
    """`supply` is the expected days of supply; without it and without `to`, an active order runs on."""
    made = _drug(site.resource("MedicationRequest", fact, _status(fact, "active")), fact, site)
    made["intent"] = fact.text("intent", "order")
    if fact.get("do not perform"):
        made["doNotPerform"] = True
    if ordered := fact.text("from"):
        made["authoredOn"] = site.calendar.day(ordered)
    if supply := fact.get("supply"):
        made["dispenseRequest"] = {"expectedSupplyDuration": _days(int(supply))}
    _put_stop_reason(made, fact, several=False)
    _put_dosage(made, "dosageInstruction", fact, site)
    return made


def _dispense(fact: Fact, site: Site) -> Resource:
    made = _drug(site.resource("MedicationDispense", fact, _status(fact, "completed")), fact, site)
    if handed_over := fact.text("from"):
        made["whenHandedOver"] = site.calendar.day(handed_over)
    if supply := fact.get("supply"):
        made["daysSupply"] = _days(int(supply))
    _put_dosage(made, "dosageInstruction", fact, site)
    return made


def _administrations(fact: Fact, site: Site) -> list[Resource]:
    """One resource for each of `days` days from `from`, as a ward records doses."""
    first = site.calendar.exact(str(fact.text("from")))
    made = []
    for day in range(int(fact.get("days", 1))):
        one = _drug(site.resource("MedicationAdministration", fact, _status(fact, "completed")), fact, site)
        one["id"] = f"{fact.id}-{day + 1}"
        one["effectiveDateTime"] = (first + timedelta(days=day)).isoformat()
        made.append(one)
    return made


def _days(number: int) -> Resource:
    return {"value": number, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
