"""The fracture of a made-up patient, the ways it may be recorded, and what the record says of its cause."""

from collections.abc import Callable
from typing import Any

from tests.cohort.chart import ABSENT, PRESENT, Chart, Resource, at_level, concept, condition, hl7, observation, quantity
from tests.cohort.dice import Dice, mostly, once_in, pick

Way = Callable[[Chart, Dice, str, int], object]
"""Adds to the chart a fracture of that level that happened so many days ago."""

UNLEVELLED = ("sct|240198002", "icd10|M80.0", "icd10|M48.5", "icd10cm|M80.08XA", "sct|207951009")
LUMBAR_WEDGE = {f"L{number}": f"icd10cm|S32.0{number}0A" for number in range(1, 6)}


def add_fracture(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    usual: list[Way] = [_coded, _coded, _in_icd_with_text, _coded_and_told_twice]
    unusual: list[Way] = [
        _bounded, _by_month, _period, _without_level, _provisional, _refuted, _resolved, _in_words, _type_not_stated, _burst,
        _on_imaging_only, _neoplastic, _retold_weeks_later, _abated, _imaged_away, _coded_for_another_level,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, level, ago)


def _code(dice: Dice, level: str) -> str:
    own = ["sct|203451004" if level.startswith("T") else "sct|203450003", "sct|240198002", "icd10cm|M80.08XA"]
    return pick(dice, [*own, LUMBAR_WEDGE.get(level, "icd10|M48.5"), "icd10|M48.5"])


def _fracture(chart: Chart, code: str, level: str, **members: Any) -> str:
    return condition(chart, concept(code, "Broken vertebra"), **{"bodySite": [at_level(level)], **members})


def _dated(chart: Chart, ago: int) -> Resource:
    return {"onsetDateTime": chart.day(ago), "recordedDate": chart.day(max(0, ago - 1))}


def _coded(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, _code(dice, level), level, **_dated(chart, ago))


def _coded_for_another_level(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, pick(dice, list(LUMBAR_WEDGE.values())), level, **_dated(chart, ago))


def _in_icd_with_text(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, pick(dice, ["icd10|M80.0", "icd10cm|M80.08XA"]), level, **{**_dated(chart, ago), "bodySite": [{"text": level}]})


def _coded_and_told_twice(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _coded(chart, dice, level, ago)
    _fracture(chart, pick(dice, UNLEVELLED), level, **{**_dated(chart, max(0, ago - dice.number(0, 6))), "bodySite": None})


def _bounded(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, _code(dice, level), level, recordedDate=chart.day(ago))


def _by_month(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, _code(dice, level), level, onsetDateTime=chart.month(ago))


def _period(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    period = {"start": chart.day(ago + dice.number(0, 20)), "end": chart.day(ago)}
    _fracture(chart, _code(dice, level), level, onsetPeriod=period)


def _without_level(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, pick(dice, UNLEVELLED), level, **{**_dated(chart, ago), "bodySite": pick(dice, [None, [concept("Lumbar spine")]])})


def _provisional(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    status = hl7("condition-ver-status", pick(dice, ["provisional", "unconfirmed", "differential"]))
    _fracture(chart, _code(dice, level), level, **_dated(chart, ago), verificationStatus=status)


def _refuted(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    if once_in(dice, 2):
        _coded(chart, dice, level, ago)
    _fracture(chart, _code(dice, level), level, **_dated(chart, ago), verificationStatus=hl7("condition-ver-status", "refuted"))


def _resolved(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, _code(dice, level), level, **_dated(chart, ago), clinicalStatus=hl7("condition-clinical", "resolved"))


def _abated(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    end = {"clinicalStatus": hl7("condition-clinical", "inactive"), "abatementDateTime": chart.day(dice.number(0, ago))}
    _fracture(chart, _code(dice, level), level, **_dated(chart, ago), **end)


def _in_words(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    condition(chart, {"text": f"Wedge fracture of {level} vertebra"}, **_dated(chart, ago))


def _type_not_stated(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, pick(dice, ["sct|125607007", "sct|42157000", "icd10|S32.0"]), level, **_dated(chart, ago))


def _burst(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _coded(chart, dice, level, ago)
    _fracture(chart, "sct|281924004" if level.startswith("T") else "sct|207958003", level, **_dated(chart, ago))


def _on_imaging_only(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    seen = chart.day(max(0, ago - dice.number(0, 5)))
    observation(chart, concept("own|vertebral-compression-fracture"), seen, bodySite=at_level(level), valueCodeableConcept=PRESENT)


def _neoplastic(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _fracture(chart, pick(dice, ["icd10cm|M84.58XA", "sct|203449003"]), level, **_dated(chart, ago))


def _retold_weeks_later(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _coded(chart, dice, level, ago)
    _coded(chart, dice, level, ago + dice.number(20, 120))


def _imaged_away(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _coded(chart, dice, level, ago)
    later = chart.day(dice.number(0, ago))
    observation(chart, concept("own|vertebral-compression-fracture"), later, bodySite=at_level(level), valueCodeableConcept=ABSENT)


def add_cause(chart: Chart, dice: Dice, ago: int) -> None:
    """What the record says of osteoporosis, and of any other cause."""
    usual = [_osteoporosis, _low_density, _osteoporosis_and_density]
    unusual = [
        _no_cause, _reduced_density, _fall_with_density, _doubtful_osteoporosis, _old_density, _cancer, _spinal_cancer, _high_energy,
        _better_density_since, _density_elsewhere, _undated_density,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, ago)


def _osteoporosis(chart: Chart, dice: Dice, ago: int) -> None:
    condition(chart, concept(pick(dice, ["sct|64859006", "icd10cm|M81.0", "icd10|M81.9"])), recordedDate=chart.day(ago + 400))


def _density(chart: Chart, score: float, ago: int | None, **members: Any) -> None:
    value = quantity(score, "{T-score}", "{T-score}")
    day = None if ago is None else chart.day(ago)
    observation(chart, concept("loinc|38264-8", "Bone density of the hip"), day, valueQuantity=value, **members)


def _low_density(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(25, 45) / 10, dice.number(1, 1800))


def _osteoporosis_and_density(chart: Chart, dice: Dice, ago: int) -> None:
    _osteoporosis(chart, dice, ago)
    _density(chart, -dice.number(5, 45) / 10, dice.number(1, 1800))


def _no_cause(chart: Chart, dice: Dice, ago: int) -> None:
    if once_in(dice, 3):
        _density(chart, dice.number(-9, 9) / 10, dice.number(1, 900))


def _reduced_density(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(10, 24) / 10, dice.number(1, 900))


def _fall_with_density(chart: Chart, dice: Dice, ago: int) -> None:
    _reduced_density(chart, dice, ago)
    condition(chart, concept(pick(dice, ["sct|44188002", "icd10|W01"])), onsetDateTime=chart.day(max(0, ago - dice.number(0, 2))))


def _doubtful_osteoporosis(chart: Chart, dice: Dice, ago: int) -> None:
    status = hl7("condition-ver-status", pick(dice, ["provisional", "refuted", "unconfirmed"]))
    condition(chart, concept("sct|64859006"), recordedDate=chart.day(ago), verificationStatus=status)


def _old_density(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(25, 45) / 10, dice.number(1800, 4000))


def _better_density_since(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(25, 45) / 10, dice.number(400, 1800))
    _density(chart, dice.number(-9, 9) / 10, dice.number(1, 390))


def _density_elsewhere(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(25, 45) / 10, dice.number(1, 1800), bodySite={"text": "Left forearm"})


def _undated_density(chart: Chart, dice: Dice, ago: int) -> None:
    _density(chart, -dice.number(25, 45) / 10, None)


def _cancer(chart: Chart, dice: Dice, ago: int) -> None:
    _osteoporosis(chart, dice, ago)
    clinical = hl7("condition-clinical", pick(dice, ["active", "active", "remission"]))
    condition(chart, concept(pick(dice, ["sct|254837009", "icd10|C50", "icd10|C44"])), recordedDate=chart.day(900), clinicalStatus=clinical)


def _spinal_cancer(chart: Chart, dice: Dice, ago: int) -> None:
    _osteoporosis(chart, dice, ago)
    status = hl7("condition-ver-status", pick(dice, ["confirmed", "provisional"]))
    condition(chart, concept(pick(dice, ["icd10|C90.0", "icd10cm|C79.51"])), recordedDate=chart.day(200), verificationStatus=status)


def _high_energy(chart: Chart, dice: Dice, ago: int) -> None:
    pick(dice, [_osteoporosis, _no_cause, _low_density])(chart, dice, ago)
    observation(chart, concept("own|high-energy-mechanism"), chart.day(max(0, ago - 1)), valueCodeableConcept=PRESENT)
