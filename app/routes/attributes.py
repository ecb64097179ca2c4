"""GET /source-attributes: what this intervention rests on and which personal attributes it uses (45 CFR 170.315(b)(11)(iv)(A)).

The thirteen of an evidence-based decision support intervention, in the rule's order. Those that say what is used and what is not are
held true by tests/knowledge/test_source_attributes.py. Every card links here: a browser gets a page for people, all others JSON.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.outcomes import JSON
from app.web_page import guarded
from clinical.assessment import Guideline

ADDRESS = "/source-attributes"
HTML = "text/html"
CACHED = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
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


class Page:
    """The thirteen for people, with what the service is and is not for. Its style stands in it, by its hash."""

    def __init__(self, guideline: Guideline) -> None:
        rows = "\n".join(_row(each) for each in source_attributes(guideline))
        folder = Path(__file__).parent
        style = (folder / "attributes.css").read_text(encoding="utf-8")
        page = Template((folder / "attributes.html").read_text(encoding="utf-8"))
        words = {"guideline": guideline.label, "url": guideline.url, "logic": guideline.logic_version}
        self.body = page.substitute({name: escape(word) for name, word in words.items()}, rows=rows, style=style)
        digest = b64encode(sha256(style.encode()).digest()).decode()
        self.headers = {**guarded(connects=(), style=f"'sha256-{digest}'"), **CACHED}


def _row(attribute: SourceAttribute) -> str:
    return f'<tr><td>{attribute.id}</td><th scope="row">{escape(attribute.title)}</th><td>{escape(attribute.value)}</td></tr>'


def add(app: FastAPI, guideline: Guideline) -> None:
    body = msgspec.json.encode({"attributes": [each.model_dump() for each in source_attributes(guideline)]})
    page = Page(guideline)
    both: dict[int | str, dict[str, Any]] = {200: {"content": {HTML: {"schema": {"type": "string"}}}}}

    @app.get(ADDRESS, response_model=SourceAttributes, tags=["Artefacts"], responses=both)
    async def source_attributes_of_the_intervention(request: Request) -> Response:
        """What the intervention rests on, who made it, and which personal attributes it uses. A page, where `Accept` asks for HTML."""
        if HTML in request.headers.get("accept", ""):
            return Response(page.body, headers=page.headers, media_type=HTML)
        return Response(body, headers=CACHED, media_type=JSON)
