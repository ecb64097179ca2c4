"""GET /source-attributes: what this intervention rests on and which personal attributes it uses (45 CFR 170.315(b)(11)(iv)(A)).

The thirteen of an evidence-based decision support intervention, in the rule's order. Those that say what is used and what is not are
held true by tests/knowledge/test_source_attributes.py. `docs/source-attributes.md` is the page for people.
"""

from collections.abc import Sequence

import msgspec
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from app.outcomes import JSON
from clinical.assessment import Guideline

CACHED = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
NOT_USED = "Not used. No rule reads it, and a change in it leaves every card as it was."


class SourceAttribute(BaseModel):
    id: int
    title: str
    value: str


class SourceAttributes(BaseModel):
    """The thirteen source attributes, by number."""

    attributes: list[SourceAttribute]


def source_attributes(guideline: Guideline) -> Sequence[SourceAttribute]:
    rows = (*_where_it_comes_from(guideline), *_what_it_uses())
    return [SourceAttribute(id=number, title=title, value=value) for number, (title, value) in enumerate(rows, start=1)]


def _where_it_comes_from(guideline: Guideline) -> tuple[tuple[str, str], ...]:
    citation = f"{guideline.title}. NICE technology appraisal guidance TA279, April 2013. {guideline.url}"
    dates = (
        f"TA279: April 2013; its page tells whether it has been reviewed since. This reading of it: version {guideline.logic_version}. "
        "The numbers in it are local settings, listed in each Evaluation; the guideline gives none."
    )
    return (
        ("Bibliographic citation of the guideline or research", citation),
        ("Developer of the intervention", "The maintainers of Vertebral Augmentation CDS, who turned the guideline's text into rules."),
        ("Funding of the technical implementation", "None is declared in this project: no grant, sponsor or manufacturer."),
        ("Release and revision dates of the intervention and its source", dates),
    )


def _what_it_uses() -> tuple[tuple[str, str], ...]:
    return (
        ("Use of race", NOT_USED),
        ("Use of ethnicity", NOT_USED),
        ("Use of language", NOT_USED),
        ("Use of sexual orientation", NOT_USED),
        ("Use of gender identity", NOT_USED),
        ("Use of sex", f"{NOT_USED} A recorded pregnancy is used, whatever the sex."),
        (
            "Use of date of birth",
            "Used, as age: under 18 is out of scope; from 18 to 49 a fragility fracture alone does not settle the cause. It also turns an "
            "onset recorded as an age into dates.",
        ),
        ("Use of social determinants of health", NOT_USED),
        (
            "Use of health status assessments",
            "Used: pain scores and coded severity of pain, pregnancy status, ASA class, and the answers of this service's assessment form. "
            "Not used: functional, disability, cognitive and mental status, alcohol, tobacco and other substance use.",
        ),
    )


def add(app: FastAPI, guideline: Guideline) -> None:
    body = msgspec.json.encode({"attributes": [each.model_dump() for each in source_attributes(guideline)]})

    @app.get("/source-attributes", response_model=SourceAttributes, tags=["Artefacts"])
    async def source_attributes_of_the_intervention() -> Response:
        """What the intervention rests on, who made it, and which personal attributes it uses."""
        return Response(body, headers=CACHED, media_type=JSON)
