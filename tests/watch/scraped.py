"""Reading `GET /metrics`."""

import re
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Samples = Mapping[str, float]
TYPE = re.compile(r"^# TYPE (\S+) (\S+)$", re.MULTILINE)


def types(text: str) -> dict[str, str]:
    """By name as exposed: a counter's ends in `_total`."""
    return dict(TYPE.findall(text))


def labels(text: str) -> dict[str, set[str]]:
    """The names of the labels of each metric that has samples, those of its buckets left out."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): set().union(*(sample.labels for sample in family.samples)) - {"le"}
        for family in text_string_to_metric_families(text)
        if family.samples
    }


def samples(text: str) -> Samples:
    """`vacds_requests_total{route="/livez",status="200"}` to its value, labels in order of their names."""
    return {named(sample.name, sample.labels): sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def named(name: str, told: Mapping[str, str]) -> str:
    inner = ",".join(f'{label}="{value}"' for label, value in sorted(told.items()))
    return f"{name}{{{inner}}}" if inner else name


def growth(before: Samples, after: Samples, name: str) -> dict[str, float]:
    """What has grown of one metric, and by how much."""
    grown = {key: value - before.get(key, 0.0) for key, value in after.items() if key.partition("{")[0] == name}
    return {key.removeprefix(name): more for key, more in grown.items() if more}
