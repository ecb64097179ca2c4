"""What is told in every clinical case, word for word, with its evidence: `python -m tests.cases.told > tests/cases/told.txt`.

A case states the verdict that it is about. This page holds the rest still: sentences, thresholds, evidence, what is asked for. Whoever
changes one of them sees it here, case by case. Lines that are as in the patient `eligible` are left out.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.cases.case import CASES, Case, all_paths, load
from tests.cases.paths import by_patient_view

TOLD = Path(__file__).with_name("told.txt")
ELIGIBLE = "card__everything_met_gives_one_card"

Json = Mapping[str, Any]


def told(evaluation: Json) -> list[str]:
    """Of one patient: the outcome, then each criterion of each fracture and each flag with what it stands on."""
    gaps = ", ".join(f"{gap['resourceType']} {gap['reason']}" for gap in evaluation.get("dataGaps", []))
    lines = [_joined(evaluation, "outcome", "outOfScope") + (f", not read: {gaps}" if gaps else "")]
    for fracture in evaluation["fractures"]:
        lines += _of_fracture(fracture)
    return [*lines, *(_joined(flag, "flag", "severity", "level") + _grounds(flag) for flag in evaluation.get("flags", []))]


def _of_fracture(fracture: Json) -> Iterator[str]:
    level = fracture.get("level", "no level")
    onset = fracture.get("onset", {})
    yield f"{level}, onset {onset.get('earliest', '')} to {onset.get('latest', '')}, {fracture['outcome']}"
    for finding in fracture["criteria"]:
        cautions = f" ({', '.join(finding['cautions'])})" if finding.get("cautions") else ""
        said = f"{_joined(finding, 'criterion', 'status', 'reasonCode')}{cautions}: {_joined(finding, 'reason', 'needed')}"
        yield f"{level} {said}{_grounds(finding)}"


def _grounds(finding: Json) -> str:
    thresholds = ", ".join(f"{name} {value}" for name, value in finding.get("thresholds", {}).items())
    evidence = "".join(f" <- {_joined(each, 'reference', 'date', 'value')}" for each in finding.get("evidence", []))
    return (f" [{thresholds}]" if thresholds else "") + evidence


def _joined(said: Json, *members: str) -> str:
    return " ".join(str(said[member]) for member in members if said.get(member))


def blocks() -> Iterator[tuple[str, str]]:
    """Each case's name and what is told in it, the eligible patient's first."""
    ordinary = told_in(load(CASES / f"{ELIGIBLE}.yaml"))
    yield ELIGIBLE, "\n".join(ordinary)
    for path in all_paths():
        if path.stem != ELIGIBLE:
            yield path.stem, block(told_in(load(path)), ordinary)


def block(lines: list[str], ordinary: list[str]) -> str:
    """The lines that are not the eligible patient's too, and always the outcome."""
    return "\n".join([lines[0], *(line for line in lines[1:] if line not in ordinary)])


def told_in(case: Case) -> list[str]:
    evaluation, _ = by_patient_view(case, case.chart())
    return told(evaluation)


def page(of: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(f"# {name}\n{text}" for name, text in of) + "\n"


def accepted() -> dict[str, str]:
    """What the committed page tells, by case."""
    found = TOLD.read_text(encoding="utf-8").removeprefix("# ").rstrip("\n").split("\n\n# ")
    return {name: text for name, _, text in (each.partition("\n") for each in found)}


if __name__ == "__main__":
    sys.stdout.write(page(blocks()))
