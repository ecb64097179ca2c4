"""Who may launch the form, what the page may then talk to, and which cards link to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.requests import Request

from app.form.registration import key_of
from app.main import create_app
from app.settings import Mode, Settings, SettingsError
from app.trust.caller import Caller
from tests.conformance.calls import ask as ask_patient_view
from tests.conftest import TODAY
from tests.orders.calls import HOOKS, KYPHOPLASTY_AT_L1, ask, cards, eligible, no_imaging
from tests.service import Answer, Client, Json, serving
from tests.trust.ehr import Issuer, client_entry, clients_file, signing_key

PUBLIC = "https://cds.example.org/base"
FHIR = "https://ehr.example.org/fhir/r4"
FORM_LINK = {"label": "Fill in the assessment form", "url": f"{PUBLIC}/form/launch", "type": "smart"}
OTHER = "https://other.example.org/fhir"
WITH_A_FORM: Json = {
    "fhir_bases": [FHIR, "https://ehr.example.org/fhir/other"],
    "smart_client_id": "form-<1>",
    "smart_origins": ["https://login.example.org"],
}
WITHOUT: Json = {"name": "Without a form", "issuer": OTHER, "fhir_bases": [OTHER]}


def production(folder: Path, *entries: Json) -> Settings:
    clients = clients_file(folder, *(client_entry(folder, Issuer(signing_key("st-example")), **entry) for entry in entries))
    return Settings(mode=Mode.PRODUCTION, public_url=PUBLIC, clients_file=clients, database_url=f"sqlite:///{folder / 'used.sqlite3'}")


@contextmanager
def called_by(name: str, folder: Path, style: str = "standard") -> Iterator[Client]:
    """The service in production, where every call is that client's."""

    async def gate(request: Request) -> Caller:
        return Caller(name, card_style="epic" if style == "epic" else "standard")

    with serving(create_app(production(folder, WITH_A_FORM, WITHOUT), lambda: TODAY, gate=gate)) as service, service.client() as client:
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with called_by("St Example", tmp_path) as client:
        yield client


def launch(client: Client, iss: str) -> Answer:
    return client.get(f"/form/launch?iss={quote(iss, '')}&launch=x")


def policy(answer: Answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: sources for name, _, sources in parts}


def answers(client: Client, resources: Json) -> list[Answer]:
    return [ask_patient_view(client, resources), *(ask(client, hook, KYPHOPLASTY_AT_L1, resources=resources) for hook in HOOKS)]


def test_an_information_needed_card_links_to_the_form(client: Client) -> None:
    assert [cards(answer)["InformationNeeded"]["links"][0] for answer in answers(client, no_imaging())] == [FORM_LINK] * 3


def test_no_other_card_does(client: Client) -> None:
    told = [link for answer in answers(client, eligible()) for card in cards(answer).values() for link in card["links"]]
    assert len(told) >= 3
    assert [link for link in told if link["type"] == "smart"] == []


def test_a_client_that_has_not_registered_the_form_gets_no_link_to_it(tmp_path: Path) -> None:
    with called_by("Without a form", tmp_path) as client:
        links = [link for answer in answers(client, no_imaging()) for link in cards(answer)["InformationNeeded"]["links"]]
    assert [link for link in links if link["type"] != "absolute" or "/form" in link["url"]] == []


def test_epic_s_text_repeats_no_link_that_only_the_ehr_can_open(tmp_path: Path) -> None:
    with called_by("St Example", tmp_path, "epic") as client:
        card = cards(ask_patient_view(client, no_imaging()))["InformationNeeded"]
    assert card["links"][0] == FORM_LINK
    assert "(https://cds.example.org/base/source-attributes)" in card["detail"]
    assert "/form/launch" not in card["detail"]


def test_every_card_links_to_what_it_rests_on(client: Client) -> None:
    about = {"label": "About this decision support", "url": f"{PUBLIC}/source-attributes", "type": "absolute"}
    for resources in (eligible(), no_imaging()):
        for answer in answers(client, resources):
            assert [card["links"][-1] for card in cards(answer).values()] == [about] * len(cards(answer))


@pytest.mark.parametrize("iss", [FHIR, f"{FHIR}/", "HTTPS://EHR.example.org:443/fhir/r4", "https://ehr.example.org/fhir/other"])
def test_the_ehr_may_launch_it_from_each_of_its_servers(client: Client, iss: str) -> None:
    answer = launch(client, iss)
    assert (answer.status, answer.media_type) == (200, "text/html")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "iss",
    [
        "https://elsewhere.example/fhir/r4",
        "http://ehr.example.org/fhir/r4",
        "https://ehr.example.org:444/fhir/r4",
        "https://ehr.example.org/fhir/r4/more",
        "https://ehr.example.org/fhir/R4",
        "https://ehr.example.org/fhir",
        "https://ehr.example.org.elsewhere.example/fhir/r4",
        "https://ehr.example.org@elsewhere.example/fhir/r4",
        "https://elsewhere.example#@ehr.example.org/fhir/r4",
        "https://elsewhere.example\\@ehr.example.org/fhir/r4",
        "https://ehr.example.org/fhir/r4?x=1",
        "https://ehr.example.org/x/../fhir/r4",
        "https://other.example.org/fhir",
        "//ehr.example.org/fhir/r4",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_else_may(client: Client, iss: str) -> None:
    answer = launch(client, iss)
    assert (answer.status, answer.json["resourceType"]) == (400, "OperationOutcome")
    assert "elsewhere" not in answer.body.decode()


@pytest.mark.parametrize("address", ["/form/launch", "/form/launch?iss=x", f"/form/launch?iss={quote(FHIR)}", "/form/redirect?code=x"])
def test_a_launch_says_from_where_and_which(client: Client, address: str) -> None:
    assert client.get(address).status == 400


@pytest.mark.parametrize("state", ["", "x", "x.y", f".{key_of(FHIR)}", key_of("https://other.example.org/fhir")])
def test_the_way_back_is_that_of_a_launch(client: Client, state: str) -> None:
    assert client.get(f"/form/redirect?code=x&state={state}").status == 400


def test_the_page_may_talk_to_that_ehr_and_nobody_else_and_only_it_may_frame_it(client: Client) -> None:
    for answer in (launch(client, FHIR), client.get(f"/form/redirect?code=x&state={key_of(FHIR)}.y")):
        assert policy(answer) == {
            "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "data:", "base-uri": "'none'",
            "form-action": "'none'", "connect-src": "https://ehr.example.org https://login.example.org",
            "frame-ancestors": "https://ehr.example.org https://login.example.org",
        }  # fmt: skip
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_page_says_what_is_configured_and_nothing_of_the_request(client: Client) -> None:
    answer = client.get(f"/form/launch?iss={quote(FHIR)}&launch=spoon&extra=spoon")
    assert "spoon" not in answer.body.decode()

    class Page(HTMLParser):
        told: Json = None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "main":
                self.told = dict(attrs)

    page = Page()
    page.feed(answer.body.decode())
    assert page.told["data-client-id"] == "form-<1>"
    assert (page.told["data-fhir"], page.told["data-key"]) == (FHIR, key_of(FHIR))
    assert page.told["data-origins"] == "https://ehr.example.org https://login.example.org"


def test_its_scripts_are_there_and_the_sample_patients_form_is_not(client: Client) -> None:
    assert client.get("/form/launched.js").media_type == "text/javascript"
    assert client.get("/form").status == 404


def test_where_nobody_registered_it_there_is_no_form(tmp_path: Path) -> None:
    app = create_app(production(tmp_path, WITHOUT), lambda: TODAY)
    with serving(app) as service, service.client() as client:
        assert [client.get(path).status for path in ("/form", "/form/launch", "/form/redirect", "/form/form.css")] == [404] * 4


@pytest.mark.parametrize(
    "entry",
    [
        {"smart_client_id": 5},
        {"smart_client_id": "x", "fhir_bases": None},
        {"smart_client_id": "x", "fhir_bases": ["http://ehr.example.org/fhir"]},
        {"smart_client_id": "x", "smart_origins": ["https://login.example.org/path"]},
        {"smart_client_id": "x", "smart_origins": ["http://login.example.org"]},
        {"smart_client_id": "x", "smart_origins": ["https://*; script-src 'unsafe-inline'"]},
    ],
    ids=str,
)
def test_what_cannot_be_stops_the_start_with_one_line(tmp_path: Path, entry: Json) -> None:
    with pytest.raises(SettingsError, match=r'^VACDS_CLIENTS_FILE: [^\n]+ client "St Example": [^\n]*(smart_|fhir_bases)[^\n]*$'):
        create_app(production(tmp_path, entry))
