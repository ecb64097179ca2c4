"""What a case expects of an assessment, criterion by criterion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.cases.when import CaseError

CRITERIA = (
    "osteoporotic",
    "compression-fracture",
    "recent",
    "unhealed",
    "severe-pain",
    "ongoing-pain",
    "optimal-pain-management",
    "examination-at-level",
    "imaging-at-level",
)
TOPICS = {
    "CriteriaMet": "ta279CriteriaMet",
    "InformationNeeded": "ta279InformationNeeded",
    "CriteriaNotMet": "ta279CriteriaNotMet",
    "SafetyAlert": "ta279SafetyAlert",
}
ANY = "any"
SOME_CRITERION = "some criterion"
_STATUSES = {"met", "unknown", "not-met"}
_OF_ONE_FRACTURE = {"level", "others", "cautions", "evidence", "outcome of the fracture"}
_OF_THE_PATIENT = {"fractures", "flags", "outcome", "out of scope", "cards"}


@dataclass(frozen=True)
class Verdict:
    """`met within-window`: the allowed statuses and, where the text leaves one fitting reason, its code."""

    statuses: frozenset[str]
    reason: str | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        words = text.split()
        statuses = frozenset(_STATUSES if words[0] == ANY else words[0].split("|"))
        if not statuses <= _STATUSES or len(words) > 2:
            raise CaseError(f"not a verdict: {text!r}")
        return cls(statuses, words[1] if len(words) > 1 else None)


@dataclass(frozen=True)
class FractureExpectation:
    """One fracture. What is not named is met, as in the base patient, unless `others: any`.

    `cautions` maps a criterion (or `some criterion`) to caution codes; a criterion not named there has none.
    None means that the cautions are not part of the case.
    """

    level: str | None
    onset: str | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    others: str = "met"
    cautions: dict[str, list[str]] | None = field(default_factory=dict)
    evidence: dict[str, list[str]] = field(default_factory=dict)
    outcome: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any], level: str | None, onset: str | None = None) -> Self:
        others = said.get("others", "met")
        cautions = said.get("cautions", ANY if others == ANY else {})
        return cls(
            level=level,
            onset=onset,
            verdicts={criterion: Verdict.of(said[criterion]) for criterion in CRITERIA if criterion in said},
            others=others,
            cautions=None if cautions == ANY else {name: _listed(codes) for name, codes in cautions.items()},
            evidence={name: _listed(facts) for name, facts in said.get("evidence", {}).items()},
            outcome=said.get("outcome of the fracture"),
        )

    def verdict(self, criterion: str) -> Verdict:
        return self.verdicts.get(criterion, Verdict.of(self.others))


@dataclass(frozen=True)
class Expectation:
    """The whole patient. `flags` and `topics` (of patient-view's cards) are exact; None is what a case leaves open."""

    fractures: tuple[FractureExpectation, ...]
    flags: dict[str, str] | None
    outcome: str | None
    topics: frozenset[str] | None
    out_of_scope: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        flags = said.get("flags", {})
        return cls(
            fractures=_fractures(said),
            flags=None if flags == ANY else dict(flags),
            outcome=None if said["outcome"] == ANY else said["outcome"],
            topics=None if said["cards"] == ANY else frozenset(TOPICS[card] for card in _listed(said["cards"])),
            out_of_scope=said.get("out of scope"),
        )


def _fractures(said: Mapping[str, Any]) -> tuple[FractureExpectation, ...]:
    """Either the criteria of the one fracture, or under `fractures:` one entry each, named `L1`, `L1 -101d` or `no level`."""
    allowed = _OF_THE_PATIENT | _OF_ONE_FRACTURE | set(CRITERIA)
    if unknown := sorted(set(said) - allowed):
        raise CaseError(f"expect: {', '.join(unknown)}")
    if "fractures" not in said:
        level = said.get("level", "L1")
        return (FractureExpectation.of(said, None if level == "none" else level),)
    listed = said["fractures"]
    return () if listed == "none" else tuple(_named(name, words or {}) for name, words in listed.items())


def _named(name: str, said: Mapping[str, Any]) -> FractureExpectation:
    if unknown := sorted(set(said) - _OF_ONE_FRACTURE - set(CRITERIA)):
        raise CaseError(f"{name}: {', '.join(unknown)}")
    if name.startswith("no level"):
        return FractureExpectation.of(said, None)
    level, _, onset = name.partition(" ")
    return FractureExpectation.of(said, level, onset or None)


def _listed(value: object) -> list[str]:
    """`a`, `[a, b]` or `none`."""
    if isinstance(value, list):
        return [str(each) for each in value]
    return [] if value == "none" else [str(value)]
