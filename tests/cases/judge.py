"""Holds an Evaluation (contract section 3, as JSON) and its cards against a case: every difference in words, none if they agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.cases.builder import Chart
from tests.cases.case import Case
from tests.cases.expectation import CRITERIA, SOME_CRITERION, FractureExpectation, Verdict
from tests.cases.when import Calendar

Json = Mapping[str, Any]


def differences(case: Case, chart: Chart, evaluation: Json, topics: list[str]) -> list[str]:
    """What is not as the case says, one line each."""
    return [
        *_of_the_patient(case, evaluation, topics),
        *_of_the_fractures(case, chart, evaluation),
        *_evidence_that_must_not_be(chart, evaluation),
    ]


def _of_the_patient(case: Case, evaluation: Json, topics: list[str]) -> Iterator[str]:
    expect = case.expect
    flags = [(flag["flag"], flag["severity"], flag.get("level", "")) for flag in evaluation.get("flags", [])]
    if expect.outcome is not None:
        yield from _differ("outcome", expect.outcome, evaluation["outcome"])
    if expect.out_of_scope != evaluation.get("outOfScope") and expect.outcome is not None:
        yield f"out of scope: expected {expect.out_of_scope}, got {evaluation.get('outOfScope')}"
    if expect.topics is not None:
        yield from _differ("cards", sorted(expect.topics), sorted(topics))
    if expect.flags is not None:
        yield from _flags_differ(expect.flags, flags)
    yield from (f"flag {flag['flag']} without evidence" for flag in evaluation.get("flags", []) if not flag.get("evidence"))


def _flags_differ(expected: Mapping[str, str], flags: list[tuple[str, str, str]]) -> Iterator[str]:
    """A flag's severity, and its level where the case gives one."""
    seen = {flag: f"{severity} {level}" if " " in expected.get(flag, "") else severity for flag, severity, level in flags}
    yield from _differ("flags", dict(expected), seen)


def _of_the_fractures(case: Case, chart: Chart, evaluation: Json) -> Iterator[str]:
    expected, actual = case.expect.fractures, evaluation["fractures"]
    if len(expected) != len(actual):
        yield f"fractures: expected {[_name(each) for each in expected]}, got {[_levelled(each) for each in actual]}"
        return
    calendar = Calendar(case.as_of)
    for each in expected:
        found = [fracture for fracture in actual if _is(each, fracture, calendar)]
        if len(found) != 1:
            yield f"{_name(each)}: expected one such fracture, got {[_levelled(fracture) for fracture in actual]}"
        else:
            yield from (f"{_name(each)} {line}" for line in _of_one(each, chart, found[0]))


def _is(expected: FractureExpectation, fracture: Json, calendar: Calendar) -> bool:
    if expected.level != fracture.get("level"):
        return False
    return expected.onset is None or calendar.day(expected.onset) == fracture.get("onset", {}).get("latest")


def _of_one(expected: FractureExpectation, chart: Chart, fracture: Json) -> Iterator[str]:
    findings = {finding["criterion"]: finding for finding in fracture["criteria"]}
    if tuple(findings) != CRITERIA:
        yield f"criteria: {list(findings)}"
        return
    for criterion, finding in findings.items():
        yield from _verdict_differs(criterion, expected.verdict(criterion), finding)
        yield from _is_not_grounded(criterion, finding)
        yield from _source_is_missing(criterion, finding)
    yield from _cautions_differ(expected, findings)
    yield from _evidence_is_missing(expected, chart, findings)
    yield from _differ("outcome", expected.outcome or _kleene(findings), fracture["outcome"])


def _verdict_differs(criterion: str, expected: Verdict, finding: Json) -> Iterator[str]:
    got = f"{finding['status']} {finding['reasonCode']}"
    if finding["status"] not in expected.statuses or expected.reason not in (None, finding["reasonCode"]):
        wanted = "|".join(sorted(expected.statuses)) + (f" {expected.reason}" if expected.reason else "")
        yield f"{criterion}: expected {wanted}, got {got} ({finding['reason']})"


def _is_not_grounded(criterion: str, finding: Json) -> Iterator[str]:
    """Law 6 of the design: met and not met have evidence, unknown says what is missing."""
    if finding["status"] == "unknown" and not finding.get("needed"):
        yield f"{criterion}: unknown, and does not say what is needed"
    if finding["status"] != "unknown" and not finding.get("evidence"):
        yield f"{criterion}: {finding['status']} without evidence"


def _source_is_missing(criterion: str, finding: Json) -> Iterator[str]:
    yield from (f"{criterion}: {each['reference']} without source" for each in finding.get("evidence", []) if not each.get("source"))


def _cautions_differ(expected: FractureExpectation, findings: Json) -> Iterator[str]:
    if expected.cautions is None:
        return
    somewhere = set(expected.cautions.get(SOME_CRITERION, []))
    given = {criterion: set(finding.get("cautions", [])) for criterion, finding in findings.items()}
    for criterion, cautions in given.items():
        wanted = set(expected.cautions.get(criterion, []))
        yield from _differ(f"cautions of {criterion}", sorted(wanted), sorted(cautions - somewhere))
    if missing := somewhere - set().union(*given.values()):
        yield f"cautions: expected {sorted(missing)} on some criterion"


def _evidence_is_missing(expected: FractureExpectation, chart: Chart, findings: Json) -> Iterator[str]:
    for criterion, facts in expected.evidence.items():
        given = {evidence["reference"] for evidence in findings[criterion].get("evidence", [])}
        for fact in facts:
            if not given & set(chart.references[fact]):
                yield f"{criterion}: {fact} is not among the evidence {sorted(given)}"


def _evidence_that_must_not_be(chart: Chart, evaluation: Json) -> Iterator[str]:
    """Law 3 of the design: what was entered in error is never evidence."""
    used = {evidence["reference"] for evidence in _evidence_in(evaluation)}
    errors = {f"{each['resourceType']}/{each['id']}" for each in chart.resources if _in_error(each)}
    yield from (f"{reference} was entered in error and is evidence" for reference in sorted(used & errors))


def _in_error(resource: Json) -> bool:
    verification = resource.get("verificationStatus", {}).get("coding", [{}])[0].get("code")
    return "entered-in-error" in (resource.get("status"), verification)


def _evidence_in(evaluation: Json) -> Iterator[Json]:
    for fracture in evaluation["fractures"]:
        for finding in fracture["criteria"]:
            yield from finding.get("evidence", [])
    for flag in evaluation.get("flags", []):
        yield from flag.get("evidence", [])


def _kleene(findings: Json) -> str:
    statuses = {finding["status"] for finding in findings.values()}
    return next((status for status in ("not-met", "unknown") if status in statuses), "met")


def _differ(what: str, expected: object, got: object) -> Iterator[str]:
    if expected != got:
        yield f"{what}: expected {expected}, got {got}"


def _name(expected: FractureExpectation) -> str:
    return " ".join(filter(None, [expected.level or "no level", expected.onset]))


def _levelled(fracture: Json) -> str:
    return f"{fracture.get('level', 'no level')} {fracture.get('onset', {}).get('latest', '')}".strip()
