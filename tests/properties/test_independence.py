"""Law 5: one fracture's findings do not depend on another's."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.cohort.chart import LEVELS, Chart, Resource
from tests.cohort.generator import add_fracture_and_evidence
from tests.properties.charts import DrawnDice, charts, held
from tests.properties.service import Json, evaluation

FAR = 3
COMPARED = ("status", "reasonCode", "cautions")
"""Evidence may grow: that a study was done, whatever of, is told of every fracture that has no finding."""
FRACTURE_WORDS = ("Broken vertebra", "Wedge fracture")


def second_fracture(data: st.DataObject, chart: Chart, level: str) -> list[Resource]:
    """Another fracture with its evidence, ids of their own."""
    other = Chart("p", chart.today)
    other.resources.append(chart.resources[0])
    add_fracture_and_evidence(other, DrawnDice(data.draw), level, data.draw(st.integers(0, 360)))
    return [{**resource, "id": f"second-{resource['id']}"} for resource in other.resources[1:]]


def renamed_links(resources: list[Resource]) -> list[Resource]:
    """Links between the resources of the second fracture, under their new ids."""
    names = {f"{each['resourceType']}/{each['id'].removeprefix('second-')}": f"{each['resourceType']}/{each['id']}" for each in resources}
    return [
        {name: [{"reference": names[each["reference"]]} for each in value] if name in ("result", "derivedFrom", "imagingStudy") else value
         for name, value in resource.items()}
        for resource in resources
    ]  # fmt: skip


def sites(resource: Resource) -> list[Resource]:
    found = resource.get("bodySite", [])
    return found if isinstance(found, list) else [found]


def levels_of(resources: list[Resource]) -> set[str]:
    """Every level named anywhere, by the text that the generator writes beside the code."""
    named = [site.get("text") for resource in resources for site in sites(resource)]
    named += [part["code"].get("text") for resource in resources for part in resource.get("component", [])]
    return {text for text in named if text in LEVELS}


def is_fracture_without_level(resource: Resource) -> bool:
    """Which vertebra such a Condition means is found by looking at what else is on record (G9): it has no findings of its own."""
    text = resource["code"].get("text", "") if resource["resourceType"] == "Condition" else ""
    return text.startswith(FRACTURE_WORDS) and not levels_of([resource])


@held
@given(charts(), st.data())
def test_a_distant_fracture_changes_nothing_of_the_first(chart: Chart, data: st.DataObject) -> None:
    mine = levels_of(chart.resources)
    far = [level for level in LEVELS if all(abs(LEVELS.index(level) - LEVELS.index(other)) > FAR for other in mine)]
    assume(far)
    level = data.draw(st.sampled_from(far))
    added = renamed_links(second_fracture(data, chart, level))
    theirs = levels_of(added)
    assume(theirs and not any(is_fracture_without_level(each) for each in (*chart.resources, *added)))
    assume(all(abs(LEVELS.index(one) - LEVELS.index(other)) >= FAR for one in mine for other in theirs))
    before, after = evaluation(chart.resources), evaluation([*chart.resources, *added])
    kept = {fracture["level"]: fracture for fracture in after["fractures"] if "level" in fracture}
    for fracture in before["fractures"]:
        if "level" in fracture and len([each for each in before["fractures"] if each.get("level") == fracture["level"]]) == 1:
            assert_same(fracture, kept.get(fracture["level"]))


def assert_same(fracture: Json, later: Json | None) -> None:
    """Finding by finding; but tenderness that is found only elsewhere decides where nobody examined here (1.8)."""
    assert later is not None
    assert later.get("onset") == fracture.get("onset")
    for finding, found in zip(fracture["criteria"], later["criteria"], strict=True):
        if finding["criterion"] == "examination-at-level" and found["reasonCode"] == "tender-elsewhere":
            assert finding["reasonCode"] not in ("tender-at-level", "not-tender-at-level", "conflict")
            continue
        assert {name: found.get(name) for name in COMPARED} == {name: finding.get(name) for name in COMPARED}
