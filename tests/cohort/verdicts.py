"""A verdict in one line: the outcome, each fracture's nine statuses with their reasons, the flags."""

from datetime import UTC, date
from typing import Any

import msgspec

from app.routes.evaluations import evaluate
from guidelines.ta279.guideline import ta279
from guidelines.ta279.terminology import load_terminology, text_hints
from hooks.assessor import Assessor
from tests.cohort.chart import Resource
from tests.cohort.generator import bundle_of

Json = Any

ASSESSOR = Assessor(guideline=ta279("default"), terminology=load_terminology(), text_hints=text_hints, zone=UTC)
SIGNS = {"met": "+", "unknown": "?", "not-met": "-"}


class Fracture(msgspec.Struct, frozen=True):
    """`criteria` in the contract's order, as `+ within-window (subacute)`: sign, reason code, cautions."""

    level: str
    outcome: str
    criteria: tuple[str, ...]


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """`flags` as `coagulopathy blocking` or, at a level, `previous-augmentation-at-level excluding L1`."""

    patient: str
    outcome: str
    fractures: tuple[Fracture, ...] = ()
    flags: tuple[str, ...] = ()


def verdict_on(patient: str, resources: list[Resource], today: date) -> Verdict:
    told = msgspec.json.decode(evaluate(ASSESSOR, msgspec.json.encode(bundle_of(resources)), today))
    fractures = tuple(
        Fracture(fracture.get("level", ""), fracture["outcome"], tuple(_criterion(finding) for finding in fracture["criteria"]))
        for fracture in told["fractures"]
    )
    flags = tuple(" ".join(filter(None, (flag["flag"], flag["severity"], flag.get("level")))) for flag in told.get("flags", []))
    outcome = f"{told['outcome']}: {told['outOfScope']}" if "outOfScope" in told else told["outcome"]
    return Verdict(patient, outcome, fractures, flags)


def _criterion(finding: Json) -> str:
    cautions = f" ({', '.join(finding['cautions'])})" if finding.get("cautions") else ""
    return f"{SIGNS[finding['status']]} {finding['reasonCode']}{cautions}"
