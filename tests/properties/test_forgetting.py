"""Law 2: forgetting cannot convince. Without any one resource each finding is as it was or unknown, but for the exceptions that say why."""

from collections.abc import Iterator

from hypothesis import event, given

from tests.cohort.chart import Chart, Resource
from tests.properties.charts import charts, held
from tests.properties.forgetting_exceptions import EXCEPTIONS, Row
from tests.properties.service import Json, evaluation

LINKS = ("ImagingStudy", "DiagnosticReport")


def without_each(chart: Chart) -> Iterator[tuple[Resource, Json]]:
    """Each resource but the Patient, and the Evaluation of what is left."""
    for place, resource in enumerate(chart.resources):
        if place:
            yield resource, evaluation(chart.resources[:place] + chart.resources[place + 1 :])


def same_fractures(before: Json, after: Json) -> Iterator[tuple[Json, Json]]:
    """Fractures that are one and the same in both: the only one at its level, of one onset."""
    for fracture in before["fractures"]:
        twins = [each for each in after["fractures"] if each.get("level") == fracture.get("level")]
        alone = sum(each.get("level") == fracture.get("level") for each in before["fractures"]) == 1
        if alone and len(twins) == 1 and twins[0].get("onset") == fracture.get("onset"):
            yield fracture, twins[0]


def exception(before: Json, after: Json, forgotten: Resource) -> Row | None:
    return next(
        (
            row for row in EXCEPTIONS
            if row.criterion == before["criterion"] and before["reasonCode"] in row.before and after["reasonCode"] in row.after
            and row.forgotten in ("", forgotten["resourceType"])
        ),
        None,
    )  # fmt: skip


@held
@given(charts())
def test_forgetting_moves_a_finding_only_towards_unknown(chart: Chart) -> None:
    before = evaluation(chart.resources)
    for forgotten, after in without_each(chart):
        for fracture, later in same_fractures(before, after):
            for finding, found in zip(fracture["criteria"], later["criteria"], strict=True):
                if found["status"] in (finding["status"], "unknown"):
                    continue
                row = exception(finding, found, forgotten)
                assert row is not None, (finding["criterion"], finding["reasonCode"], found["reasonCode"], forgotten)
                event(f"{row.paragraph} {row.why}")


def references_in(value: Json) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if "reference" in value else set()
        return own.union(*(references_in(inner) for inner in value.values()))
    return set().union(*(references_in(inner) for inner in value)) if isinstance(value, list) else set()


@held
@given(charts())
def test_no_fracture_meets_all_criteria_by_a_loss_that_nobody_saw(chart: Chart) -> None:
    """Where a loss completes the criteria, what is lost stood as evidence against them, or said by which study a finding was seen."""
    before = evaluation(chart.resources)
    cited = references_in(before)
    for forgotten, after in without_each(chart):
        if after["outcome"] == "criteria-met" and before["outcome"] != "criteria-met":
            assert f"{forgotten['resourceType']}/{forgotten['id']}" in cited or forgotten["resourceType"] in LINKS
            event("a loss completed the criteria")


@held
@given(charts())
def test_an_empty_record_convinces_nobody(chart: Chart) -> None:
    """Only the Conditions left: nothing about pain, imaging, examination or analgesia can be met."""
    kept = [resource for resource in chart.resources if resource["resourceType"] in ("Patient", "Condition")]
    for fracture in evaluation(kept)["fractures"]:
        assert fracture["outcome"] != "met"
        by_id = {finding["criterion"]: finding["status"] for finding in fracture["criteria"]}
        for criterion in ("unhealed", "severe-pain", "optimal-pain-management", "examination-at-level", "imaging-at-level"):
            assert by_id[criterion] == "unknown"
