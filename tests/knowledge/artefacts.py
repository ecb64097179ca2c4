"""The guideline's artefacts as they lie on disk."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from app.fhir_package import resources
from guidelines.ta279.terminology import PACKAGE

Json = dict[str, Any]

CANONICAL = "https://vertebral-augmentation-cds.example/fhir"


@cache
def artefacts() -> list[Json]:
    return resources(PACKAGE)


def artefact(kind: str, artefact_id: str) -> Json:
    return next(each for each in artefacts() if (each["resourceType"], each["id"]) == (kind, artefact_id))


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


def items(within: Json) -> Iterator[Json]:
    """Every item of a Questionnaire, groups before what is in them."""
    for item in within.get("item", ()):
        yield item
        yield from items(item)
