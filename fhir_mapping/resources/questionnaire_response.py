"""QuestionnaireResponse to our own assessment form: what a person answered. Other forms say nothing here.

What the answers mean is read in fhir_mapping.assessment_form.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from clinical.codes import NONE
from fhir_mapping.elements import Coding, Element, Reference, listed
from fhir_mapping.glance import Glance, Topics
from fhir_mapping.resources.resource import Resource

CANONICAL = "https://vertebral-augmentation-cds.example/fhir"
QUESTIONNAIRE = f"{CANONICAL}/Questionnaire/ta279-assessment"


class Answer(Element, kw_only=True):
    """One answer of a type that our form asks for."""

    value_boolean: bool | None = None
    value_integer: float | None = None
    value_decimal: float | None = None
    value_date: str | None = None
    value_coding: Coding | None = None


class Item(Element, kw_only=True):
    link_id: str | None = None
    answer: list[Answer | None] | None = None
    item: "list[Item | None] | None" = None


class QuestionnaireResponse(Resource, kw_only=True):
    resource_type: Literal["QuestionnaireResponse"]
    questionnaire: str | None = None
    status: str | None = None
    authored: str | None = None
    author: Reference | None = None
    item: list[Item | None] | None = None


class QuestionnaireResponseGlance(Glance, kw_only=True):
    """A response to any other form is left unopened."""

    resource_type: Literal["QuestionnaireResponse"]
    questionnaire: str | None = None

    def topics(self, topics: Topics) -> frozenset[str]:
        return topics.unsure() if is_ours(self.questionnaire) else NONE


Answers = Mapping[str, Answer]


def is_ours(questionnaire: str | None) -> bool:
    """Our form, in whatever version."""
    return questionnaire is not None and questionnaire.partition("|")[0] == QUESTIONNAIRE


def groups(response: QuestionnaireResponse) -> Iterator[tuple[str, Answers]]:
    """Each group of the form with its own answers by linkId, the first of several; a repeated group comes once for each time."""
    waiting = list(listed(response.item))
    while waiting:
        group = waiting.pop()
        inner = list(listed(group.item))
        waiting += inner
        if answers := dict(_answered(inner)):
            yield group.link_id or "", answers


def _answered(items: list[Item]) -> Iterator[tuple[str, Answer]]:
    for item in items:
        answer = next(listed(item.answer), None)
        if item.link_id is not None and answer is not None:
            yield item.link_id, answer
