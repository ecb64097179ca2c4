"""The sample patients: whole charts in FHIR R4, fictitious, dated relative to the day asked for, each with the answer it must get.

Each file in `patients/` is one sample; its name is the patient's id. `background.yaml` holds the rest of a chart, `defaults.yaml` what a
resource has unless it says otherwise; `templates.py` explains the notation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

from app.demo.search import search
from app.demo.templates import Resource, TemplateError, expand_resource

PATIENT_IN_CONTEXT = "{{context.patientId}}"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ExpectedFracture:
    """`level` is None where the record names none; `outcome` is met, unknown or not-met."""

    level: str | None
    outcome: str


@dataclass(frozen=True)
class Expected:
    """What the Evaluation must say (contract, section 3), and which cards patient-view must show with the default settings."""

    outcome: str
    out_of_scope: str | None
    fractures: tuple[ExpectedFracture, ...]
    card_topics: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """`id` is the Patient's id; `story` is one sentence for people; the first of `resources` is the Patient."""

    id: str
    title: str
    story: str
    expected: Expected
    resources: list[Resource]


def load_samples(today: date) -> list[Sample]:
    """Every sample, as it stands on that day, those that meet the criteria first. Raises TemplateError for a file that cannot be read."""
    return [_sample(path, today) for path in sorted(_HERE.glob("patients/*.yaml"), key=_place)]


def sample_bundle(sample: Sample) -> Resource:
    """The whole chart as a Bundle of type collection, as `POST /evaluations` takes it."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in sample.resources],
    }


def sample_prefetch(sample: Sample, templates: Mapping[str, str]) -> dict[str, Resource | None]:
    """What an EHR that honours every template would send: the resource read, or a searchset Bundle, per prefetch key."""
    return {key: _resolve(sample, template) for key, template in templates.items()}


def _resolve(sample: Sample, template: str) -> Resource | None:
    query = template.replace(PATIENT_IN_CONTEXT, sample.id)
    path, question, parameters = query.partition("?")
    if not question:
        return next((found for found in sample.resources if f"{found['resourceType']}/{found['id']}" == path), None)
    found = search(sample.resources, path, parse_qsl(parameters))
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found.matches)}
    if found.matches:
        bundle["entry"] = [{"resource": resource, "search": {"mode": "match"}} for resource in found.matches]
    return bundle


def _place(path: Path) -> tuple[int, str]:
    number: str = _yaml(path)["patient"]["identifier"][0]["value"]
    return int(number.rpartition("-")[2]), path.stem


def _sample(path: Path, today: date) -> Sample:
    told = _yaml(path)
    own = [{"resourceType": "Patient", **told["patient"]}, *told["resources"]]
    noise = [resource for name in told["background"] for resource in _background(name, path)]
    defaults = _yaml(_HERE / "defaults.yaml")
    return Sample(
        id=path.stem,
        title=told["title"],
        story=told["story"],
        expected=_expected(told["expected"]),
        resources=[expand_resource(template, path.stem, defaults, today) for template in (*own, *noise)],
    )


def _background(name: str, path: Path) -> list[Resource]:
    known: dict[str, list[Resource]] = _yaml(_HERE / "background.yaml")
    if name not in known:
        raise TemplateError(f"{path.name}: no background called {name}")
    return known[name]


def _expected(told: Mapping[str, Any]) -> Expected:
    return Expected(
        outcome=told["outcome"],
        out_of_scope=told.get("outOfScope"),
        fractures=tuple(ExpectedFracture(each.get("level"), each["outcome"]) for each in told["fractures"]),
        card_topics=tuple(told["cards"]),
    )


@cache
def _yaml(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name} is not YAML: {error}") from error
    return loaded
