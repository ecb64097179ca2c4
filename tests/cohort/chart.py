"""One made-up patient's FHIR R4 resources while they are gathered: days told as so many before today, codes told short."""

from datetime import date, timedelta
from typing import Any

Resource = dict[str, Any]

SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
OPCS = "https://fhir.hl7.org.uk/Id/opcs-4"
UCUM = "http://unitsofmeasure.org"
OWN = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"
HL7 = "http://terminology.hl7.org/CodeSystem/"

SYSTEMS = {
    "sct": SCT, "loinc": LOINC, "icd10": ICD10, "icd10cm": ICD10CM, "atc": ATC, "rxnorm": RXNORM, "dcm": DCM, "opcs4": OPCS, "own": OWN,
}  # fmt: skip
LEVEL_CODES = {
    "T5": "56401006", "T6": "45296009", "T7": "62487009", "T8": "11068009", "T9": "82687006", "T10": "7610001", "T11": "12989004",
    "T12": "23215003", "L1": "66794005", "L2": "14293000", "L3": "36470004", "L4": "11994002", "L5": "49668003",
}  # fmt: skip
LEVELS = tuple(LEVEL_CODES)
OF_PATIENT = ("AllergyIntolerance", "Immunization")


class Chart:
    """`resources` holds the Patient first; ids are `<patient>-<type>-<number>`."""

    def __init__(self, patient_id: str, today: date) -> None:
        self.patient_id = patient_id
        self.today = today
        self.resources: list[Resource] = []

    def add(self, kind: str, **members: Any) -> str:
        """Adds a resource of this patient, members that are None left out; its reference."""
        resource_id = f"{self.patient_id}-{kind.lower()}-{len(self.resources)}"
        whose = {"patient" if kind in OF_PATIENT else "subject": {"reference": f"Patient/{self.patient_id}"}}
        given = {name: value for name, value in members.items() if value is not None}
        self.resources.append({"resourceType": kind, "id": resource_id, **whose, **given})
        return f"{kind}/{resource_id}"

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    def month(self, ago: int) -> str:
        return self.day(ago)[: len("2026-11")]

    def moment(self, ago: int, hour: int = 10) -> str:
        return f"{self.day(ago)}T{hour:02}:15:00Z"


def concept(told: str, text: str | None = None) -> Resource:
    """`sct|66794005` as a CodeableConcept; several codings apart by spaces; without a bar it is a text."""
    if "|" not in told:
        return {"text": told}
    codings = [{"system": SYSTEMS[system], "code": code} for system, _, code in (each.partition("|") for each in told.split())]
    return {"coding": codings} | ({"text": text} if text else {})


def hl7(system: str, code: str) -> Resource:
    return {"coding": [{"system": HL7 + system, "code": code}]}


def at_level(level: str) -> Resource:
    return concept(f"sct|{LEVEL_CODES[level]}", level)


def quantity(value: float, unit: str, code: str | None = None) -> Resource:
    return {"value": value, "unit": unit} | ({"system": UCUM, "code": code} if code else {})


PRESENT, ABSENT = concept("sct|52101004"), concept("sct|2667000")
BACK, KNEE = concept("sct|77568009", "Back"), concept("Knee")


def condition(chart: Chart, code: Resource, **members: Any) -> str:
    """Active and confirmed unless told otherwise."""
    usual = {"clinicalStatus": hl7("condition-clinical", "active"), "verificationStatus": hl7("condition-ver-status", "confirmed")}
    return chart.add("Condition", **{**usual, "code": code, **members})


def observation(chart: Chart, code: Resource, when: str | None, **members: Any) -> str:
    return chart.add("Observation", **{"status": "final", "code": code, "effectiveDateTime": when, **members})
