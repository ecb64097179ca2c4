"""What the contract says of outcomes and topics, in the plainest words there are. It shares no code with the service."""

from collections.abc import Sequence

Combination = tuple[str, ...]

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
PAIN_MANAGEMENT = CRITERIA.index("optimal-pain-management")


def fracture(statuses: Combination) -> str:
    """One criterion against is enough against; else one unknown is enough for unknown; only all nine are met."""
    if statuses.count("not-met") > 0:
        return "not-met"
    if statuses.count("unknown") > 0:
        return "unknown"
    return "met"


def outcome(fractures: Sequence[Combination], *, blocked: bool = False, out_of_scope: bool = False) -> str:
    """Contract 6.1: the first that applies."""
    found = [fracture(statuses) for statuses in fractures]
    if not fractures:
        return "no-evaluable-fracture"
    if out_of_scope:
        return "out-of-scope"
    if blocked:
        return "blocked"
    if "met" in found:
        return "criteria-met"
    if "unknown" in found:
        return "information-needed"
    return "criteria-not-met"


def only_pain_management_is_against(fractures: Sequence[Combination]) -> bool:
    """Contract 6.6: of every fracture the only criterion not met is that one; unknowns beside it do not matter."""
    against = [[criterion for criterion, status in zip(CRITERIA, statuses, strict=True) if status == "not-met"] for statuses in fractures]
    return all(each == ["optimal-pain-management"] for each in against)


def topics(fractures: Sequence[Combination], *, blocked: bool = False, cautioned: bool = False, show_not_met: bool = False) -> set[str]:
    """The cards of patient-view (contract 2), out-of-scope patients apart."""
    if not fractures:
        return set()
    found = [fracture(statuses) for statuses in fractures]
    due = set()
    if blocked or (cautioned and "met" in found):
        due.add("ta279SafetyAlert")
    if "met" in found and not blocked:
        due.add("ta279CriteriaMet")
    if "met" not in found and "unknown" in found:
        due.add("ta279InformationNeeded")
    if set(found) == {"not-met"} and (show_not_met or only_pain_management_is_against(fractures)):
        due.add("ta279CriteriaNotMet")
    return due
