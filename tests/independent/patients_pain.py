"""Made-up pain scores and statements, and medication of every kind, with gaps, overlaps, and hints."""

from clinical.codes import NONE
from clinical.record import Allergy, BodySite, Medication, MedicationKind, Observation, Quantity, Verification
from tests.independent.chance import ELSEWHERE, NECK_OR_SACRUM, NOT_SAID, NOT_UNDERSTOOD, SPINE, Chance, at
from tests.independent.patients_fractures import USUAL, Place, seen


def pain(chance: Chance, onset_days_ago: int) -> list[Observation]:
    found = []
    if chance.careful():
        index = min(onset_days_ago, chance.of((chance.number(0, 5), chance.number(0, 13), chance.near(14))))
        found.append(score(chance, index, chance.of((7, 7, 8, 8.5, 9, 10))))
        earlier = index + chance.of((chance.near(7), chance.number(7, 20)))
        if chance.careful():
            found.append(score(chance, earlier, chance.of((5, 6, 7, 8, 9))))
    for _ in range(chance.weighted({0: 0.5, 1: 0.25, 2: 0.15, 3: 0.1})):
        days = chance.of((chance.number(0, 30), chance.near(14, onset_days_ago, onset_days_ago + 3), chance.number(0, 3)))
        found.append(score(chance, days, chance.of((0, 2, 3, 3.9, 4, 5, 6, 6.9, 7, 8, 10))))
    if chance.yes(0.12):
        present = chance.weighted({True: 0.85, False: 0.1, None: 0.05})
        found.append(seen(chance, "persistent-back-pain", NOT_SAID, chance.of((chance.near(28), chance.number(0, 20))), present, NONE))
    if chance.yes(0.1):
        present = chance.weighted({True: 0.85, False: 0.1, None: 0.05})
        statement, days = "uncontrolled-despite-optimal-analgesia", chance.of((chance.near(28), chance.number(0, 20)))
        found.append(seen(chance, statement, NOT_SAID, days, present, NONE))
    return found


def score(chance: Chance, days_ago: int, of_ten: float) -> Observation:
    """On some scale: usually a plain NRS; else VAS in mm or cm, a coded word, a comparator, or something no one can read."""
    concept, quantity, words = expressed(chance, of_ten)
    return Observation(
        reference=chance.reference("Observation"),
        source=chance.source(),
        concepts=frozenset({concept}),
        quantity=quantity,
        value_concepts=words,
        site=pain_site(chance),
        date=chance.when(days_ago, 0.04),
        preliminary=chance.yes(0.02),
    )


def places_of_pain(seed: int, scores: list[Observation]) -> list[Observation]:
    """Beside some scores, where the pain mainly is, told apart; by a chance of its own, so that nothing else of the patient changes."""
    chance = Chance(-seed - 1)
    beside = [item for item in scores if chance.yes(0.1)]
    return [
        Observation(
            reference=f"{item.reference}-place", source=item.source, concepts=frozenset({"pain-location"}), date=item.date,
            site=chance.of((ELSEWHERE, NOT_UNDERSTOOD, NECK_OR_SACRUM, SPINE, NOT_SAID)), preliminary=chance.yes(0.1),
        )
        for item in beside
    ]  # fmt: skip


def pain_site(chance: Chance) -> BodySite:
    return chance.weighted(
        {NOT_SAID: 0.55, SPINE: 0.25, at(chance.of(USUAL)): 0.12, ELSEWHERE: 0.03, NOT_UNDERSTOOD: 0.02, NECK_OR_SACRUM: 0.03}
    )


def expressed(chance: Chance, ten: float) -> tuple[str, Quantity | None, frozenset[str]]:
    if chance.yes(0.7):
        return "pain-nrs", plain(ten, chance.of(("", "", "{score}", "1"))), NONE
    word = "severity-severe" if ten >= 7 else chance.of(("severity-moderate", "severity-mild"))
    return chance.of(
        (
            ("pain-vas", plain(ten * 10, "mm"), NONE),
            ("pain-vas", plain(ten, "cm"), NONE),
            ("pain-vas", plain(ten, ""), NONE),
            ("pain-vas", Quantity(low=ten * 10, high=ten * 10, scale_high=100), NONE),
            ("pain-vas", plain(ten * 10, ""), NONE),
            ("pain-nrs", Quantity(low=ten, high=ten, scale_high=chance.of((10, 10, 100))), NONE),
            ("pain-nrs", plain(ten * 10, chance.of(("", "%"))), NONE),
            ("pain-nrs", Quantity(low=ten, high=None, low_inclusive=chance.yes(0.5)), NONE),
            ("pain-nrs", Quantity(low=None, high=ten, high_inclusive=chance.yes(0.5)), NONE),
            ("pain-reported", None, frozenset({word})),
            ("pain-reported", None, frozenset({word})),
            ("pain-reported", plain(ten, ""), NONE),
            ("pain-reported", Quantity(low=ten, high=ten, scale_high=10), NONE),
            ("pain-faces", plain(ten, ""), NONE),
            ("pain-score-scale-unstated", plain(ten, ""), NONE),
            ("pain-score-scale-unstated", Quantity(low=ten, high=ten, scale_high=10), NONE),
            ("pain-nrs", plain(-1, ""), NONE),
            ("pain-nrs", None, NONE),
        )
    )


def plain(value: float, unit: str) -> Quantity:
    return Quantity(low=value, high=value, unit=unit)


# medication


def medications(chance: Chance, onset_days_ago: int) -> list[Medication]:
    found = []
    if chance.careful():
        start = min(onset_days_ago, chance.number(12, 60)) + chance.of((0, 0, 5))
        found += course(chance, chance.of(("weak-opioid", "strong-opioid")), start, chance.yes(0.6))
    for _ in range(chance.weighted({0: 0.4, 1: 0.25, 2: 0.2, 3: 0.15})):
        concept = chance.of(("paracetamol", "paracetamol", "nsaid", "weak-opioid", "strong-opioid", "gabapentinoid", "calcitonin", ""))
        found += course(chance, concept, chance.of((chance.near(14, onset_days_ago), chance.number(0, 60), 120)), chance.yes(0.4))
    if chance.yes(0.1):
        found += course(chance, chance.of(("anticoagulant", "antiplatelet")), chance.number(0, 60), chance.yes(0.6))
    return found


def course(chance: Chance, concept: str, start: int, ongoing: bool) -> list[Medication]:
    """One stretch, or several with gaps or overlaps."""
    kind = chance.of(tuple(MedicationKind))
    if ongoing:
        return [medication(chance, concept, kind, start, None, True)]
    if chance.yes(0.3):
        parts = []
        for _ in range(chance.number(2, 4)):
            length = chance.of((0, 3, 6, 7, 13))
            parts.append(medication(chance, concept, kind, max(0, start), max(0, start - length), False))
            start -= length + chance.of((-2, 1, 1, 4))
        return parts
    stop = start - chance.of((12, 13, 13, 14, 20, 3))
    return [medication(chance, concept, kind, start, None if chance.yes(0.06) else stop, False)]


def medication(chance: Chance, concept: str, kind: MedicationKind, start: int, stop: int | None, ongoing: bool) -> Medication:
    return Medication(
        reference=chance.reference("Medication" + kind.value.capitalize()),
        source=chance.source(),
        kind=kind,
        concepts=frozenset({concept} - {""}),
        hints=frozenset({"text-opioid"}) if not concept or chance.yes(0.02) else NONE,
        start=chance.when(start, 0.04),
        stop=None if stop is None else chance.when(stop, 0.04),
        ongoing=ongoing,
        as_needed=chance.yes(0.1),
        stopped_for_intolerance=not ongoing and chance.yes(0.06),
    )


def allergies(chance: Chance) -> list[Allergy]:
    found = []
    for _ in range(chance.weighted({0: 0.85, 1: 0.12, 2: 0.03})):
        name = chance.of(("opioid-agent", "opioid-agent", "opioid-intolerance", "pmma-allergy", "iodinated-contrast-allergy", ""))
        found.append(
            Allergy(
                reference=chance.reference("AllergyIntolerance"),
                source=chance.source(),
                concepts=frozenset({name}) if name else NONE,
                hints=NONE if name else frozenset({chance.of(("text-bone-cement", "text-bone-cement-perhaps"))}),
                inactive=chance.yes(0.15),
                verification=chance.weighted({Verification.CONFIRMED: 0.7, Verification.UNCONFIRMED: 0.2, Verification.REFUTED: 0.1}),
                recorded=chance.when(chance.number(0, 900)) if chance.yes(0.6) else None,
            )
        )
    return found


def longest_episode(places: list[Place]) -> int:
    return max((place.days_ago for place in places), default=40)
