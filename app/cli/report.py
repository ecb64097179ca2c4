"""An Evaluation as people read it in a terminal: the outcome, each fracture's nine criteria, flags, what could not be read."""

from collections.abc import Iterable, Iterator

from app.cli.terminal import wrapped
from cards.criterion_wording import caution
from clinical.assessment import Assessment, Evidence, Finding, Flag, FractureAssessment, Outcome

NAME, STATUS = 26, 36  # the columns at which a status and a reason begin
SHOUTED = {"not-met": "NOT MET"}  # what stops a recommendation is seen first
SAYS = {
    Outcome.CRITERIA_MET: "at least one fracture meets every criterion; the procedures may be options to discuss",
    Outcome.INFORMATION_NEEDED: "no fracture meets them all, and for at least one something is not known",
    Outcome.CRITERIA_NOT_MET: "in every fracture a criterion is not met",
    Outcome.BLOCKED: "a blocking flag stops every recommendation, whatever the criteria say",
    Outcome.NO_EVALUABLE_FRACTURE: "no vertebral fracture that can be evaluated is in these data; that does not mean that there is none",
    Outcome.OUT_OF_SCOPE: "the guideline is not applied to this person",
}
FOOT = "Supports, does not decide. Unknown is an answer: what is not on record is never taken as absent. Thresholds are local, not NICE's."


def report(found: Assessment) -> Iterator[str]:
    scope = f" ({found.out_of_scope})" if found.out_of_scope else ""
    yield from wrapped(f"{found.outcome}{scope}: {SAYS[found.outcome]}", 14, "Outcome")
    yield from wrapped(f"{found.evaluation_date}, profile {found.profile}, logic {found.logic_version}", 14, "Day")
    for number, fracture in enumerate(found.fractures, start=1):
        yield from ("", f"Fracture {number} of {len(found.fractures)}: {_heading(fracture)}", "")
        for finding in fracture.criteria:
            yield from _finding(finding)
    yield from _flags(found.flags)
    if found.data_gaps:
        yield from ("", "Not read, or not whole")
        yield from (f"  {gap.resource_type}: {gap.reason}" for gap in found.data_gaps)
    yield ""
    yield from wrapped(FOOT, 0)


def _heading(fracture: FractureAssessment) -> str:
    onset = fracture.onset
    days = "not recorded" if onset is None else onset.latest if onset.earliest == onset.latest else f"{onset.earliest}/{onset.latest}"
    return f"{fracture.level or 'level not recorded'}, onset {days}: {_status(fracture.outcome)}"


def _finding(finding: Finding) -> Iterator[str]:
    head = f"  {finding.criterion}".ljust(NAME) + _status(finding.status)
    yield from wrapped(f"{finding.reason} [{finding.reason_code}]", STATUS, head)
    yield from _evidence(finding.evidence)
    for code in finding.cautions:
        yield from wrapped(f"caution: {caution(code)}", STATUS + 2, " " * STATUS)
    if finding.needed:
        yield from wrapped(f"needed: {finding.needed}", STATUS + 2, " " * STATUS)


def _evidence(evidence: Iterable[Evidence]) -> Iterator[str]:
    for item in evidence:
        yield from wrapped(f"{item.date or 'no date'}  {item.value}  {item.reference}", STATUS + 2, " " * STATUS)


def _flags(flags: Iterable[Flag]) -> Iterator[str]:
    for number, flag in enumerate(flags):
        if number == 0:
            yield from ("", "Flags")
        place = f" at {flag.level}" if flag.level else ""
        yield f"  {flag.flag}".ljust(STATUS) + f"{flag.severity}{place}"
        yield from _evidence(flag.evidence)


def _status(status: str) -> str:
    return SHOUTED.get(status, str(status))
