"""Whole made-up patients, each from one seed: fractures, pain, imaging, medication, and all that may speak against a procedure."""

from datetime import date, timedelta

from msgspec.structs import replace

from clinical.codes import NONE
from clinical.dates import PartialDate
from clinical.record import Condition, DataGap, Observation, Patient, PatientRecord, Procedure, Quantity
from tests.independent import patients_fractures as bones
from tests.independent import patients_pain as suffering
from tests.independent.chance import ELSEWHERE, HIP, NOT_SAID, NOT_UNDERSTOOD, SPINE, Chance, T, at

DISEASES = ("osteoporosis", "spinal-malignancy", "active-malignancy", "spinal-infection", "osteomyelitis-site-unspecified",
            "systemic-infection", "neurological-compromise", "radiculopathy", "coagulopathy", "thrombocytopenia",
            "long-term-antithrombotic", "pregnancy", "cardiopulmonary-or-positioning", "opioid-intolerance", "persistent-back-pain",
            "back-pain", "low-energy-mechanism", "high-energy-mechanism")  # fmt: skip
GAPS = ("Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "ImagingStudy", "DiagnosticReport", "Procedure")


def patient(seed: int) -> tuple[PatientRecord, date]:
    """One record and the day on which it is judged."""
    chance = Chance(seed)
    places = bones.places(chance)
    conditions: list[Condition] = []
    observations: list[Observation] = []
    for place in places:
        conditions += bones.fracture_conditions(chance, place)
        observations += bones.imaging(chance, place) + bones.examination(chance, place) + bones.mechanism(chance, place)
    onset = suffering.longest_episode(places) if chance.yes(0.5) else min((place.days_ago for place in places), default=40)
    scores = suffering.pain(chance, onset)
    observations += scores + suffering.places_of_pain(seed, scores) + bones.bone_density(chance) + laboratory(chance) + states(chance)
    observations += unreadable(seed, chance.today)
    conditions += diseases(chance, onset)
    record = PatientRecord(
        patient=person(chance),
        conditions=shuffled(chance, conditions),
        observations=shuffled(chance, observations),
        medications=tuple(suffering.medications(chance, onset)),
        allergies=tuple(suffering.allergies(chance)),
        procedures=tuple(procedures(chance, places)),
        data_gaps=(DataGap(chance.of(GAPS), "failed"),) if chance.yes(0.04) else (),
    )
    return record, chance.today


def shuffled(chance: Chance, facts: list[T]) -> tuple[T, ...]:
    chance.random.shuffle(facts)
    return tuple(facts)


def person(chance: Chance) -> Patient:
    odd = not chance.yes(0.95)
    return Patient(
        id="p",
        reference="Patient/p",
        source="bundle",
        birth_date=birth(chance),
        deceased=odd and chance.yes(0.3),
        active=not (odd and chance.yes(0.3)),
        replaced=odd and chance.yes(0.3),
    )


def birth(chance: Chance) -> PartialDate | None:
    years = chance.weighted({chance.number(55, 95): 0.9, chance.of((17, 18, 49, 50)): 0.05, chance.number(19, 48): 0.03, 0: 0.02})
    if years == 0:
        return None
    day = date(chance.today.year - years, chance.today.month, min(chance.today.day, 28)) + timedelta(chance.of((-1, 0, 1, 40)))
    return PartialDate(date(day.year, 1, 1), date(day.year, 12, 31)) if chance.yes(0.05) else PartialDate(day, day)


def diseases(chance: Chance, onset: int) -> list[Condition]:
    found = [disease(chance, "osteoporosis", 2000)] if chance.yes(0.35) else []
    for _ in range(chance.weighted({0: 0.72, 1: 0.2, 2: 0.08})):
        name = chance.of(DISEASES)
        found.append(disease(chance, name, chance.of((chance.near(14, onset), chance.number(0, 90), 800))))
    return found


def disease(chance: Chance, name: str, days_ago: int) -> Condition:
    concepts = {name} | ({"inactive-malignancy"} if name == "active-malignancy" and chance.yes(0.2) else set())
    abated = chance.yes(0.08)
    return Condition(
        reference=chance.reference("Condition"),
        source=chance.source(),
        concepts=frozenset(concepts),
        hints=frozenset({"text-vertebral-fracture"}) if chance.yes(0.04) else NONE,
        site=chance.weighted(
            {NOT_SAID: 0.7, SPINE: 0.1, ELSEWHERE: 0.04, NOT_UNDERSTOOD: 0.03, HIP: 0.03, at(chance.of(bones.USUAL)): 0.1}
        ),
        inactive=chance.yes(0.06),
        said_active=chance.yes(0.5),
        verification=bones.verification(chance),
        onset=chance.when(days_ago) if chance.yes(0.7) else None,
        recorded=chance.when(max(0, days_ago - 5), 0.02) if chance.yes(0.7) else None,
        abated=abated,
        abatement=chance.when(chance.number(-5, days_ago)) if abated and chance.yes(0.8) else None,
    )


def laboratory(chance: Chance) -> list[Observation]:
    found = []
    for concept, share, values, days, units in (
        ("inr", 0.12, (1.0, 1.4, 1.5, 1.8, 1.81, 3.2), 7, ("", "{inr}")),
        ("platelets", 0.12, (49, 50, 99, 100, 220), 30, ("10*9/l", "10*3/ul")),
        ("crp", 0.06, (12, 50, 50.1, 80), 7, ("mg/l",)),
        ("temperature", 0.06, (37.0, 37.9, 38.0, 39.2), 7, ("cel",)),
    ):
        while chance.yes(share):
            days_ago = chance.of((chance.near(days), chance.number(0, days)))
            found.append(measured(chance, concept, chance.of(values), chance.of(units), days_ago))
    return found


def unreadable(seed: int, today: date) -> list[Observation]:
    """Results in words, not done or in no known unit, and a pregnancy status without an answer; by a chance of its own."""
    chance = Chance(-seed - 1)
    chance.today, chance.numbered = today, 1000
    found = []
    while chance.yes(0.2):
        concept, unit, days = chance.of(
            (("inr", "", 7), ("platelets", "per field", 30), ("crp", "g/l", 7), ("temperature", "k", 7), ("pregnancy-status", "", 294))
        )
        in_another_unit = bool(unit) and chance.yes(0.5)
        seen = measured(chance, concept, chance.of((0.06, 220)), unit, chance.of((chance.near(days), chance.number(0, 7))))
        found.append(seen if in_another_unit else replace(seen, quantity=None, unread=chance.yes(0.8)))
    return found


def measured(chance: Chance, concept: str, value: float, unit: str, days_ago: int) -> Observation:
    quantity = Quantity(low=value, high=value, unit=unit)
    if chance.yes(0.05):
        high = concept != "platelets"
        quantity = Quantity(low=value if high else None, high=None if high else value, low_inclusive=False, high_inclusive=False, unit=unit)
    return Observation(
        reference=chance.reference("Observation"),
        source=chance.source(),
        concepts=frozenset({concept}),
        quantity=quantity,
        date=chance.when(days_ago, 0.05),
        preliminary=chance.yes(0.04),
    )


def states(chance: Chance) -> list[Observation]:
    found = []
    if chance.yes(0.03):
        found.append(stated(chance, "pregnancy-status", chance.of(("pregnant", "not-pregnant"))))
    if chance.yes(0.03):
        found.append(stated(chance, "asa-class", chance.of(("asa-4-or-5", "severity-mild"))))
    for concept in ("cardiopulmonary-or-positioning", "opioid-intolerance"):
        if chance.yes(0.03):
            present = chance.weighted({True: 0.8, False: 0.15, None: 0.05})
            found.append(bones.seen(chance, concept, NOT_SAID, chance.number(0, 60), present, NONE))
    return found


def stated(chance: Chance, concept: str, value: str) -> Observation:
    return Observation(
        reference=chance.reference("Observation"),
        source=chance.source(),
        concepts=frozenset({concept}),
        value_concepts=frozenset({value}),
        date=chance.when(chance.number(0, 60)),
    )


def procedures(chance: Chance, places: list[bones.Place]) -> list[Procedure]:
    if not chance.yes(0.05):
        return []
    levels = [place.level for place in places] + [chance.of(bones.USUAL)]
    return [
        Procedure(
            reference=chance.reference("Procedure"),
            source=chance.source(),
            concepts=frozenset({chance.of(("vertebroplasty", "balloon-kyphoplasty", "kyphoplasty-with-stent"))}),
            site=chance.of((at(chance.of(levels)), at(chance.of(levels)), SPINE, NOT_SAID)),
            completed=chance.yes(0.85),
            performed=chance.when(chance.number(0, 900)),
        )
    ]
