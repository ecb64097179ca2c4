"""The sandbox's page is held to the service: its addresses, its sample patients, its curl commands, by real calls."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.form.registration import DEMO_CLIENT_ID
from app.main import create_app
from app.settings import Mode, Settings
from tests.conformance.rules import broken_rules
from tests.service import Json, loopback, serving

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "connect" / "cds-hooks-sandbox.md").read_text(encoding="utf-8")
OURS = "http://localhost:8000"
ADDRESSES = re.findall(r"```text\n(.*?)\n```", TEXT)
SEEN = re.findall(r"^\| `([a-z0-9-]+)` \| (info|warning|critical|none) \| (.*?) ?\|$", TEXT, re.MULTILINE)
HOOKS = re.findall(r"`(patient-view|order-[a-z]+)`", TEXT)
CURLS = re.findall(r"^curl .*?(?=\n```)", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def demo() -> Iterator[httpx.Client]:
    with loopback() as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with serving(create_app(Settings(mode=Mode.DEMO, public_url=address)), listening), httpx.Client(base_url=address) as client:
            yield client


def parameters(address: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}


def services(demo: httpx.Client) -> dict[str, str]:
    return {each["hook"]: each["id"] for each in demo.get("/cds-services").json()["services"]}


def test_every_address_to_open_leads_to_what_the_service_has(demo: httpx.Client) -> None:
    page, launch = map(parameters, ADDRESSES)
    assert set(page) == {"fhirServiceUrl", "serviceDiscoveryURL", "patientId", "hook", "screen"}
    for address in (page["fhirServiceUrl"], launch["iss"]):
        assert demo.get(address.removeprefix(OURS) + f"/Patient/{page['patientId']}").status_code == 200
    assert page["hook"] in services(demo)
    assert page["serviceDiscoveryURL"] == f"{OURS}/cds-services"


def test_every_hook_that_is_named_has_its_service(demo: httpx.Client) -> None:
    assert set(HOOKS) == set(services(demo))


@pytest.mark.parametrize(("patient", "indicator", "begins"), SEEN)
def test_a_patient_brings_the_card_that_the_page_says(demo: httpx.Client, patient: str, indicator: str, begins: str) -> None:
    call = demo.get(f"/demo/calls/{patient}").raise_for_status().json()
    answer = demo.post(f"/cds-services/{services(demo)['patient-view']}", json=call)
    assert broken_rules(answer.status_code, "application/json", answer.content) == []
    first: Json = (answer.json()["cards"] or [{"indicator": "none", "summary": ""}])[0]
    assert first["indicator"] == indicator
    assert first["summary"].startswith(begins)
    assert bool(begins) == (indicator != "none")


def test_the_patients_are_of_every_kind() -> None:
    assert {indicator for _, indicator, _ in SEEN} == {"info", "warning", "critical", "none"}
    assert len(SEEN) > 8


@pytest.mark.parametrize(("command", "told"), list(zip(CURLS, ('"code":"ta279StentNotRecommended"', '{"launch_id":'), strict=True)))
def test_a_curl_command_brings_what_the_page_says(demo: httpx.Client, command: str, told: str) -> None:
    here = command.replace(OURS, str(demo.base_url).rstrip("/"))
    done = subprocess.run(["bash", "-c", here], capture_output=True, text=True, check=True)
    assert told in json.dumps(json.loads(done.stdout), separators=(",", ":"))


def test_with_authentication_the_sandbox_s_cards_link_to_the_form_too() -> None:
    (client,) = tomllib.loads((DOCS / "clients" / "cds-hooks-sandbox.toml").read_text(encoding="utf-8"))["client"]
    assert client["smart_client_id"] == DEMO_CLIENT_ID
