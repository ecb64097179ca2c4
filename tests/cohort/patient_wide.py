"""What a made-up patient's fractures share: pain, analgesia, red flags, and the rest of a chart."""

from collections.abc import Callable
from typing import Any

from tests.cohort.chart import (
    ABSENT,
    BACK,
    HL7,
    KNEE,
    LEVELS,
    PRESENT,
    Chart,
    Resource,
    at_level,
    concept,
    condition,
    hl7,
    observation,
    quantity,
)
from tests.cohort.dice import Dice, mostly, once_in, pick

Way = Callable[[Chart, Dice, int], object]


def add_pain(chart: Chart, dice: Dice, ago: int) -> None:
    usual: list[Way] = [_two_severe, _two_severe, _three_severe, _severe_and_persistent]
    unusual: list[Way] = [
        _not_scored, _one_severe, _mild_now, _better_in_between, _long_ago, _in_the_knee, _invalid, _contradicted, _in_words, _resolved,
        _more_than, _improving, _denied, _pending, _undated_score,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, ago)


def _score(chart: Chart, dice: Dice, value: float, day: int, **members: Any) -> None:
    scales: list[tuple[str, Resource]] = [
        ("loinc|72514-3", {"valueInteger": int(value)}), ("loinc|72514-3", {"valueQuantity": quantity(value, "{score}", "{score}")}),
        ("loinc|38214-3", {"valueQuantity": quantity(value * 10, "mm", "mm")}), ("sct|1284857008", {"valueInteger": int(value)}),
    ]  # fmt: skip
    code, told = pick(dice, scales)
    site = pick(dice, [BACK, BACK, BACK, None])
    when = pick(dice, [chart.day(day), chart.moment(day, dice.number(0, 23))])
    observation(chart, concept(code, "Pain score"), when, **{"bodySite": site, **told, **members})


def _now(dice: Dice, ago: int) -> int:
    return dice.number(0, min(ago, 12))


def _one_severe(chart: Chart, dice: Dice, ago: int) -> int:
    day = _now(dice, ago)
    _score(chart, dice, dice.number(7, 10), day)
    return day


def _undated_score(chart: Chart, dice: Dice, ago: int) -> None:
    observation(chart, concept("loinc|72514-3", "Pain score"), None, bodySite=BACK, valueInteger=dice.number(7, 10))


def _two_severe(chart: Chart, dice: Dice, ago: int) -> int:
    day = _one_severe(chart, dice, ago)
    _score(chart, dice, dice.number(5, 9), min(max(ago, day), day + dice.number(7, 30)))
    return day


def _three_severe(chart: Chart, dice: Dice, ago: int) -> None:
    day = _two_severe(chart, dice, ago)
    _score(chart, dice, dice.number(4, 9), min(max(ago, day), day + dice.number(1, 6)))


def _persistence(chart: Chart, dice: Dice, ago: int, present: bool) -> None:
    members = {"valueCodeableConcept": PRESENT if present else ABSENT}
    observation(chart, concept("own|persistent-back-pain"), chart.day(dice.number(0, min(ago, 12))), **members)


def _severe_and_persistent(chart: Chart, dice: Dice, ago: int) -> None:
    _one_severe(chart, dice, ago)
    if once_in(dice, 2):
        _persistence(chart, dice, ago, present=True)
    else:
        condition(chart, concept("sct|161891005"), onsetDateTime=chart.day(ago))


def _denied(chart: Chart, dice: Dice, ago: int) -> None:
    _two_severe(chart, dice, ago)
    _persistence(chart, dice, ago, present=False)


def _not_scored(chart: Chart, dice: Dice, ago: int) -> None:
    """Nobody asked."""


def _mild_now(chart: Chart, dice: Dice, ago: int) -> None:
    _score(chart, dice, dice.number(0, 6), dice.number(0, 3))
    _score(chart, dice, dice.number(5, 10), dice.number(4, 30))


def _better_in_between(chart: Chart, dice: Dice, ago: int) -> None:
    day = _two_severe(chart, dice, ago)
    _score(chart, dice, dice.number(0, 4), day + dice.number(1, 6))


def _improving(chart: Chart, dice: Dice, ago: int) -> None:
    _score(chart, dice, 7, dice.number(0, 3))
    _score(chart, dice, dice.number(9, 10), dice.number(10, 20))


def _long_ago(chart: Chart, dice: Dice, ago: int) -> None:
    _score(chart, dice, dice.number(0, 10), dice.number(13, 60))


def _in_the_knee(chart: Chart, dice: Dice, ago: int) -> None:
    _score(chart, dice, dice.number(0, 10), _now(dice, ago), bodySite=KNEE)


def _invalid(chart: Chart, dice: Dice, ago: int) -> None:
    observation(chart, concept("loinc|72514-3"), chart.day(_now(dice, ago)), valueInteger=dice.number(11, 99))


def _contradicted(chart: Chart, dice: Dice, ago: int) -> None:
    day = _now(dice, ago)
    _score(chart, dice, dice.number(7, 10), day)
    _score(chart, dice, dice.number(0, 6), day)
    _score(chart, dice, dice.number(5, 10), day + dice.number(7, 20))


def _in_words(chart: Chart, dice: Dice, ago: int) -> None:
    word = concept(pick(dice, ["sct|24484000", "sct|6736007", "sct|255604002"]))
    observation(chart, concept("loinc|38208-5"), chart.day(_now(dice, ago)), bodySite=BACK, valueCodeableConcept=word)


def _more_than(chart: Chart, dice: Dice, ago: int) -> None:
    value = {**quantity(dice.number(5, 8), "{score}"), "comparator": pick(dice, [">", ">=", "<", "<="])}
    observation(chart, concept("loinc|72514-3"), chart.day(_now(dice, ago)), valueQuantity=value)


def _pending(chart: Chart, dice: Dice, ago: int) -> None:
    _two_severe(chart, dice, ago)
    _score(chart, dice, dice.number(0, 6), 0, status="preliminary")


def _resolved(chart: Chart, dice: Dice, ago: int) -> None:
    _two_severe(chart, dice, ago)
    end = {"clinicalStatus": hl7("condition-clinical", "resolved"), "abatementDateTime": chart.day(dice.number(0, ago))}
    condition(chart, concept("sct|161891005"), onsetDateTime=chart.day(ago), **end)


def add_analgesia(chart: Chart, dice: Dice, ago: int) -> None:
    usual: list[Way] = [_opioid_dispensed, _opioid_ordered, _opioid_reported, _opioid_given]
    unusual: list[Way] = [
        _nothing, _simple_only, _opioid_briefly, _as_needed, _not_tolerated, _stated, _in_text, _undated, _not_tolerated_alone, _before,
        _stopped_for_side_effects,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, ago)
    if once_in(dice, 3):
        _paracetamol(chart, dice, ago)


OPIOIDS = ("sct|775354007", "sct|73572009", "sct|775934002", "rxnorm|857002", "atc|N02AA01", "rxnorm|10689")
SIMPLE = ("sct|777067000", "rxnorm|161", "sct|776871008", "atc|M01AE01")


def _days(count: int) -> Resource:
    return quantity(count, "days", "d")


def _ordered(chart: Chart, code: str, start: int, supply: int | None, **members: Any) -> str:
    request = {"expectedSupplyDuration": _days(supply)} if supply is not None else None
    usual = {"status": "active", "intent": "order", "authoredOn": chart.day(start), "dispenseRequest": request and {**request}}
    return chart.add("MedicationRequest", **{**usual, "medicationCodeableConcept": concept(code), **members})


def _paracetamol(chart: Chart, dice: Dice, ago: int) -> None:
    period = {"start": chart.day(ago)}
    chart.add("MedicationStatement", status="active", medicationCodeableConcept=concept(pick(dice, SIMPLE)), effectivePeriod=period)


def _opioid_ordered(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, OPIOIDS), ago, pick(dice, [None, 28, 56]))


def _opioid_dispensed(chart: Chart, dice: Dice, ago: int) -> None:
    code = pick(dice, OPIOIDS)
    given = {"status": "completed", "medicationCodeableConcept": concept(code), "daysSupply": _days(dice.number(14, 28))}
    chart.add("MedicationDispense", **given, whenHandedOver=chart.moment(ago))
    if once_in(dice, 2):
        chart.add("MedicationDispense", **given, whenHandedOver=chart.moment(max(0, ago - dice.number(7, 21))))


def _opioid_reported(chart: Chart, dice: Dice, ago: int) -> None:
    code = concept(pick(dice, OPIOIDS))
    chart.add("MedicationStatement", status="active", medicationCodeableConcept=code, effectivePeriod={"start": chart.day(ago)})


def _opioid_given(chart: Chart, dice: Dice, ago: int) -> None:
    code = concept(pick(dice, OPIOIDS))
    period = {"start": chart.day(ago), "end": chart.day(max(0, ago - dice.number(13, 25)))}
    chart.add("MedicationAdministration", status="completed", medicationCodeableConcept=code, effectivePeriod=period)


def _nothing(chart: Chart, dice: Dice, ago: int) -> None:
    """Nothing that this system knows of."""


def _simple_only(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, SIMPLE), ago, 28)


def _opioid_briefly(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, OPIOIDS), dice.number(0, ago), dice.number(1, 16), status="completed")


def _as_needed(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, OPIOIDS), ago, None, dosageInstruction=[{"asNeededBoolean": True}])


def _allergy(chart: Chart, dice: Dice, code: str) -> None:
    clinical = hl7("allergyintolerance-clinical", pick(dice, ["active", "active", "inactive"]))
    chart.add("AllergyIntolerance", clinicalStatus=clinical, code=concept(code), recordedDate=chart.day(dice.number(0, 400)))


def _not_tolerated(chart: Chart, dice: Dice, ago: int) -> None:
    _allergy(chart, dice, "rxnorm|2670")
    _paracetamol(chart, dice, ago)


def _not_tolerated_alone(chart: Chart, dice: Dice, ago: int) -> None:
    _allergy(chart, dice, pick(dice, ["rxnorm|2670", "own|opioid-intolerance"]))


def _stopped_for_side_effects(chart: Chart, dice: Dice, ago: int) -> None:
    reason = {"coding": [{"system": HL7 + "medicationrequest-status-reason", "code": "sintol"}]}
    _ordered(chart, pick(dice, OPIOIDS), ago, 7, status="stopped", statusReason=reason)
    _paracetamol(chart, dice, ago)


def _stated(chart: Chart, dice: Dice, ago: int) -> None:
    when = chart.day(dice.number(0, min(ago, 35)))
    observation(chart, concept("own|uncontrolled-despite-optimal-analgesia"), when, valueBoolean=True)


def _in_text(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, "Codeine 30 mg tablets", ago, 28)


def _undated(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, OPIOIDS), ago, 28, authoredOn=pick(dice, [None, chart.month(ago)]))


def _before(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, OPIOIDS), ago + dice.number(20, 60), dice.number(10, 40), status="completed")


FLAG_CONDITIONS = (
    "sct|2304001", "sct|192970008", "icd10|A41.9", "icd10|D68.3", "icd10|D69.6", "sct|77386006", "icd10cm|Z79.01", "sct|65710008",
    "icd10|M46.4",
)  # fmt: skip


def add_flags(chart: Chart, dice: Dice, ago: int) -> None:
    """Nothing, three times in four; else something that raises a flag, or nearly."""
    ways: list[Way] = [
        _flag_condition,
        _inr,
        _platelets,
        _anticoagulant,
        _augmented,
        _cement,
        _retropulsion,
        _fever,
        _not_prone,
        _pregnancy,
    ]
    if once_in(dice, 4):
        pick(dice, ways)(chart, dice, ago)


def _flag_condition(chart: Chart, dice: Dice, ago: int) -> None:
    clinical = hl7("condition-clinical", pick(dice, ["active", "active", "resolved"]))
    condition(chart, concept(pick(dice, FLAG_CONDITIONS)), recordedDate=chart.day(dice.number(0, 30)), clinicalStatus=clinical)


def _laboratory(chart: Chart, dice: Dice, code: str, values: list[Resource], oldest: int) -> None:
    """Two results now and then, sometimes of one day, so that the newer must be told from the older."""
    day = dice.number(0, oldest)
    observation(chart, concept(code), chart.moment(day, 8), valueQuantity=pick(dice, values))
    if once_in(dice, 3):
        observation(chart, concept(code), chart.moment(max(0, day - dice.number(0, 2)), 9), valueQuantity=pick(dice, values))


def _inr(chart: Chart, dice: Dice, ago: int) -> None:
    _laboratory(chart, dice, "loinc|6301-6", [quantity(number / 10, "{INR}", "{INR}") for number in (11, 15, 18, 19, 32)], 9)


def _platelets(chart: Chart, dice: Dice, ago: int) -> None:
    _laboratory(chart, dice, "loinc|777-3", [quantity(number, "10*9/L", "10*9/L") for number in (49, 50, 99, 100, 240)], 33)


def _anticoagulant(chart: Chart, dice: Dice, ago: int) -> None:
    _ordered(chart, pick(dice, ["atc|B01AA03", "atc|B01AC06"]), dice.number(0, 300), pick(dice, [None, 28]))


def _augmented(chart: Chart, dice: Dice, ago: int) -> None:
    status = pick(dice, ["completed", "completed", "not-done"])
    site = [at_level(pick(dice, LEVELS))]
    chart.add("Procedure", status=status, code=concept("opcs4|V44.4"), bodySite=site, performedDateTime=chart.day(dice.number(ago, 900)))


def _cement(chart: Chart, dice: Dice, ago: int) -> None:
    _allergy(chart, dice, "own|pmma-allergy")


def _retropulsion(chart: Chart, dice: Dice, ago: int) -> None:
    code = concept(pick(dice, ["own|retropulsion", "own|vertebra-plana"]))
    site = pick(dice, [None, at_level(pick(dice, LEVELS))])
    observation(chart, code, chart.day(dice.number(0, ago)), bodySite=site, valueCodeableConcept=pick(dice, [PRESENT, ABSENT]))


def _fever(chart: Chart, dice: Dice, ago: int) -> None:
    _laboratory(chart, dice, "loinc|1988-5", [quantity(number, "mg/L", "mg/L") for number in (4, 50, 51, 120)], 9)
    _laboratory(chart, dice, "loinc|8310-5", [quantity(number / 10, "Cel", "Cel") for number in (367, 379, 380, 391)], 9)


def _not_prone(chart: Chart, dice: Dice, ago: int) -> None:
    observation(chart, concept("own|unable-to-lie-prone"), chart.day(dice.number(0, 30)), valueBoolean=pick(dice, [True, False]))


def _pregnancy(chart: Chart, dice: Dice, ago: int) -> None:
    value = concept(pick(dice, ["sct|77386006", "sct|60001007"]))
    observation(chart, concept("loinc|82810-3"), chart.day(dice.number(0, 400)), valueCodeableConcept=value)
