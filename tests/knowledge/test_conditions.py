"""The conditions of the PlanDefinition against the service, on every clinical case, by a FHIRPath engine that is not ours.

What FHIRPath says plainly is a part of what the service judges: a true expression must never be wrong, and must be true of nearly all
that the service calls met (docs/knowledge.md tells what the rest is).
"""

from collections import Counter, defaultdict
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.cases.case import all_paths, load
from tests.cases.paths import by_bundle
from tests.knowledge.artefacts import Json
from tests.knowledge.fhirpath_conditions import Conditions, plan_definition, variables

LEAST_COVERAGE = 0.9
Seen = dict[str, Counter[tuple[bool, str]]]


@pytest.fixture(scope="module")
def seen() -> tuple[Seen, list[str]]:
    """How often each expression was true or not beside each status, and where it was true and the criterion not met."""
    conditions, table, wrong = Conditions(plan_definition()), defaultdict[str, Counter[tuple[bool, str]]](Counter), []
    for case in (case for case in map(load, all_paths()) if not case.gaps):
        chart = case.chart()
        evaluation, _ = by_bundle(case, chart)
        for fracture in (each for each in evaluation["fractures"] if in_scope(each)):
            shown = conditions.shown(chart.bundle(), variables_of(fracture, case.as_of, evaluation["thresholds"]), ZoneInfo(case.time_zone))
            for finding in fracture["criteria"]:
                holds, status = finding["criterion"] in shown, finding["status"]
                table[finding["criterion"]][holds, status] += 1
                if holds and status != "met":
                    wrong.append(f"{case.name}: {finding['criterion']} is {finding['reasonCode']}")
    return table, wrong


def in_scope(fracture: Json) -> bool:
    return fracture.get("level", "")[:1] in ("T", "L") and "latest" in fracture.get("onset", {})


def variables_of(fracture: Json, today: date, thresholds: Json) -> Json:
    pain = next(finding for finding in fracture["criteria"] if finding["criterion"] == "severe-pain")
    scored = [line["date"][:10] for line in pain.get("evidence", ()) if len(line.get("date", "")) >= len("2026-11-22")]
    index = date.fromisoformat(max(scored)) if scored else today
    return variables(fracture["level"], date.fromisoformat(fracture["onset"]["latest"]), index, today, thresholds)


def test_what_an_expression_shows_the_service_calls_met(seen: tuple[Seen, list[str]]) -> None:
    assert seen[1] == []


def test_nearly_all_that_the_service_calls_met_an_expression_shows(seen: tuple[Seen, list[str]]) -> None:
    coverage = {name: counted[True, "met"] / (counted[True, "met"] + counted[False, "met"]) for name, counted in seen[0].items()}
    assert len(coverage) == 9
    assert {name: share for name, share in coverage.items() if share < LEAST_COVERAGE} == {}


def test_every_expression_has_been_seen_to_hold_and_not_to_hold(seen: tuple[Seen, list[str]]) -> None:
    assert [name for name, counted in seen[0].items() if {holds for holds, _ in counted} != {True, False}] == []
