"""An EHR on loopback, as HL7 SMART App Launch 2 describes it: its FHIR server at one origin, its authorization server at another.

It checks what a strict one checks: the app's id and redirect address, audience, scopes, PKCE by S256, that a code is used once, the token
on every FHIR request, the origin of every script (CORS). What it refuses it writes down in `refused`.
"""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Json = dict[str, Any]
Answer = tuple[int, Json]

CLIENT_ID = "form-at-this-ehr"
FHIR_USER = "Practitioner/dr-example"
SCOPES_V2 = {"launch", "openid", "fhirUser", "patient/Patient.r", "patient/QuestionnaireResponse.c"}
SCOPES_V1 = {"launch", "patient/Patient.read", "patient/QuestionnaireResponse.write"}


class Ehr:
    """One patient, whose record is open. The members below may be changed by a test before the launch."""

    def __init__(self, patient: Json) -> None:
        self.patient = patient
        self.app = ""  # the app's address, by which its origin and its redirect address are known
        self.fhir = ""
        self.authorization = ""
        self.scopes = SCOPES_V2
        self.capabilities = ["launch-ehr", "client-public", "sso-openid-connect", "permission-v2"]
        self.user = FHIR_USER
        self.told_patient: str | None = patient["id"]
        self.token_endpoint: str | None = None
        self.denies = False
        self.forms: list[Json] = []
        self.refused: list[str] = []
        self.launch = token_urlsafe()
        self._codes: dict[str, str] = {}
        self._tokens: set[str] = set()

    @property
    def launch_address(self) -> str:
        return f"{self.app}/form/launch?{urlencode({'iss': self.fhir, 'launch': self.launch})}"

    @property
    def tokens(self) -> set[str]:
        return set(self._tokens)

    def refusal(self, status: int, why: str) -> Answer:
        self.refused.append(why)
        return status, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid", "diagnostics": why}]}

    def smart_configuration(self) -> Answer:
        return 200, {
            "authorization_endpoint": f"{self.authorization}/authorize",
            "token_endpoint": self.token_endpoint or f"{self.authorization}/token",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": self.capabilities,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent."""
        wanted = {
            "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": f"{self.app}/form/redirect", "launch": self.launch,
            "aud": self.fhir, "code_challenge_method": "S256",
        }  # fmt: skip
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        if wrong or len(asked.get("state", "")) < 43 or set(asked["scope"].split()) != self.scopes:
            self.refused.append(f"authorize: {wrong or asked['scope']}")
            raise AssertionError(self.refused[-1])
        if self.denies:
            return f"{wanted['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = token_urlsafe()
        self._codes[code] = asked["code_challenge"]
        return f"{wanted['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str]) -> Answer:
        wanted = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "redirect_uri": f"{self.app}/form/redirect"}
        expected = self._codes.pop(asked.get("code", ""), None)
        digest = urlsafe_b64encode(sha256(asked.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if digest != expected or any(asked.get(name) != value for name, value in wanted.items()):
            return self.refusal(400, "token: code, verifier or app")
        token = token_urlsafe()
        self._tokens.add(token)
        claims = urlsafe_b64encode(json.dumps({"fhirUser": f"{self.fhir}/{self.user}"}).encode()).rstrip(b"=").decode()
        told: Json = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": " ".join(self.scopes)}
        told |= {"id_token": f"e30.{claims}.c2ln"} if "openid" in self.scopes else {}
        return 200, told | ({"patient": self.told_patient} if self.told_patient else {})

    def read(self, path: str, authorization: str) -> Answer:
        if authorization.removeprefix("Bearer ") not in self._tokens:
            return self.refusal(401, f"read: no token for {path}")
        return (200, self.patient) if path == f"Patient/{self.patient['id']}" else self.refusal(404, f"read: {path}")

    def create(self, path: str, authorization: str, body: Json) -> Answer:
        if authorization.removeprefix("Bearer ") not in self._tokens:
            return self.refusal(401, "create: no token")
        if path != "QuestionnaireResponse" or body["subject"] != {"reference": f"Patient/{self.patient['id']}"}:
            return self.refusal(403, f"create: {path}")
        self.forms.append({**body, "id": f"form-{len(self.forms) + 1}"})
        return 201, self.forms[-1]


class Handler(BaseHTTPRequestHandler):
    """One origin of the EHR. CORS as SMART asks: discovery for anybody, the rest for the app's origin only."""

    ehr: Ehr

    def do_OPTIONS(self) -> None:
        self._send(204, None)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.ehr.authorize(dict(parse_qsl(address.query))))
            self.end_headers()
        elif address.path == "/fhir/.well-known/smart-configuration":
            self._send(*self.ehr.smart_configuration())
        else:
            self._send(*self.ehr.read(address.path.removeprefix("/fhir/"), self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/token":
            self._send(*self.ehr.token(dict(parse_qsl(body.decode()))))
        else:
            authorization = self.headers.get("Authorization", "")
            self._send(*self.ehr.create(self.path.removeprefix("/fhir/"), authorization, json.loads(body)))

    def _send(self, status: int, body: Json | None) -> None:
        self.send_response(status)
        discovery = self.path.endswith("/smart-configuration")
        self.send_header("Access-Control-Allow-Origin", "*" if discovery else self.ehr.app)
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
        if body is not None:
            self.send_header("Content-Type", "application/json")
        self.end_headers()
        if body is not None:
            self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running(ehr: Ehr) -> Iterator[Ehr]:
    with ExitStack() as stack:
        addresses = [stack.enter_context(_listening(ehr)) for _ in range(2)]
        ehr.fhir, ehr.authorization = f"{addresses[0]}/fhir", addresses[1]
        yield ehr


@contextmanager
def _listening(ehr: Ehr) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("EhrHandler", (Handler,), {"ehr": ehr}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
