"""The assessment form as a page. Its own style and script, and nothing from anywhere else.

`/form` (demo mode) is for a sample patient: what is filled in goes to the demo's FHIR server. `/form/launch` and `/form/redirect` are the
same form as a SMART app (HL7 SMART App Launch 2, EHR launch, public client with PKCE), where it is registered. The browser alone talks to
the EHR and holds the token: this service never sees it, nor who the patient is.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import Response

from app.errors import BadRequest
from app.form.drawing import form_fields
from app.form.registration import Registration, Registrations
from app.routes.documents import errors
from app.web_page import guarded

_STATIC = Path(__file__).parent / "static"
_PAGES = ("sample.html", "launch.html", "launched.html")
_SCRIPTS = ("answers.js", "filling.js", "launch.js", "launched.js", "sample.js", "smart.js")
_FILES = {"form.css": "text/css", **dict.fromkeys(_SCRIPTS, "text/javascript")}

Issuer = Annotated[str, Query(description="The EHR's FHIR base address.", examples=["https://ehr.example.org/fhir/r4"])]
Launch = Annotated[str, Query(description="The EHR's name for this launch, which only the EHR can read.")]
State = Annotated[str, Query(description="What the form sent with its request for authorization. The script checks it, and reads `code`.")]


class Form:
    """The pages, drawn once from the Questionnaire as it is published."""

    def __init__(self, questionnaire: bytes, registered: Registrations) -> None:
        told = msgspec.json.decode(questionnaire)
        self._words = {name: escape(told[name]) for name in ("title", "description", "url")} | {"fields": form_fields(told)}
        self._pages = {name: Template((_STATIC / name).read_text(encoding="utf-8")) for name in _PAGES}
        self._files = {name: (_STATIC / name).read_bytes() for name in _FILES}
        self._registered = registered

    async def sample(self) -> Response:
        """The assessment form, to be filled in for a sample patient; `?patient=` chooses one."""
        return Response(self._pages["sample.html"].substitute(self._words), headers=guarded(), media_type="text/html")

    async def launch(self, iss: Issuer, launch: Launch) -> Response:
        """The form as a SMART app, launched by an EHR where it is registered: sends the browser there to be authorized."""
        registration = self._registered.launched_from(iss)
        if registration is None:
            raise BadRequest("is not a FHIR server where this form is registered", "iss")
        return self._for("launch.html", registration)

    async def redirect(self, state: State) -> Response:
        """Where the EHR sends the browser back: the form, for the patient whose record is open, saved to that record."""
        registration = self._registered.returned_to(state)
        if registration is None:
            raise BadRequest("is not of a launch of this form", "state")
        return self._for("launched.html", registration)

    async def file(self, request: Request) -> Response:
        name = request.url.path.rsplit("/", 1)[-1]
        return Response(self._files[name], headers=guarded(), media_type=_FILES[name])

    def _for(self, name: str, registration: Registration) -> Response:
        """Names the EHR, and nothing that the request said."""
        origins = registration.all_origins
        told = {"client_id": registration.client_id, "fhir": registration.fhir_base, "key": registration.key, "origins": " ".join(origins)}
        page = self._pages[name].substitute(self._words, **{member: escape(value) for member, value in told.items()})
        return Response(page, headers=guarded(connects=origins, framed_by=origins), media_type="text/html")


_HTML: Mapping[int | str, dict[str, Any]] = {200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}}


def add(app: FastAPI, questionnaire: bytes, registered: Registrations, *, demo: bool) -> None:
    """Nothing where nobody could open it."""
    form, router = Form(questionnaire, registered), APIRouter(tags=["assessment form"])
    if demo:
        router.add_api_route("/form", form.sample, methods=["GET"], responses={**_HTML}, response_model=None, name="assessment-form")
    if registered:
        for path, page in (("/form/launch", form.launch), ("/form/redirect", form.redirect)):
            name = f"assessment-form-{page.__name__}"
            router.add_api_route(path, page, methods=["GET"], responses={**_HTML, **errors(400)}, response_model=None, name=name)
    for file in _FILES if demo or registered else ():
        router.add_api_route(f"/form/{file}", form.file, methods=["GET"], include_in_schema=False, response_model=None)
    app.include_router(router)
