"""A whole made-up patient in FHIR R4: near to meeting every criterion, with some things otherwise.

About one in four meets them all. Every choice comes from the dice, so the same dice make the same patient.
"""

from datetime import date

from tests.cohort.chart import HL7, LEVELS, Chart, Resource, concept, condition, observation, quantity
from tests.cohort.dice import Dice, mostly, once_in, pick
from tests.cohort.fracture import add_cause, add_fracture
from tests.cohort.level_findings import add_examination, add_imaging
from tests.cohort.patient_wide import add_analgesia, add_flags, add_pain

NOISE = 4


def add_patient(chart: Chart, dice: Dice) -> None:
    age = mostly(dice, [(50, 95)], [(18, 49), (15, 18), (49, 51)])
    years = dice.number(*age)
    born = date(chart.today.year - years, dice.number(1, 12), dice.number(1, 28))
    gender = pick(dice, ["female", "male", "other", "unknown"])
    patient: Resource = {"resourceType": "Patient", "id": chart.patient_id, "gender": gender, "birthDate": born.isoformat(), "active": True}
    if once_in(dice, 30):
        patient |= pick(
            dice, [{"active": False}, {"deceasedBoolean": True}, {"birthDate": str(born.year)}, {"birthDate": str(chart.today.year - 18)}]
        )
    chart.resources.append(patient)


def add_fracture_and_evidence(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    """One fracture with what imaging and examination say at its level."""
    add_fracture(chart, dice, level, ago)
    add_imaging(chart, dice, level, ago)
    add_examination(chart, dice, level, ago)


def add_noise(chart: Chart, dice: Dice) -> None:
    """What a patient also has, and no rule asks about."""
    ways = [_blood_pressure, _hypertension, _statin, _cataract, _visit, _wrist]
    for _ in range(dice.number(0, NOISE)):
        pick(dice, ways)(chart, dice)


def _blood_pressure(chart: Chart, dice: Dice) -> None:
    values = {"loinc|8480-6": dice.number(100, 180), "loinc|8462-4": dice.number(50, 100)}
    components = [{"code": concept(code), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")} for code, value in values.items()]
    observation(chart, concept("loinc|85354-9", "Blood pressure"), chart.moment(dice.number(0, 300)), component=components)


def _hypertension(chart: Chart, dice: Dice) -> None:
    condition(chart, {"text": "High blood pressure"}, onsetDateTime=chart.day(dice.number(300, 5000)))


def _statin(chart: Chart, dice: Dice) -> None:
    code = {"text": "Atorvastatin 20 mg tablets"}
    day = chart.day(dice.number(0, 90))
    chart.add("MedicationRequest", status="active", intent="order", medicationCodeableConcept=code, authoredOn=day)


def _cataract(chart: Chart, dice: Dice) -> None:
    day = chart.day(dice.number(30, 4000))
    chart.add("Procedure", status="completed", code={"text": "Cataract removal"}, bodySite=[{"text": "Left eye"}], performedDateTime=day)


def _visit(chart: Chart, dice: Dice) -> None:
    day = dice.number(0, 400)
    period = {"start": chart.moment(day, 10), "end": chart.moment(day, 11)}
    chart.add("Encounter", status="finished", period=period, **{"class": {"system": f"{HL7}v3-ActCode", "code": "AMB"}})


def _wrist(chart: Chart, dice: Dice) -> None:
    condition(chart, {"text": "Broken wrist"}, bodySite=[{"text": "Left wrist"}], onsetDateTime=chart.day(dice.number(100, 3000)))


def make_chart(dice: Dice, patient_id: str, today: date) -> Chart:
    """One patient with one fracture, now and then with none, or with a second or third."""
    chart = Chart(patient_id, today)
    add_patient(chart, dice)
    first = mostly(dice, [(18, 84)], [(0, 17), (83, 86), (85, 364), (360, 370)])
    ago = dice.number(*first)
    places = [pick(dice, LEVELS)] if not once_in(dice, 20) else []
    while places and len(places) < 3 and once_in(dice, 4):
        places.append(pick(dice, LEVELS))
    for number, level in enumerate(places):
        add_fracture_and_evidence(chart, dice, level, ago if number == 0 else dice.number(0, 250))
    add_cause(chart, dice, ago)
    add_pain(chart, dice, ago)
    add_analgesia(chart, dice, ago)
    add_flags(chart, dice, ago)
    add_noise(chart, dice)
    return chart


def bundle_of(resources: list[Resource], kind: str = "collection") -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": resource} for resource in resources]}
