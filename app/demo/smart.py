"""The demo's health record launches apps (HL7 SMART App Launch 2): our assessment form, the CDS Hooks Sandbox; its user always agrees.

What an authorization server must check is checked: the app, where it is sent back to, whose data it means, PKCE, and that a launch and a
code are used once. The sandbox knows no PKCE, and is sent back to this machine or its own site only. The token opens nothing, for the FHIR
server is open to everybody and its patients are fictitious.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_urlsafe
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from app.body import check_media_type
from app.demo.capability import AUTHORIZE, FHIR_PATH, TOKEN, smart_configuration
from app.demo.charts import Charts
from app.demo.described import FORM
from app.errors import BadRequest
from app.form.registration import DEMO_CLIENT_ID
from app.outcomes import JSON, NO_STORE

Kept = TypeVar("Kept")

REMEMBERED = 1_000
SANDBOX_CLIENT_ID = "48163c5e-88b5-4cb3-92d3-23b800caa927"
SCOPES = {DEMO_CLIENT_ID: "launch patient/Patient.r patient/QuestionnaireResponse.c", SANDBOX_CLIENT_ID: "launch patient/*.rs"}
TOKEN_SECONDS = 300
_SANDBOX_PAGE = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?/|https://sandbox\.cds-hooks\.org/")


class _Parameters(msgspec.Struct, frozen=True):
    patient: str


class _Launch(msgspec.Struct, frozen=True):
    """What the CDS Hooks Sandbox sends; its other members are not needed."""

    parameters: _Parameters


class _Grant(msgspec.Struct, frozen=True):
    """`challenge` is empty where the app has none."""

    client_id: str
    patient: str
    redirect_uri: str
    challenge: str


class Smart:
    """Launch, authorization and token. Launches and codes are kept in memory, the newest of each, until they are used."""

    def __init__(self, charts: Charts, public_url: str | None) -> None:
        self._charts = charts
        self._public_url = public_url
        self._launches: dict[str, str] = {}
        self._grants: dict[str, _Grant] = {}

    async def configuration(self, request: Request) -> Response:
        return _json(smart_configuration(self._base(request)))

    async def launch(self, request: Request) -> Response:
        """An app is about to be opened for a patient: a name for that, to be handed to the app."""
        check_media_type(request.headers, (JSON,))
        try:
            patient = msgspec.json.decode(await request.body(), type=_Launch).parameters.patient
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadRequest('the body is {"launchUrl": "...", "parameters": {"patient": "..."}}') from None
        if self._charts.sample(patient) is None:
            raise BadRequest("is not a sample patient", "parameters.patient")
        return _json({"launch_id": _kept(self._launches, patient)})

    async def authorize(self, request: Request) -> Response:
        """Sends the browser back to the app with a code. To nowhere else: who asks for that gets an answer here."""
        asked = request.query_params
        client_id, redirect_uri = asked.get("client_id", ""), asked.get("redirect_uri", "")
        if not _registered(client_id, redirect_uri, self._base(request)):
            raise BadRequest("this app is not registered here, or is sent back elsewhere", "redirect_uri")
        state = {"state": asked.get("state", "")}
        patient = self._launches.pop(asked.get("launch", ""), None)
        if patient is None or not _well_asked(asked, self._base(request) + FHIR_PATH):
            return RedirectResponse(f"{redirect_uri}?{urlencode({'error': 'invalid_request', **state})}", 302, NO_STORE)
        code = _kept(self._grants, _Grant(client_id, patient, redirect_uri, asked.get("code_challenge", "")))
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, **state})}", 302, NO_STORE)

    async def token(self, request: Request) -> Response:
        check_media_type(request.headers, (FORM,))
        asked = dict(parse_qsl((await request.body()).decode("utf-8", errors="replace")))
        grant = self._grants.pop(asked.get("code", ""), None)
        if grant is None or not _may_have(grant, asked):
            raise BadRequest("the code is not one that this app was given, or has been used")
        answer = {"access_token": token_urlsafe(), "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": SCOPES[grant.client_id]}
        return _json({**answer, "patient": grant.patient, "need_patient_banner": True})

    def _base(self, request: Request) -> str:
        return (self._public_url or str(request.base_url)).rstrip("/")


def smart_router(smart: Smart) -> APIRouter:
    """Not in the OpenAPI document: SMART describes these, and a client finds them by the configuration."""
    router = APIRouter(include_in_schema=False)
    for path, endpoint, method in (
        (f"{FHIR_PATH}/.well-known/smart-configuration", smart.configuration, "GET"),
        (f"{FHIR_PATH}/_services/smart/Launch", smart.launch, "POST"),
        (AUTHORIZE, smart.authorize, "GET"),
        (TOKEN, smart.token, "POST"),
    ):
        router.add_api_route(path, endpoint, methods=[method], response_model=None)
    return router


def _registered(client_id: str, redirect_uri: str, base: str) -> bool:
    if client_id == SANDBOX_CLIENT_ID:
        return _SANDBOX_PAGE.fullmatch(redirect_uri) is not None
    return (client_id, redirect_uri) == (DEMO_CLIENT_ID, f"{base}/form/redirect")


def _well_asked(asked: QueryParams, fhir_base: str) -> bool:
    wanted = {"response_type": "code", "aud": fhir_base}
    without = asked.get("client_id") == SANDBOX_CLIENT_ID and not asked.keys() & {"code_challenge", "code_challenge_method"}
    proven = without or (asked.get("code_challenge_method") == "S256" and bool(asked.get("code_challenge")))
    return proven and all(asked.get(name) == value for name, value in wanted.items())


def _may_have(grant: _Grant, asked: Mapping[str, str]) -> bool:
    wanted = {"grant_type": "authorization_code", "client_id": grant.client_id, "redirect_uri": grant.redirect_uri}
    proven = not grant.challenge or challenge(asked.get("code_verifier", "")) == grant.challenge
    return proven and all(asked.get(name) == value for name, value in wanted.items())


def challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _kept(among: dict[str, Kept], value: Kept) -> str:
    """The value under a name that nobody can guess; of too many the oldest is forgotten."""
    if len(among) >= REMEMBERED:
        del among[next(iter(among))]
    name = token_urlsafe()
    among[name] = value
    return name


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), headers=NO_STORE, media_type=JSON)
