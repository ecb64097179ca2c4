"""Charts to measure with: ordinary resources without end, and a fracture that meets every criterion.

Shapes and code frequencies follow public synthetic records; labels are our own words. Noise is older than four months, so that it never
becomes evidence. Signal and noise draw from their own seeds: a chart has the same noise with and without the fracture.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Resource = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
FINDINGS = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"

NOISE_SEED = 279
SIGNAL_SEED = 166

PROBLEMS = (
    ("444814009", "Viral sinusitis"),
    ("195662009", "Viral sore throat"),
    ("15777000", "Raised blood sugar, not diabetes"),
    ("10509002", "Bronchitis"),
    ("38341003", "High blood pressure"),
    ("68496003", "Bowel polyp"),
    ("40055000", "Long-lasting sinusitis"),
    ("88805009", "Heart failure"),
)
MEASUREMENTS = (
    ("8302-2", "Height", "vital-signs", "cm", 150, 190),
    ("29463-7", "Weight", "vital-signs", "kg", 50, 100),
    ("39156-5", "Body mass index", "vital-signs", "kg/m2", 19, 34),
    ("2339-0", "Glucose", "laboratory", "mg/dL", 70, 130),
    ("38483-4", "Creatinine", "laboratory", "mg/dL", 0.6, 1.4),
    ("49765-1", "Calcium", "laboratory", "mg/dL", 8.5, 10.2),
    ("2947-0", "Sodium", "laboratory", "mmol/L", 136, 144),
    ("6298-4", "Potassium", "laboratory", "mmol/L", 3.6, 5.2),
    ("2093-3", "Cholesterol", "laboratory", "mg/dL", 150, 240),
    ("777-3", "Platelets", "laboratory", "10*3/uL", 180, 400),
    ("1988-5", "C-reactive protein", "laboratory", "mg/L", 1, 6),
    ("6301-6", "INR", "laboratory", "{INR}", 0.9, 1.1),
    ("72514-3", "Pain, 0 to 10", "vital-signs", "{score}", 0, 5),
)
DRUGS = (
    ("316672", "Simvastatin 10 mg"),
    ("316049", "Hydrochlorothiazide 25 mg"),
    ("197604", "Digoxin 0.125 mg"),
    ("897718", "Verapamil 40 mg"),
)
ACTS = (
    ("428191000124101", "Medicines reviewed"),
    ("73761001", "Colonoscopy"),
    ("127783003", "Spirometry"),
    ("171207006", "Mood questionnaire"),
)
PANELS = (("57698-3", "Lipids"), ("51990-0", "Basic chemistry"), ("58410-2", "Blood count"), ("24323-8", "Full chemistry"))
ALLERGIES = (("418689008", "Grass pollen"), ("419474003", "Mould"), ("91930004", "Egg"))


def code(system: str, value: str, label: str) -> Resource:
    return {"coding": [{"system": system, "code": value, "display": label}], "text": label}


def category(name: str, value: str) -> list[Resource]:
    return [{"coding": [{"system": f"{HL7}/{name}", "code": value, "display": value.replace("-", " ").capitalize()}]}]


def status(name: str, value: str) -> Resource:
    return {"coding": [{"system": f"{HL7}/{name}", "code": value}]}


class Chart:
    """One patient's resources, made one at a time. `today` is the day of the call."""

    def __init__(self, today: date, seed: int = NOISE_SEED, patient_id: str = "") -> None:
        self.today = today
        self.random = Random(seed)
        self.patient_id = patient_id or self.new_id()
        self.noise_of: dict[str, Callable[[], Resource]] = {
            "Observation": self.measurement,
            "Condition": self.problem,
            "MedicationRequest": self.prescription,
            "MedicationStatement": self.statement,
            "MedicationDispense": self.dispense,
            "MedicationAdministration": self.administration,
            "DiagnosticReport": self.report,
            "Procedure": self.act,
            "ImagingStudy": self.study,
            "AllergyIntolerance": self.allergy,
        }

    def new_id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def ago(self, days: float) -> str:
        moment = datetime(self.today.year, self.today.month, self.today.day, 9, 30, tzinfo=UTC) - timedelta(days=days)
        return moment.isoformat(timespec="seconds")

    def long_ago(self) -> str:
        return self.ago(self.random.uniform(120, 5000))

    def resource(self, kind: str, **members: Any) -> Resource:
        subject = "patient" if kind == "AllergyIntolerance" else "subject"
        return {
            "resourceType": kind,
            "id": self.new_id(),
            "meta": {"versionId": "1", "lastUpdated": self.long_ago()},
            subject: {"reference": f"Patient/{self.patient_id}"},
            "encounter": {"reference": f"Encounter/{self.new_id()}"},
            **members,
        }

    def patient(self) -> Resource:
        born = self.today.replace(year=self.today.year - 76, day=1)
        return {
            "resourceType": "Patient",
            "id": self.patient_id,
            "meta": {"versionId": "4", "lastUpdated": self.long_ago()},
            "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": self.new_id()}],
            "active": True,
            "name": [{"use": "official", "family": "Bench", "given": ["Ordinary"]}],
            "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}],
            "gender": "female",
            "birthDate": born.isoformat(),
            "address": [{"line": ["1 Example Street"], "city": "Exampleton", "postalCode": "00000", "country": "US"}],
            "communication": [{"language": code("urn:ietf:bcp:47", "en-US", "English")}],
        }

    def measurement(self) -> Resource:
        value, label, kind, unit, low, high = self.random.choice(MEASUREMENTS)
        return self.observation(value, label, kind, self.long_ago(), {"value": self.random.uniform(low, high), "unit": unit})

    def observation(self, value: str, label: str, kind: str, when: str, quantity: Resource) -> Resource:
        return self.resource(
            "Observation",
            status="final",
            category=category("observation-category", kind),
            code=code(LOINC, value, label),
            effectiveDateTime=when,
            issued=when,
            valueQuantity={**quantity, "system": UCUM, "code": quantity["unit"]},
        )

    def problem(self) -> Resource:
        value, label = self.random.choice(PROBLEMS)
        return self.condition(code(SNOMED, value, label), self.long_ago(), self.random.choice(["active", "resolved"]))

    def condition(self, what: Resource, when: str, clinical: str = "active") -> Resource:
        return self.resource(
            "Condition",
            clinicalStatus=status("condition-clinical", clinical),
            verificationStatus=status("condition-ver-status", "confirmed"),
            category=category("condition-category", self.random.choice(["problem-list-item", "encounter-diagnosis"])),
            code=what,
            onsetDateTime=when,
            recordedDate=when,
        )

    def drug(self) -> Resource:
        return code(RXNORM, *self.random.choice(DRUGS))

    def prescription(self) -> Resource:
        return self.resource(
            "MedicationRequest",
            status=self.random.choice(["active", "completed", "stopped"]),
            intent="order",
            medicationCodeableConcept=self.drug(),
            authoredOn=self.long_ago(),
            requester={"reference": f"Practitioner/{self.new_id()}", "display": "Dr Example"},
            dosageInstruction=[
                {"sequence": 1, "text": "One daily", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
            ],
        )

    def statement(self) -> Resource:
        drug, start = self.drug(), self.long_ago()
        return self.resource("MedicationStatement", status="completed", medicationCodeableConcept=drug, effectivePeriod={"start": start})

    def dispense(self) -> Resource:
        supply = {"value": 28, "unit": "d", "system": UCUM, "code": "d"}
        when = self.long_ago()
        return self.resource(
            "MedicationDispense", status="completed", medicationCodeableConcept=self.drug(), daysSupply=supply, whenHandedOver=when
        )

    def administration(self) -> Resource:
        drug, when = self.drug(), self.long_ago()
        return self.resource("MedicationAdministration", status="completed", medicationCodeableConcept=drug, effectiveDateTime=when)

    def report(self) -> Resource:
        value, label = self.random.choice(PANELS)
        when = self.long_ago()
        return self.resource(
            "DiagnosticReport",
            status="final",
            category=category("v2-0074", "LAB"),
            code=code(LOINC, value, label),
            effectiveDateTime=when,
            issued=when,
            result=[{"reference": f"Observation/{self.new_id()}", "display": label} for _ in range(4)],
            conclusion="Within the range expected for age.",
        )

    def act(self) -> Resource:
        value, label = self.random.choice(ACTS)
        when = self.long_ago()
        performed = {"start": when, "end": when}
        return self.resource("Procedure", status="completed", code=code(SNOMED, value, label), performedPeriod=performed)

    def study(self) -> Resource:
        when = self.long_ago()
        series = {"uid": f"2.25.{self.random.getrandbits(64)}", "number": 1, "started": when, "numberOfInstances": 2}
        modality = {"system": DICOM, "code": "DX"}
        site = {"system": SNOMED, "code": "344001", "display": "Ankle"}
        return self.resource(
            "ImagingStudy",
            status="available",
            started=when,
            modality=[modality],
            series=[{**series, "modality": modality, "bodySite": site}],
        )

    def allergy(self) -> Resource:
        value, label = self.random.choice(ALLERGIES)
        return self.resource(
            "AllergyIntolerance",
            clinicalStatus=status("allergyintolerance-clinical", "active"),
            verificationStatus=status("allergyintolerance-verification", "confirmed"),
            code=code(SNOMED, value, label),
            recordedDate=self.long_ago(),
        )

    def with_signal(self) -> "Chart":
        """The same patient, drawing from the other seed."""
        return Chart(self.today, SIGNAL_SEED, self.patient_id)

    def eligible_fracture(self) -> Iterator[Resource]:
        """A woman of 76 with known osteoporosis and an L1 fracture of five weeks ago: every criterion met, no flag."""
        yield self.condition(code(ICD10CM, "M81.0", "Osteoporosis"), self.ago(1500))
        yield self.condition(code(ICD10CM, "S32.010A", "Wedge fracture of L1"), self.ago(35))
        for days, score in ((33, 9), (5, 8)):
            yield self.observation("72514-3", "Pain, 0 to 10", "vital-signs", self.ago(days), {"value": score, "unit": "{score}"})
        opioid = code(RXNORM, "857002", "Hydrocodone 5 mg with acetaminophen 325 mg")
        supply = {"value": 28, "unit": "d", "system": UCUM, "code": "d"}
        yield {**self.prescription(), "status": "active", "medicationCodeableConcept": opioid, "authoredOn": self.ago(33)}
        yield {**self.dispense(), "medicationCodeableConcept": opioid, "daysSupply": supply, "whenHandedOver": self.ago(33)}
        yield self.finding("vertebral-tenderness", "Tender on percussion", "exam", 5)
        yield self.finding("marrow-oedema", "Marrow oedema on STIR", "imaging", 10)

    def finding(self, value: str, label: str, kind: str, days: float) -> Resource:
        return self.resource(
            "Observation",
            status="final",
            category=category("observation-category", kind),
            code=code(FINDINGS, value, label),
            bodySite=code(SNOMED, "66794005", "L1"),
            effectiveDateTime=self.ago(days),
            issued=self.ago(days),
            valueCodeableConcept=code(LOINC, "LA9633-4", "Present"),
        )
