"""The PlanDefinition's conditions, evaluated by fhirpathpy, which is not ours: for each fracture, from the Bundle and some days.

`memberOf` is answered from our value sets, as a terminology server would. Every variable is one of the Library's parameters.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

import fhirpathpy
import msgspec
from fhirpathpy import models

from clinical.codes import Terminology
from guidelines.ta279.terminology import PACKAGE, load_terminology

Json = dict[str, Any]

VALUE_SET = "https://vertebral-augmentation-cds.example/fhir/ValueSet/"
AS_THEY_ARE = ("painSevereMin", "ongoingPriorMin", "ongoingInterveningMin", "opmMinWhoStep", "tScoreOsteoporosis", "requirePainBodySite")
CONFLICT_DAYS = 1
TIME_OF_DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
LEVELS = PACKAGE / "concept_maps/vertebral-level.json"


class Conditions:
    """The nine expressions, parsed once."""

    def __init__(self, plan: Json) -> None:
        options = {"userInvocationTable": {"memberOf": {"fn": _member_of, "arity": {0: [], 1: ["String"]}}}}
        expressions = {each["expression"]["name"]: each["expression"]["expression"] for each in plan["action"][0]["condition"]}
        self._compiled = {name: fhirpathpy.compile(path, models.models["r4"], options) for name, path in expressions.items()}

    def shown(self, bundle: Json, variables: Json, zone: tzinfo) -> set[str]:
        """The criteria whose expression is true; evaluated each on a Bundle of its own, which the engine may change."""
        return {name for name, holds in self._compiled.items() if holds(in_zone(bundle, zone), variables) == [True]}


def in_zone(value: Any, zone: tzinfo) -> Any:
    """A copy of some JSON with every time of day written in the service's zone, which is what the expressions ask of a Bundle."""
    if isinstance(value, dict):
        return {name: in_zone(inner, zone) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_zone(inner, zone) for inner in value]
    if isinstance(value, str) and TIME_OF_DAY.match(value):
        return datetime.fromisoformat(value).astimezone(zone).isoformat()
    return value


def variables(level: str, onset: date, index: date, today: date, thresholds: Json) -> Json:
    """The Library's parameters, for one fracture."""

    def before(day: date, days: int) -> str:
        return (day - timedelta(days=days)).isoformat()

    since = {
        "recentSince": before(today, thresholds["recentMaxDays"]),
        "imagingSince": before(today, thresholds["imagingMaxAgeDays"]),
        "painSince": before(today, thresholds["painMaxAgeDays"]),
        "examSince": before(today, thresholds["examMaxAgeDays"]),
        "statementSince": before(today, thresholds["assertionMaxAgeDays"]),
        "dxaSince": years_before(today, thresholds["dxaMaxAgeYears"], (3, 1)),
        "adultBornBy": years_before(today, thresholds["minAge"], (2, 28)),
        "bornBy": years_before(today, thresholds["cautionAgeBelow"], (2, 28)),
        "conflictSince": before(index, CONFLICT_DAYS),
        "episodeSince": before(index, thresholds["ongoingMinEpisodeDays"]),
        "priorBy": before(index, thresholds["ongoingGapDays"]),
        "opmStartBy": before(index, thresholds["opmMinDays"] - 1),
    }
    numbers = {name: thresholds[name] for name in AS_THEY_ARE}
    days = {"today": today.isoformat(), "onset": onset.isoformat(), "index": index.isoformat()}
    return {"level": codes_of(level), **days, **since, **numbers}


def years_before(day: date, years: int, leap_day: tuple[int, int]) -> str:
    """29 February counts as the day given, of the two beside it the one that shows less."""
    month, of_month = leap_day if (day.month, day.day) == (2, 29) else (day.month, day.day)
    return date(day.year - years, month, of_month).isoformat()


@cache
def codes_of(level: str) -> list[str]:
    """Every code that the concept map takes to this level."""
    groups = msgspec.json.decode(LEVELS.read_bytes())["group"]
    return [element["code"] for group in groups for element in group["element"] for target in element["target"] if target["code"] == level]


def _member_of(nodes: list[Any], value_set: str) -> bool | list[Any]:
    """Of one CodeableConcept: has it a coding in the value set? Of nothing, nothing; of several, an error."""
    if not nodes:
        return []
    (concept,) = nodes
    wanted = value_set.removeprefix(VALUE_SET)
    return any(wanted in _terminology().concepts(each.get("system", ""), each.get("code", "")) for each in _raw(concept).get("coding", ()))


def _raw(node: Any) -> Json:
    raw: Json = node.data if hasattr(node, "data") else node
    return raw


@cache
def _terminology() -> Terminology:
    return load_terminology()


def plan_definition() -> Json:
    plan: Json = msgspec.json.decode((Path(PACKAGE) / "plan_definition.json").read_bytes())
    return plan
