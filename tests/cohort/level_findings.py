"""What imaging and examination say at a fracture's level."""

from collections.abc import Callable

from tests.cohort.chart import ABSENT, DCM, LEVELS, PRESENT, Chart, Resource, at_level, concept, observation
from tests.cohort.dice import Dice, mostly, once_in, pick

Way = Callable[[Chart, Dice, str, int], object]
ACTIVE = ("own|marrow-oedema", "own|marrow-oedema", "own|tracer-uptake", "own|intravertebral-cleft", "own|progressive-height-loss")


def add_imaging(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    usual: list[Way] = [_active_in_report, _active_by_component, _active_alone, _acute_on_mri]
    unusual: list[Way] = [
        _no_imaging, _inactive, _healed, _active_then_inactive, _on_ct, _stale, _preliminary, _without_level, _contradicted, _study_only,
        _neither, _healed_on_radiograph, _concluded,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, level, ago)


def _since(dice: Dice, ago: int, oldest: int) -> int:
    """A day after the fracture, within so many days."""
    return dice.number(0, min(ago, oldest))


def _value(dice: Dice, present: bool) -> Resource:
    coded = {"valueCodeableConcept": PRESENT if present else ABSENT}
    return pick(dice, [coded, {"valueBoolean": present}])


def _seen(chart: Chart, code: str, level: str, day: int, value: Resource, **members: object) -> str:
    return observation(chart, concept(code), chart.day(day), **{"bodySite": at_level(level), **value, **members})


def _study(chart: Chart, modality: str, day: int, status: str = "available") -> str:
    codings = [{"system": DCM, "code": modality}]
    return chart.add("ImagingStudy", status=status, modality=codings, started=chart.moment(day, 9))


def _report(chart: Chart, code: str, day: int, results: list[str], **members: object) -> str:
    held = [{"reference": reference} for reference in results]
    given = {"status": "final", "code": concept(code), "effectiveDateTime": chart.day(day), "result": held or None}
    return chart.add("DiagnosticReport", **{**given, **members})


def _active_alone(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, pick(dice, ACTIVE), level, _since(dice, ago, 30), _value(dice, True))


def _active_in_report(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 30)
    study = _study(chart, "MR", day)
    seen = _seen(chart, "own|marrow-oedema", level, day, _value(dice, True), derivedFrom=[{"reference": study}])
    _report(chart, "sct|394451000119106", day, [seen], imagingStudy=[{"reference": study}], conclusion="Bright marrow. No retropulsion.")


def _active_by_component(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    others = [each for each in LEVELS if each != level]
    components = [{"code": at_level(level), **_value(dice, True)}, {"code": at_level(pick(dice, others)), **_value(dice, False)}]
    observation(chart, concept("own|marrow-oedema"), chart.day(_since(dice, ago, 30)), component=components)


def _acute_on_mri(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 30)
    seen = _seen(chart, "own|acute-vertebral-fracture", level, day, _value(dice, True))
    _report(chart, "loinc|24968-0", day, [seen])


def _no_imaging(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    """Nobody looked."""


def _inactive(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, "own|marrow-oedema", level, _since(dice, ago, 30), _value(dice, False))


def _healed(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, "own|healed-vertebral-fracture", level, _since(dice, ago, 30), _value(dice, True))


def _active_then_inactive(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, "own|marrow-oedema", level, _since(dice, ago, 30), _value(dice, True))
    _seen(chart, pick(dice, ["own|marrow-oedema", "own|tracer-uptake"]), level, _since(dice, ago, 10), _value(dice, False))


def _contradicted(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 30)
    for present in (True, False):
        _seen(chart, "own|marrow-oedema", level, day, _value(dice, present))


def _on_ct(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 30)
    study = _study(chart, "CT", day)
    code = pick(dice, ["own|acute-vertebral-fracture", "own|marrow-oedema"])
    _seen(chart, code, level, day, _value(dice, True), derivedFrom=[{"reference": study}])


def _healed_on_radiograph(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 30)
    seen = _seen(chart, "own|healed-vertebral-fracture", level, day, _value(dice, True))
    _report(chart, "sct|840361000", day, [seen])


def _stale(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, "own|marrow-oedema", level, dice.number(28, 60), _value(dice, pick(dice, [True, False])))


def _preliminary(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    status = pick(dice, ["preliminary", "registered", "cancelled", "unknown"])
    _seen(chart, "own|marrow-oedema", level, _since(dice, ago, 30), _value(dice, True), status=status)


def _without_level(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    site = pick(dice, [None, concept("Lumbar spine"), concept("T12-L1")])
    observation(chart, concept("own|marrow-oedema"), chart.day(_since(dice, ago, 30)), bodySite=site, **_value(dice, True))


def _neither(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _seen(chart, "own|marrow-oedema", level, _since(dice, ago, 30), {"valueString": "see report"})


def _study_only(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _study(chart, pick(dice, ["MR", "NM"]), _since(dice, ago, 30), pick(dice, ["available", "registered"]))


def _concluded(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _report(chart, "loinc|24968-0", _since(dice, ago, 30), [], conclusionCode=[concept("own|marrow-oedema")])


def add_examination(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    usual: list[Way] = [_tender, _tender, _tender_by_component]
    unusual: list[Way] = [
        _not_examined, _not_tender, _tender_near, _tender_far, _tender_somewhere, _tender_long_ago, _pending, _disagreeing, _tender_twice,
    ]  # fmt: skip
    mostly(dice, usual, unusual)(chart, dice, level, ago)


def _percussed(chart: Chart, dice: Dice, level: str | None, day: int, present: bool, **members: object) -> None:
    site = at_level(level) if level is not None else None
    when = pick(dice, [chart.day(day), chart.moment(day)])
    observation(chart, concept("own|vertebral-tenderness"), when, **{"bodySite": site, **_value(dice, present), **members})


def _tender(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, level, _since(dice, ago, 28), present=True)


def _tender_by_component(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    near = LEVELS[LEVELS.index(level) - 1]
    components = [{"code": at_level(level), "valueBoolean": True}, {"code": at_level(near), "valueBoolean": False}]
    observation(chart, concept("own|vertebral-tenderness"), chart.day(_since(dice, ago, 28)), component=components)


def _not_examined(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    """Nobody percussed the spine."""


def _not_tender(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, level, _since(dice, ago, 28), present=False)


def _away(dice: Dice, level: str, steps: int) -> str:
    place = LEVELS.index(level)
    return LEVELS[place - steps] if place >= steps else LEVELS[place + steps]


def _tender_near(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, _away(dice, level, 1), _since(dice, ago, 28), present=True)


def _tender_far(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, _away(dice, level, dice.number(2, 4)), _since(dice, ago, 28), present=True)
    if once_in(dice, 3):
        _tender_somewhere(chart, dice, level, ago)


def _tender_somewhere(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, None, _since(dice, ago, 28), present=True)


def _tender_long_ago(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, level, dice.number(26, 60), present=True)


def _pending(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _percussed(chart, dice, level, _since(dice, ago, 28), present=True, status="preliminary")


def _disagreeing(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    day = _since(dice, ago, 28)
    _percussed(chart, dice, level, day, present=True)
    _percussed(chart, dice, level, max(0, day - dice.number(0, 2)), present=False)


def _tender_twice(chart: Chart, dice: Dice, level: str, ago: int) -> None:
    _tender(chart, dice, level, ago)
    _percussed(chart, dice, _away(dice, level, dice.number(1, 3)), _since(dice, ago, 28), present=True)
