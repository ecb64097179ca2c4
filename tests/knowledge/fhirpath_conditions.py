"""The PlanDefinition's conditions, evaluated by fhirpathpy, which is not ours: for each fracture, from the Bundle and some days.

`memberOf` is answered from our value sets, as a terminology server would. Every variable is one of the Library's parameters.
"""

import copy
from datetime import date, timedelta
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
LEVELS = PACKAGE / "concept_maps/vertebral-level.json"


class Conditions:
    """The nine expressions, parsed once."""

    def __init__(self, plan: Json) -> None:
        options = {"userInvocationTable": {"memberOf": {"fn": _member_of, "arity": {0: [], 1: ["String"]}}}}
        expressions = {each["expression"]["name"]: each["expression"]["expression"] for each in plan["action"][0]["condition"]}
        self._compiled = {name: fhirpathpy.compile(path, models.models["r4"], options) for name, path in expressions.items()}

    def shown(self, bundle: Json, variables: Json) -> set[str]:
        """The criteria whose expression is true."""
        return {name for name, holds in self._compiled.items() if holds(copy.deepcopy(bundle), variables) == [True]}


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
        "dxaSince": years_before(today, thresholds["dxaMaxAgeYears"]),
        "bornBy": years_before(today, thresholds["cautionAgeBelow"]),
        "episodeSince": before(index, thresholds["ongoingMinEpisodeDays"]),
        "priorBy": before(index, thresholds["ongoingGapDays"]),
        "opmStartBy": before(index, thresholds["opmMinDays"] - 1),
    }
    as_they_are = ("painSevereMin", "ongoingPriorMin", "ongoingInterveningMin", "tScoreOsteoporosis", "requirePainBodySite")
    numbers = {name: thresholds[name] for name in as_they_are}
    days = {"today": today.isoformat(), "onset": onset.isoformat(), "index": index.isoformat()}
    return {"level": codes_of(level), **days, **since, **numbers}


def years_before(day: date, years: int) -> str:
    """29 February counts as the 28th: a day early, which shows no more."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day).isoformat()


@cache
def codes_of(level: str) -> list[str]:
    """Every code that the concept map takes to this level."""
    groups = msgspec.json.decode(LEVELS.read_bytes())["group"]
    return [element["code"] for group in groups for element in group["element"] for target in element["target"] if target["code"] == level]


def _member_of(nodes: list[Any], value_set: str) -> bool:
    """Of a CodeableConcept: has it a coding in the value set?"""
    wanted = value_set.removeprefix(VALUE_SET)
    codings = [coding for node in nodes for coding in _raw(node).get("coding", ())]
    return any(wanted in _terminology().concepts(coding.get("system", ""), coding.get("code", "")) for coding in codings)


def _raw(node: Any) -> Json:
    raw: Json = node.data if hasattr(node, "data") else node
    return raw


@cache
def _terminology() -> Terminology:
    return load_terminology()


def plan_definition() -> Json:
    plan: Json = msgspec.json.decode((Path(PACKAGE) / "plan_definition.json").read_bytes())
    return plan
