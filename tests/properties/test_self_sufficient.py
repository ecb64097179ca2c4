"""Law 6: every met and not-met has evidence, every unknown says what is missing; and the Evaluation alone proves its outcome."""

from hypothesis import given

from tests.cohort.chart import Chart
from tests.properties.charts import charts, held, note
from tests.properties.service import Json, evaluation

CRITERIA = [
    "osteoporotic", "compression-fracture", "recent", "unhealed", "severe-pain", "ongoing-pain", "optimal-pain-management",
    "examination-at-level", "imaging-at-level",
]  # fmt: skip


@held
@given(charts())
def test_what_is_decided_has_evidence_and_what_is_not_says_what_it_needs(chart: Chart) -> None:
    answer = evaluation(chart.resources)
    note(answer)
    held_here = {f"{resource['resourceType']}/{resource['id']}" for resource in chart.resources}
    for fracture in answer["fractures"]:
        assert [finding["criterion"] for finding in fracture["criteria"]] == CRITERIA
        for finding in fracture["criteria"]:
            assert finding["reason"]
            assert bool(finding.get("needed")) == (finding["status"] == "unknown")
            assert finding.get("evidence") or finding["status"] == "unknown"
            assert {line["reference"] for line in finding.get("evidence", [])} <= held_here
    for flag in answer.get("flags", []):
        assert flag["evidence"]
        assert {line["reference"] for line in flag["evidence"]} <= held_here


def fracture_outcome(fracture: Json, flags: list[Json]) -> str:
    statuses = [finding["status"] for finding in fracture["criteria"]]
    excluded = any(flag["severity"] == "excluding" and flag.get("level") == fracture.get("level") for flag in flags)
    if "not-met" in statuses or excluded:
        return "not-met"
    return "unknown" if "unknown" in statuses else "met"


def outcome(answer: Json) -> str:
    """Contract 6.1, read from the Evaluation and nothing else."""
    flags = answer.get("flags", [])
    outcomes = [fracture_outcome(fracture, flags) for fracture in answer["fractures"]]
    if not outcomes:
        return "no-evaluable-fracture"
    if "outOfScope" in answer:
        return "out-of-scope"
    if any(flag["severity"] == "blocking" for flag in flags):
        return "blocked"
    if "met" in outcomes:
        return "criteria-met"
    return "information-needed" if "unknown" in outcomes else "criteria-not-met"


@held
@given(charts())
def test_the_evaluation_alone_proves_its_outcome(chart: Chart) -> None:
    answer = evaluation(chart.resources)
    assert answer["outcome"] == outcome(answer)
    for fracture in answer["fractures"]:
        assert fracture["outcome"] == fracture_outcome(fracture, answer.get("flags", []))
