"""The demo's own health record launches the form: as the CDS Hooks Sandbox asks it to, and in a real browser from the try-it page."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.demo.smart import REMEMBERED, SANDBOX_CLIENT_ID
from app.form.registration import DEMO_CLIENT_ID
from app.main import create_app
from app.settings import Mode, Settings
from tests.form.filling import examined
from tests.service import Json, loopback, serving

PATIENT = "missing-examination"
VERIFIER = "v" * 43
SANDBOX_PAGE = "http://localhost:8080/"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def demo() -> Iterator[httpx.Client]:
    with loopback() as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with serving(create_app(Settings(mode=Mode.DEMO, public_url=address)), listening), httpx.Client(base_url=address) as client:
            yield client


def launch_id(demo: httpx.Client, patient: str = PATIENT) -> str:
    """As the sandbox asks for it."""
    parameters = {"patient": patient, "smart_messaging_origin": "http://localhost:8180", "appContext": "x"}
    asked = {"launchUrl": "http://localhost/form/launch", "parameters": parameters}
    told: str = demo.post("/demo/fhir/_services/smart/Launch", json=asked).raise_for_status().json()["launch_id"]
    return told


def configuration(demo: httpx.Client) -> Json:
    return demo.get("/demo/fhir/.well-known/smart-configuration").raise_for_status().json()


def base(demo: httpx.Client) -> str:
    return str(demo.base_url).rstrip("/")


def authorized(demo: httpx.Client, **members: str) -> httpx.Response:
    asked = {
        "response_type": "code", "client_id": DEMO_CLIENT_ID, "redirect_uri": f"{base(demo)}/form/redirect", "scope": "launch",
        "state": "s", "aud": f"{base(demo)}/demo/fhir", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    if "launch" not in members:
        members = {"launch": launch_id(demo), **members}
    return demo.get(configuration(demo)["authorization_endpoint"], params={**asked, **members})


def sandbox_authorized(demo: httpx.Client, **members: str) -> httpx.Response:
    """As the sandbox asks when it is launched as an app: it knows no PKCE."""
    asked = {
        "client_id": SANDBOX_CLIENT_ID, "response_type": "code", "scope": "patient/*.* user/*.* launch openid profile online_access",
        "redirect_uri": SANDBOX_PAGE, "state": "s", "aud": f"{base(demo)}/demo/fhir", "launch": launch_id(demo),
    }  # fmt: skip
    return demo.get(configuration(demo)["authorization_endpoint"], params={**asked, **members})


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token(demo: httpx.Client, code: str, **members: str) -> httpx.Response:
    asked = {
        "grant_type": "authorization_code", "code": code, "client_id": DEMO_CLIENT_ID, "code_verifier": VERIFIER,
        "redirect_uri": f"{base(demo)}/form/redirect",
    }  # fmt: skip
    return demo.post(configuration(demo)["token_endpoint"], data={**asked, **members})


def test_the_capability_statement_says_where_and_stays_open(demo: httpx.Client) -> None:
    security = demo.get("/demo/fhir/metadata").json()["rest"][0]["security"]
    (addresses,) = security["extension"]
    told = {each["url"]: each["valueUri"] for each in addresses["extension"]}
    smart = configuration(demo)
    assert told == {"authorize": smart["authorization_endpoint"], "token": smart["token_endpoint"]}
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert demo.get("/demo/fhir/Patient").status_code == 200


def test_a_code_gives_a_token_for_the_patient_of_the_launch_once(demo: httpx.Client) -> None:
    back = sent_back(authorized(demo))
    assert back["state"] == "s"
    given = token(demo, back["code"])
    assert (given.status_code, given.json()["patient"], given.json()["token_type"]) == (200, PATIENT, "Bearer")
    assert given.headers["cache-control"] == "no-store"
    assert token(demo, back["code"]).status_code == 400


@pytest.mark.parametrize(
    "members",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"client_id": "another"},
        {"redirect_uri": "https://x.example"},
        {"grant_type": ""},
    ],
    ids=str,
)
def test_a_code_is_of_no_use_to_anybody_else(demo: httpx.Client, members: dict[str, str]) -> None:
    code = sent_back(authorized(demo))["code"]
    assert token(demo, code, **members).status_code == 400
    assert token(demo, code).status_code == 400


@pytest.mark.parametrize("members", [{"redirect_uri": "https://elsewhere.example/form/redirect"}, {"client_id": "another"}], ids=str)
def test_it_sends_nobody_elsewhere(demo: httpx.Client, members: dict[str, str]) -> None:
    answer = authorized(demo, **members)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    "members",
    [
        {"launch": "x"},
        {"aud": "https://elsewhere.example/fhir"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
    ],
    ids=str,
)
def test_what_is_not_well_asked_gets_no_code(demo: httpx.Client, members: dict[str, str]) -> None:
    assert sent_back(authorized(demo, **members)) == {"error": "invalid_request", "state": "s"}


@pytest.mark.parametrize(
    "body", [b"{", b"{}", b'{"parameters": {"patient": "nobody"}}', b'{"parameters": {"patient": 5}}', b'{"x": ' + b"[" * 100_000]
)
def test_only_a_sample_patient_s_record_can_be_opened(demo: httpx.Client, body: bytes) -> None:
    answer = demo.post("/demo/fhir/_services/smart/Launch", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, "nobody" in answer.text) == (400, False)


def test_the_sandbox_is_launched_as_an_app_without_pkce(demo: httpx.Client) -> None:
    answer = sandbox_authorized(demo)
    assert answer.headers["location"].startswith(f"{SANDBOX_PAGE}?code=")
    asked = {"code": sent_back(answer)["code"], "grant_type": "authorization_code"}
    given = demo.post(configuration(demo)["token_endpoint"], data={**asked, "redirect_uri": SANDBOX_PAGE, "client_id": SANDBOX_CLIENT_ID})
    assert (given.status_code, given.json()["patient"], given.json()["scope"]) == (200, PATIENT, "launch patient/*.rs")


@pytest.mark.parametrize("page", ["http://127.0.0.1:8180/", "http://localhost/", "https://sandbox.cds-hooks.org/"])
def test_the_sandbox_may_run_on_this_machine_or_at_its_own_site(demo: httpx.Client, page: str) -> None:
    assert sandbox_authorized(demo, redirect_uri=page).headers["location"].startswith(f"{page}?code=")


@pytest.mark.parametrize(
    "page",
    [
        "https://sandbox.cds-hooks.org.x.example/",
        "http://localhost:8080@x.example/",
        "http://localhost:8080/form/redirect",
        "http://localhost:8080/\n",
        "http://localhost.x.example/",
        "",
    ],
)
def test_the_sandbox_is_sent_nowhere_else(demo: httpx.Client, page: str) -> None:
    answer = sandbox_authorized(demo, redirect_uri=page)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_the_form_cannot_do_without_pkce_as_the_sandbox_does(demo: httpx.Client) -> None:
    ours = {"client_id": DEMO_CLIENT_ID, "redirect_uri": f"{base(demo)}/form/redirect"}
    assert sent_back(sandbox_authorized(demo, **ours)) == {"error": "invalid_request", "state": "s"}
    assert token(demo, sent_back(sandbox_authorized(demo))["code"], redirect_uri=SANDBOX_PAGE).status_code == 400


@pytest.mark.parametrize(
    "members", [{"code_challenge": CHALLENGE}, {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}], ids=str
)
def test_half_a_pkce_is_none_for_the_sandbox_either(demo: httpx.Client, members: dict[str, str]) -> None:
    assert sent_back(sandbox_authorized(demo, **members)) == {"error": "invalid_request", "state": "s"}


def test_what_is_never_used_is_forgotten(demo: httpx.Client) -> None:
    first = launch_id(demo)
    for _ in range(REMEMBERED):
        launch_id(demo)
    assert "error" in sent_back(authorized(demo, launch=first))


def test_from_the_card_on_the_try_it_page_to_the_met_card(demo: httpx.Client, blank: Page) -> None:
    blank.goto(f"{base(demo)}/?patient={PATIENT}")
    with blank.expect_popup() as opened:
        blank.get_by_role("button", name="Fill in the assessment form").click()
    form = opened.value
    expect(form.get_by_role("region", name="Whose record this is")).to_contain_text("born")
    assert PATIENT not in form.url
    examined(form)
    form.get_by_role("button", name="Save to the health record").click()
    expect(form.get_by_role("heading", name="Saved to the health record.")).to_be_visible()
    (kept,) = demo.get("/demo/fhir/QuestionnaireResponse", params={"patient": PATIENT}).json()["entry"]
    assert kept["resource"]["authored"].startswith(datetime.now(UTC).date().isoformat())
    blank.reload()
    expect(blank.locator(".card.info")).to_contain_text("criteria appear met at L4")
