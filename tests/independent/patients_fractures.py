"""Made-up fractures, how they came about, and what imaging and examination say at their levels."""

from dataclasses import dataclass

from clinical.codes import NONE
from clinical.record import BodySite, Condition, Observation, Quantity, Site, Verification
from clinical.vertebra import VertebralLevel
from tests.independent.chance import ELSEWHERE, HIP, NECK_OR_SACRUM, NOT_SAID, NOT_UNDERSTOOD, SPINE, Chance, at

USUAL = tuple(VertebralLevel(name) for name in ("T5", "T7", "T8", "T11", "T12", "T12", "L1", "L1", "L2", "L3", "L4", "L5"))
UNUSUAL = tuple(VertebralLevel(name) for name in ("C2", "C7", "T1", "T4", "S1"))
FRACTURE_CODES: dict[tuple[str, ...], float] = {
    ("osteoporotic-vertebral-fracture",): 0.4,
    ("vertebral-compression-fracture",): 0.3,
    ("osteoporotic-vertebral-fracture", "vertebral-compression-fracture"): 0.05,
    ("vertebral-fracture",): 0.04,
    ("burst-vertebral-fracture",): 0.03,
    ("vertebral-fracture-other-cause",): 0.02,
    ("neoplastic-vertebral-fracture",): 0.02,
    ("osteoporotic-fracture-site-unspecified",): 0.03,
    ("fracture-site-unspecified",): 0.02,
    ("neoplastic-fracture-site-unspecified",): 0.01,
    ("compression-fracture-site-unspecified",): 0.03,
    ("fracture-other-cause-site-unspecified",): 0.02,
    ("history-of-vertebral-fracture",): 0.01,
    (): 0.02,
}
MODALITIES = (NONE, NONE, frozenset({"mri-study"}), frozenset({"mri-study"}), frozenset({"ct-study"}), frozenset({"radiograph-study"}),
              frozenset({"bone-scan-study"}), frozenset({"spect-study"}), frozenset({"ct-study", "mri-study"}),
              frozenset({"ct-study", "radiograph-study"}))  # fmt: skip
FINDINGS = ("marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss", "acute-vertebral-fracture",
            "healed-vertebral-fracture", "vertebral-compression-fracture", "osteoporotic-vertebral-fracture", "retropulsion",
            "vertebra-plana")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where and how long ago this patient broke a vertebra; the facts are made around it."""

    level: VertebralLevel
    days_ago: int


def places(chance: Chance) -> list[Place]:
    found: list[Place] = []
    for _ in range(chance.weighted({0: 0.05, 1: 0.5, 2: 0.26, 3: 0.13, 4: 0.06})):
        level = chance.of(USUAL)
        if found and chance.yes(0.3):
            level = chance.of((found[-1].level, chance.level_near(found[-1].level)))
        elif chance.yes(0.05):
            level = chance.of(UNUSUAL)
        found.append(Place(level, onset_days(chance)))
    return found


def onset_days(chance: Chance) -> int:
    if chance.careful():
        return chance.of((chance.number(20, 80), chance.number(20, 80), chance.near(42), chance.near(84)))
    return chance.of((chance.near(0, 14, 42, 84, 365), chance.number(0, 30), chance.number(85, 420)))


def fracture_conditions(chance: Chance, place: Place) -> list[Condition]:
    if chance.yes(0.08):
        return []
    told = [fracture_condition(chance, place, place.days_ago)]
    if chance.yes(0.15):
        offset = chance.of((0, 5, 29, 30, 31, 60, 90, 91, 150)) * chance.of((-1, 1))
        told.append(fracture_condition(chance, place, max(0, place.days_ago + offset)))
    return told


def fracture_condition(chance: Chance, place: Place, days_ago: int) -> Condition:
    code_set: tuple[str, ...] = chance.weighted(FRACTURE_CODES)
    concepts = frozenset(code_set)
    where = site_of(chance, place.level)
    if place.level.value[0] in "CS" and chance.yes(0.5) and concepts:
        concepts |= {"out-of-scope-vertebral-fracture"}
    abated = chance.yes(0.04)
    recorded = max(0, days_ago - chance.number(0, 10)) if chance.yes(0.95) else days_ago + chance.number(0, 50)
    return Condition(
        reference=chance.reference("Condition"),
        source=chance.source(),
        concepts=concepts,
        cause_concepts=cause(chance),
        hints=frozenset({"text-vertebral-fracture"}) if chance.yes(0.3) else NONE,
        site=where,
        inactive=chance.yes(0.5 if abated else 0.02),
        verification=verification(chance),
        onset=chance.when(days_ago) if chance.yes(0.9) else None,
        recorded=chance.when(recorded, 0.02) if chance.yes(0.8) else None,
        abated=abated,
        abatement=chance.when(chance.number(0, days_ago + 5) - 3) if abated and chance.yes(0.8) else None,
    )


def verification(chance: Chance) -> Verification:
    return chance.weighted({Verification.CONFIRMED: 0.93, Verification.UNCONFIRMED: 0.05, Verification.REFUTED: 0.02})


def site_of(chance: Chance, level: VertebralLevel) -> BodySite:
    if chance.careful():
        return BodySite(Site.LEVEL, level, disputed=chance.yes(0.03))
    return chance.of((at(level), NOT_SAID, SPINE, NECK_OR_SACRUM if level.value[0] in "CS" else SPINE, ELSEWHERE, NOT_UNDERSTOOD))


def cause(chance: Chance) -> frozenset[str]:
    if chance.yes(0.85):
        return NONE
    mechanisms = ("low-energy-mechanism", "low-energy-mechanism", "low-energy-mechanism", "high-energy-mechanism")
    return frozenset({chance.of((*mechanisms, "spinal-infection", "osteomyelitis-site-unspecified"))})


# what is found at the level


def seen(chance: Chance, finding: str, site: BodySite, days_ago: int, present: bool | None, modality: frozenset[str]) -> Observation:
    return Observation(
        reference=chance.reference("Observation"),
        source=chance.source(),
        concepts=frozenset({finding}),
        present=present,
        site=site,
        date=chance.when(days_ago, 0.04),
        preliminary=chance.yes(0.02),
        modality=modality,
    )


def imaging(chance: Chance, place: Place) -> list[Observation]:
    found = []
    if chance.careful():
        finding, modality = chance.of((("marrow-oedema", "mri-study"), ("marrow-oedema", ""), ("tracer-uptake", "spect-study"),
                                       ("acute-vertebral-fracture", "mri-study")))  # fmt: skip
        days = min(place.days_ago, chance.of((chance.number(0, 29), chance.near(30))))
        found.append(seen(chance, finding, at(place.level), days, True, frozenset({modality} - {""})))
    for _ in range(chance.weighted({0: 0.55, 1: 0.25, 2: 0.15, 3: 0.05})):
        days = max(0, chance.of((chance.near(30, place.days_ago), chance.number(0, 60), chance.number(0, place.days_ago + 20))))
        level = chance.weighted({place.level: 0.8, chance.level_near(place.level): 0.1, None: 0.1})
        present = chance.weighted({True: 0.6, False: 0.34, None: 0.06})
        found.append(seen(chance, chance.of(FINDINGS), at(level), days, present, chance.of(MODALITIES)))
        if chance.yes(0.2):
            finding = chance.of(("marrow-oedema", "tracer-uptake"))
            found.append(
                seen(chance, finding, at(level), max(0, days + chance.of((-2, -1, 0, 1, 2))), chance.yes(0.5), chance.of(MODALITIES))
            )
    return found


def examination(chance: Chance, place: Place) -> list[Observation]:
    found = []
    if chance.careful():
        days = min(place.days_ago + 3, chance.of((chance.number(0, 27), chance.near(28))))
        found.append(seen(chance, "vertebral-tenderness", at(place.level), days, True, NONE))
    for _ in range(chance.weighted({0: 0.7, 1: 0.2, 2: 0.1})):
        days = chance.of((chance.near(28, place.days_ago, place.days_ago + 3), chance.number(0, 35)))
        level = chance.weighted({place.level: 0.6, chance.level_near(place.level): 0.3, None: 0.1})
        found.append(seen(chance, "vertebral-tenderness", at(level), days, chance.weighted({True: 0.6, False: 0.35, None: 0.05}), NONE))
    return found


def bone_density(chance: Chance) -> list[Observation]:
    found = []
    for _ in range(chance.weighted({0: 0.6, 1: 0.3, 2: 0.1})):
        score = chance.of((-3.1, -2.6, -2.5, -2.5, -2.4, -1.8, -1.0, -1.0, -0.9, 0.3))
        days = chance.of((chance.number(0, 1500), chance.number(1820, 1832), 365 * 6))
        bounds = chance.weighted({(score, score): 0.95, (None, score): 0.03, (score, None): 0.02})
        found.append(
            Observation(
                reference=chance.reference("Observation"),
                source=chance.source(),
                concepts=frozenset({"dxa-t-score"}),
                quantity=Quantity(low=bounds[0], high=bounds[1]),
                site=chance.of((NOT_SAID, NOT_SAID, SPINE, HIP, at(VertebralLevel.L2), ELSEWHERE, NOT_UNDERSTOOD, NECK_OR_SACRUM)),
                date=chance.when(days),
                preliminary=chance.yes(0.03),
            )
        )
    return found


def mechanism(chance: Chance, place: Place) -> list[Observation]:
    if not chance.yes(0.12):
        return []
    concept = chance.of(("low-energy-mechanism", "low-energy-mechanism", "high-energy-mechanism"))
    days = max(0, place.days_ago + chance.of((-20, -5, -1, 0, 0, 0, 1, 30)))
    return [seen(chance, concept, NOT_SAID, days, chance.weighted({True: 0.85, False: 0.08, None: 0.07}), NONE)]
