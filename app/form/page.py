"""`GET /form`: the assessment form for a sample patient, in demo mode. Its own style and script, and nothing from anywhere else.

What is filled in goes to the demo's FHIR server, as it would go to the EHR's, and the next patient-view call has it.
"""

from html import escape
from pathlib import Path
from string import Template

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from app.form.drawing import form_fields
from app.outcomes import NO_STORE

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDED = {**NO_STORE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"}

_STATIC = Path(__file__).parent / "static"
_FILES = {"form.css": "text/css", "form.js": "text/javascript", "answers.js": "text/javascript"}


class Form:
    """The page, drawn once from the Questionnaire as it is published."""

    def __init__(self, questionnaire: bytes) -> None:
        told = msgspec.json.decode(questionnaire)
        page = Template((_STATIC / "form.html").read_text(encoding="utf-8"))
        words = {name: escape(told[name]) for name in ("title", "description", "url")}
        self._page = page.substitute(words, fields=form_fields(told))
        self._files = {name: (_STATIC / name).read_bytes() for name in _FILES}

    async def page(self) -> Response:
        """The assessment form, to be filled in for a sample patient; `?patient=` chooses one."""
        return Response(self._page, headers=GUARDED, media_type="text/html")

    async def file(self, request: Request) -> Response:
        name = request.url.path.rsplit("/", 1)[-1]
        return Response(self._files[name], headers=GUARDED, media_type=_FILES[name])


def add(app: FastAPI, questionnaire: bytes) -> None:
    form, router = Form(questionnaire), APIRouter(tags=["assessment form"])
    page = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
    router.add_api_route("/form", form.page, methods=["GET"], responses={200: page}, response_model=None, name="assessment-form")
    for name in _FILES:
        router.add_api_route(f"/form/{name}", form.file, methods=["GET"], include_in_schema=False, response_model=None)
    app.include_router(router)
