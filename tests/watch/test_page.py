"""docs/observability.md tells all that is there, and nothing else."""

import ast
import re

import pytest
import yaml

from app.logs import FIRST_MEMBERS, MEMBERS
from app.observability.metrics import EVENTS, Metrics
from tests.house.tree import ROOMS, ROOT, nodes, where

PAGE = (ROOT / "docs/observability.md").read_text(encoding="utf-8")
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus-alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
METRIC = re.compile(r"^\| `(vacds_\w+)` \| (\w+) \| (.*?)\| .+ \|$", re.MULTILINE)
NAME = re.compile(r"vacds_\w+")


def section(title: str, level: str = "##") -> str:
    return PAGE.partition(f"\n{level} {title}\n")[2].partition("\n## ")[0]


def words(text: str) -> set[str]:
    """What is set as code in the first column of the tables."""
    return {word for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)}


def test_every_metric_is_on_the_page_and_no_other() -> None:
    exposed = {
        family.name + ("_total" if family.type == "counter" else ""): (family.type, labels_of(Metrics(), family.name))
        for family in Metrics().registry.collect()
    }
    told = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in METRIC.findall(PAGE)}
    assert told == exposed


def labels_of(metrics: Metrics, name: str) -> set[str]:
    return set(metrics.registry._names_to_collectors[name]._labelnames)  # type: ignore[attr-defined]


def test_every_member_of_a_log_line_is_on_the_page_and_no_other() -> None:
    members = words(section("Logs").partition("| event | meaning |")[0])
    assert members == {*FIRST_MEMBERS, *MEMBERS}


def events() -> set[str]:
    """Every event that a log line names; it must be a constant, because it becomes a label."""
    given = [(path, value) for path, node in nodes(*ROOMS) for value in events_in(node)]
    assert [where(path, value) for path, value in given if not isinstance(value, ast.Constant)] == []
    return {str(value.value) for _, value in given if isinstance(value, ast.Constant)}


def events_in(node: ast.AST) -> list[ast.expr]:
    """The values of "event" in an `extra`, or in `facts` that become one."""
    if isinstance(node, ast.keyword) and node.arg == "extra":
        return event_of(node.value)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "facts":
        return event_of(node.value)
    return []


def event_of(node: ast.expr) -> list[ast.expr]:
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "event"]


def test_every_event_is_on_the_page_and_no_other() -> None:
    assert words(section("Logs").partition("| event | meaning |")[2]) == events() == set(EVENTS)


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_asks_for_metrics_that_there_are(rule: dict[str, str]) -> None:
    known = {name for family in Metrics().registry.collect() for name in exposed_names(family.name, family.type)}
    assert set(NAME.findall(rule["expr"])) <= known


def exposed_names(name: str, kind: str) -> list[str]:
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    return [name + suffix for suffix in suffixes.get(kind, [""])]


def test_every_alert_is_on_the_page_and_no_other() -> None:
    assert {word for word in words(PAGE) if word.startswith("Vacds")} == {rule["alert"] for rule in RULES}
