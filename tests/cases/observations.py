"""What was measured, felt or seen: pain scores, examination, imaging, laboratory results."""

import re
from typing import Any

from tests.cases.resource import Fact, Resource, UnknownWordError
from tests.cases.site import PATIENT, Site

_NUMBER = re.compile(r"(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?)")
_ABSENT_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_UCUM = {"mm": "mm", "cm": "cm", "%": "%", "{score}": "{score}", "Cel": "Cel", "mg/L": "mg/L", "mg/dL": "mg/dL", "10*9/L": "10*9/L"}


def _observation(fact: Fact, site: Site, code: object) -> Resource:
    made = site.resource("Observation", fact, fact.text("status", "final"))
    made["code"] = site.words.concept(code)
    site.calendar.put(made, "effective", fact.text("on"))
    if issued := fact.text("issued"):
        made["issued"] = site.calendar.day(f"{issued} 12:00")
    site.put_sites(made, fact, several=False)
    site.put_note(made, fact)
    return made


def _quantity(text: object, unit: str | None) -> Resource:
    """`8`, `6.9`, `> 8`; the unit is UCUM where UCUM has it, and plain text as well."""
    found = _NUMBER.fullmatch(str(text).strip())
    if found is None:
        raise UnknownWordError(f"not a number: {text!r}")
    made: Resource = {"value": float(found[2]) if "." in found[2] else int(found[2])}
    if found[1]:
        made["comparator"] = found[1]
    if unit:
        made["unit"] = unit
        if unit in _UCUM:
            made |= {"system": "http://unitsofmeasure.org", "code": _UCUM[unit]}
    return made


def pain(fact: Fact, site: Site) -> list[Resource]:
    """`pain: {score: 8, on: -2d, at: back}` on the 0-10 numeric scale; `scale: vas`, `unit: mm`, `says: severe` for the others."""
    made = _observation(fact, site, fact.get("scale", "nrs"))
    value = _pain_value(fact, site)
    if fact.get("in a panel"):
        made["component"] = [{"code": made["code"], **value}]
        made["code"] = site.words.concept("pain panel")
    else:
        made |= value
    if top := fact.get("scale top"):
        made["referenceRange"] = [{"low": {"value": 0}, "high": {"value": top}}]
    return [made]


def place(fact: Fact, site: Site) -> list[Resource]:
    """`place: {pain: knee, on: -2d}`: where the pain mainly is, told apart from the score."""
    made = _observation(fact, site, "main place of pain")
    made["valueCodeableConcept"] = site.words.site(str(fact.get("pain")))
    return [made]


def _pain_value(fact: Fact, site: Site) -> Resource:
    if says := fact.get("says"):
        return {"valueCodeableConcept": site.words.concept(says)}
    if in_words := fact.text("in words"):
        return {"valueString": in_words}
    score, unit = fact.get("score"), fact.text("unit")
    if isinstance(score, int) and unit is None:
        return {"valueInteger": score}
    return {} if score is None else {"valueQuantity": _quantity(score, unit)}


def _presence(fact: Fact, site: Site, present: object) -> Resource:
    """How a site says present or absent: a code, a LOINC answer, a boolean; `unstated` says neither."""
    if present == "unstated":
        return {}
    form = fact.text("as", "coded")
    if form == "boolean":
        return {"valueBoolean": bool(present)}
    if form == "loinc":
        return {"valueCodeableConcept": site.words.concept("loinc LA9633-4" if present else "loinc LA9634-2")}
    if form in ("coded", "component"):
        return {"valueCodeableConcept": site.words.concept("present" if present else "absent")}
    raise UnknownWordError(f"{fact.name}: as {form}")


def _put_findings(made: Resource, fact: Fact, site: Site) -> None:
    """One value at one site, or `levels: {L1: present, L2: absent}` as components that name the vertebra."""
    levels: dict[str, Any] | None = fact.get("levels")
    present = fact.get("present", True)
    if levels is None:
        made |= _presence(fact, site, present)
        return
    made["component"] = [{"code": site.words.site(level), **_presence(fact, site, seen == "present")} for level, seen in levels.items()]


def examination(fact: Fact, site: Site) -> list[Resource]:
    """`exam: {at: L1, present: true, on: -5d}`: tenderness of one vertebra."""
    made = _observation(fact, site, fact.get("finding", "ours vertebral-tenderness"))
    _put_findings(made, fact, site)
    return [made]


def finding(fact: Fact, site: Site) -> list[Resource]:
    """`finding persistent-back-pain: {on: -2d}`: a statement in this service's own codes."""
    made = _observation(fact, site, fact.get("code", f"ours {fact.subject}"))
    _put_findings(made, fact, site)
    return [made]


def imaging(fact: Fact, site: Site) -> list[Resource]:
    """`imaging: {finding: marrow-oedema, at: L1, on: -7d, modality: MR}`: one finding, linked to the study it comes from."""
    seen = str(fact.get("finding", "marrow-oedema"))
    made = _observation(fact, site, seen if " " in seen else f"ours {seen}")
    _put_findings(made, fact, site)
    modality = fact.text("modality")
    if modality is None:
        return [made]
    if fact.text("linked by", "study") == "report":
        return [made, _report_on(made, fact, site, modality)]
    behind = _study(f"{fact.id}-study", modality, _started(fact, made, site), site)
    made["derivedFrom"] = [{"reference": f"ImagingStudy/{behind['id']}"}]
    return [made, behind]


def _started(fact: Fact, made: Resource, site: Site) -> str | None:
    """When the pictures were taken: `studied`, else when they were read."""
    studied = fact.text("studied")
    return site.calendar.day(studied) if studied else made.get("effectiveDateTime")


_PROCEDURES = {"MR": "MR study", "CT": "CT study", "DX": "radiograph", "NM": "bone scan", "SPECT": "SPECT study"}


def _report_on(made: Resource, fact: Fact, site: Site, modality: str) -> Resource:
    report_on = _report(f"{fact.id}-report", modality, site)
    report_on["result"] = [{"reference": f"Observation/{fact.id}"}]
    if when := made.get("effectiveDateTime"):
        report_on["effectiveDateTime"] = when
    return report_on


def _report(id: str, modality: str, site: Site) -> Resource:
    code = site.words.concept(_PROCEDURES[modality])
    return {"resourceType": "DiagnosticReport", "id": id, "status": "final", "subject": PATIENT, "code": code}


def _study(id: str, modality: str, started: str | None, site: Site) -> Resource:
    """SPECT is nuclear medicine to DICOM: only its procedure code says SPECT."""
    made: Resource = {"resourceType": "ImagingStudy", "id": id, "status": "available", "subject": PATIENT}
    made["modality"] = site.words.concept(f"dcm {'NM' if modality == 'SPECT' else modality}")["coding"]
    if modality == "SPECT":
        made["procedureCode"] = [site.words.concept("SPECT study")]
    if started:
        made["started"] = started
    return made


def study(fact: Fact, site: Site) -> list[Resource]:
    """That images were taken; what they show is not in it: `study: {modality: MR, on: -7d}`."""
    on = fact.text("on")
    made = _study(fact.id, str(fact.get("modality", "MR")), site.calendar.day(on) if on else None, site)
    return [made | {"status": fact.text("status", "available")}]


def report(fact: Fact, site: Site) -> list[Resource]:
    """A report with coded conclusions, which name no level: `report: {modality: MR, concludes: ours marrow-oedema, on: -7d}`."""
    made = _report(fact.id, str(fact.get("modality", "MR")), site)
    made["status"] = fact.text("status", "final")
    site.calendar.put(made, "effective", fact.text("on"))
    if concludes := fact.get("concludes"):
        made["conclusionCode"] = site.words.concepts(concludes)
    if text := fact.text("text"):
        made["conclusion"] = text
    return [made]


def _measured(fact: Fact, site: Site, code: str, unit: str | None, word: str = "value") -> list[Resource]:
    made = _observation(fact, site, fact.get("code", code))
    return [made | (_unreadable(fact) or {"valueQuantity": _quantity(fact.get(word), fact.text("unit", unit))})]


def _unreadable(fact: Fact) -> Resource:
    """`in words: see report` and `no value: error` take the place of a number or an answer."""
    if in_words := fact.text("in words"):
        return {"valueString": in_words}
    if why := fact.text("no value"):
        return {"dataAbsentReason": {"coding": [{"system": _ABSENT_REASONS, "code": why}]}}
    return {}


def dxa(fact: Fact, site: Site) -> list[Resource]:
    """`dxa: {t: -2.6, on: -400d}`, at the hip unless `code` says otherwise."""
    return _measured(fact, site, "hip dxa", None, "t")


def inr(fact: Fact, site: Site) -> list[Resource]:
    return _measured(fact, site, "inr", None)


def platelets(fact: Fact, site: Site) -> list[Resource]:
    return _measured(fact, site, "platelets", "10*9/L")


def crp(fact: Fact, site: Site) -> list[Resource]:
    return _measured(fact, site, "crp", "mg/L")


def temperature(fact: Fact, site: Site) -> list[Resource]:
    return _measured(fact, site, "temperature", "Cel")


def _classified(fact: Fact, site: Site, code: str, value: object) -> list[Resource]:
    made = _observation(fact, site, code)
    made["valueCodeableConcept"] = site.words.concept(value)
    return [made]


def asa(fact: Fact, site: Site) -> list[Resource]:
    if (number := fact.get("number")) is not None:
        return [_observation(fact, site, "asa class") | {"valueInteger": number}]
    return _classified(fact, site, "asa class", f"ASA {fact.get('class')}")


def pregnancy(fact: Fact, site: Site) -> list[Resource]:
    if unreadable := _unreadable(fact) or ({"valueBoolean": fact.get("boolean")} if fact.get("boolean") is not None else {}):
        return [_observation(fact, site, "pregnancy status") | unreadable]
    return _classified(fact, site, "pregnancy status", fact.get("says", "pregnant"))
