"""The example entries of docs/clients: each is read, and a token of that EHR's shape is let in by it."""

import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from app import reference_patient
from app.examples import HOOK
from app.trust.clients import ClientsError, read_clients
from tests.faults.fault_server import FaultServer, listening, says
from tests.service import Json
from tests.trust.conftest import Serve
from tests.trust.ehr import Issuer, SigningKey, key_set, signing_key

EXAMPLES = Path(__file__).parents[2] / "docs" / "clients"
EHRS = ("epic", "oracle-health", "cds-hooks-sandbox", "meld")
PRODUCTION = ("epic", "oracle-health", "meld")


def written(ehr: str) -> Json:
    (entry,) = tomllib.loads((EXAMPLES / f"{ehr}.toml").read_text())["client"]
    return entry


def test_there_is_an_entry_and_a_section_for_each() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.toml")} == set(EHRS)
    text = (EXAMPLES / "README.md").read_text()
    assert [ehr for ehr in EHRS if f"]({ehr}.toml)" not in text] == []


@pytest.mark.parametrize("ehr", EHRS)
def test_an_entry_is_read(ehr: str) -> None:
    (client,) = read_clients(EXAMPLES / f"{ehr}.toml", production=ehr in PRODUCTION)
    assert client.fhir_servers
    assert client.card_style == ("epic" if ehr == "epic" else "standard")


def test_production_refuses_the_sandbox_by_its_key(tmp_path: Path) -> None:
    text = (EXAMPLES / "cds-hooks-sandbox.toml").read_text()
    by_https = tmp_path / "clients.toml"
    by_https.write_text(text.replace("http://localhost:8000", "https://cds.example.org").replace("44823f3d", "another-name"))
    with pytest.raises(ClientsError, match="the key of the CDS Hooks Sandbox, whose private half is public: not in production mode"):
        read_clients(by_https)


def epic(entry: Json, key: SigningKey) -> tuple[Issuer, Json]:
    """As its documentation's sample: aud typed by hand, a subject, nbf five minutes before iat, a quarter of an hour."""
    now = int(time.time())
    times = {"iat": now, "nbf": now - 300, "exp": now + 900}
    return Issuer(key, entry["issuer"], jku=entry["jku"][0]), {"aud": entry["exact_audiences"][0], "sub": "a-client-id", **times}


def oracle(entry: Json, key: SigningKey) -> tuple[Issuer, Json]:
    return Issuer(key, entry["issuer"], entry["audiences"][0], entry["jku"][0]), {"tenant": entry["tenants"][0]}


def sandbox(entry: Json, key: SigningKey) -> tuple[Issuer, Json]:
    """As its source: iat rounded, which may be half a second ahead; nothing but the five claims."""
    now = round(time.time() + 0.5)
    return Issuer(key, entry["issuer"], entry["audiences"][0], entry["jku"][0]), {"iat": now, "exp": now + 300}


def meld(entry: Json, key: SigningKey) -> tuple[Issuer, Json]:
    return Issuer(key, entry["issuer"], jku=None), {"aud": "sand_man"}


Shape = Callable[[Json, SigningKey], tuple[Issuer, Json]]
SHAPES: Mapping[str, tuple[Shape, SigningKey]] = {
    "epic": (epic, signing_key("epic-key", "RS384")),
    "oracle-health": (oracle, signing_key("oracle-key", "RS384")),
    "cds-hooks-sandbox": (sandbox, signing_key("44823f3d-0b01-4a6c-a80e-b9d3e8a7226f")),
    "meld": (meld, signing_key("meld-key")),
}


@pytest.mark.parametrize("ehr", EHRS)
def test_a_token_of_its_shape_is_let_in(serve: Serve, ehr: str) -> None:
    """With a key of ours in place of its own, whose private half is not ours to have; everything else as it stands there."""
    shape, key = SHAPES[ehr]
    entry = written(ehr)
    issuer, claims = shape(entry, key)
    with listening(FaultServer([])) as keys:
        keys.fails(says(200, key_set(key)))
        address = f"http://127.0.0.1:{keys.port}/keys"
        with serve({**{name: value for name, value in entry.items() if name != "jwks"}, "jwks_url": address}).client() as client:
            call = reference_patient.hook_request(reference_patient.prefetch())
            assert client.post(HOOK, call, authorization=issuer.bearer(**claims)).status == 200
