"""VACDS_CLIENTS_FILE: what is wrong with it is said in one line, and nothing of it is guessed (fault 29)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from app.fhir_access.addresses import servers_at
from app.trust.clients import ClientsError, read_clients
from tests.trust.ehr import ISSUER, KEYS_URL, PUBLIC, Issuer, client_entry, clients_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    short = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key())  # noqa: S505 - to be refused
    (tmp_path / "short.json").write_text(f'{{"keys": [{short[:-1]}, "kid": "short"}}]}}')
    (tmp_path / "empty.json").write_text('{"keys": []}')
    (tmp_path / "text.json").write_text("none")
    return tmp_path


def refusal(folder: Path, *entries: Any) -> str:
    with pytest.raises(ClientsError) as caught:
        read_clients(clients_file(folder, *entries))
    return str(caught.value)


def test_the_contracts_example_is_read(folder: Path) -> None:
    entry = {
        "name": "St Example",
        "issuer": "https://ehr.example.org/fhir/r4",
        "jwks_url": "https://ehr.example.org/keys",
        "jku": ["https://ehr.example.org/keys"],
        "audiences": ["https://cds.example.org"],
        "tenants": [],
        "fhir_bases": ["https://ehr.example.org/fhir/r4"],
        "deadline_ms": 2000,
        "card_style": "standard",
    }
    (client,) = read_clients(clients_file(folder, entry))
    assert (client.name, client.issuer, client.deadline, client.card_style) == ("St Example", ISSUER, 2.0, "standard")
    assert (client.jku, client.audiences, client.tenants) == (frozenset({KEYS_URL}), (PUBLIC,), frozenset())
    assert client.fhir_servers == servers_at([ISSUER])
    assert client.keys == {}


def test_keys_may_stand_in_the_file_itself(folder: Path, issuer: Issuer) -> None:
    path = clients_file(folder, client_entry(folder, issuer, jwks_file=None))
    key = "\n".join(f'{name} = "{value}"' for name, value in issuer.key.jwk.items())
    path.write_text(f"{path.read_text()}\n[[client.jwks.keys]]\n{key}\n")
    assert set(read_clients(path)[0].keys) == {issuer.key.kid}


WRONG: Mapping[str, Mapping[str, Any]] = {
    "an unknown setting": {"colour": "blue"},
    "no name": {"name": None},
    "an empty name": {"name": ""},
    "a name with a line break": {"name": "a\nb"},
    "no issuer": {"issuer": None},
    "an empty issuer": {"issuer": ""},
    "an issuer that is a number": {"issuer": 7},
    "no keys": {"jwks_file": None},
    "keys in two places": {"jwks_url": KEYS_URL},
    "a key file that is not there": {"jwks_file": "nowhere.json"},
    "a key file that is a folder": {"jwks_file": "."},
    "a key file that is no key set": {"jwks_file": "text.json"},
    "a key file without keys": {"jwks_file": "empty.json"},
    "a short key": {"jwks_file": "short.json"},
    "keys by http": {"jwks_file": None, "jwks_url": "http://ehr.example.org/keys"},
    "keys by file:": {"jwks_file": None, "jwks_url": "file:///etc/passwd"},
    "keys at a user's": {"jwks_file": None, "jwks_url": "https://user:pw@ehr.example.org/keys"},
    "a jku by http": {"jku": ["http://ehr.example.org/keys"]},
    "an empty list of jku": {"jku": []},
    "jku that is no list": {"jku": KEYS_URL},
    "no audience": {"audiences": None},
    "an empty list of audiences": {"audiences": []},
    "an empty list of exact audiences": {"exact_audiences": []},
    "an empty audience": {"exact_audiences": [""]},
    "an audience by http": {"audiences": ["http://cds.example.org"]},
    "an audience that is no address": {"audiences": ["cds.example.org"]},
    "an audience with a query": {"audiences": [PUBLIC + "?x"]},
    "an empty list of FHIR bases": {"fhir_bases": []},
    "a FHIR base by http": {"fhir_bases": ["http://ehr.example.org/fhir"]},
    "a FHIR base that two readers read differently": {"fhir_bases": ["https://ehr.example.org\\@evil.example/fhir"]},
    "an empty tenant": {"tenants": [""]},
    "a deadline of nothing": {"deadline_ms": 0},
    "a deadline beyond the EHR's patience": {"deadline_ms": 4_501},
    "a deadline in seconds": {"deadline_ms": 2.5},
    "a deadline as text": {"deadline_ms": "2000"},
    "a style that is none": {"card_style": "fancy"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_line_that_names_file_and_client(folder: Path, issuer: Issuer, name: str) -> None:
    changes = WRONG[name]
    line = refusal(folder, client_entry(folder, issuer), client_entry(folder, issuer, **{"name": "Second", "issuer": "x", **changes}))
    assert re.match(rf'{re.escape(str(folder))}/clients\.toml: client ("Second"|""|2): \S', line)
    assert "\n" not in line
    assert any(setting in line for setting in (*changes, "jwks", "audiences"))


def test_nobody_is_trusted_twice(folder: Path, issuer: Issuer) -> None:
    entry = client_entry(folder, issuer)
    assert refusal(folder, entry, {**entry, "name": "Second"}).endswith(f"two clients have the same issuer: {ISSUER}")
    assert refusal(folder, entry, {**entry, "issuer": "x"}).endswith("two clients have the same name: St Example")


def test_a_private_key_does_not_belong_there(folder: Path, issuer: Issuer) -> None:
    private = {**msgspec.json.decode(ECAlgorithm.to_jwk(issuer.key.private)), "kid": "k"}
    (folder / "private.json").write_bytes(msgspec.json.encode({"keys": [private]}))
    line = refusal(folder, client_entry(folder, issuer, jwks_file="private.json"))
    assert "holds a private or a shared key" in line
    assert private["d"] not in line


@pytest.mark.parametrize(
    "text",
    ["", "not toml [", "client = 1", "[client]\nname = 'x'", "client = []", "client = [1]", "[clients]", "x = 1\n[[client]]", "\x00"],
)
def test_a_file_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "clients.toml").write_text(text)
    with pytest.raises(ClientsError, match=re.escape(str(folder / "clients.toml"))) as caught:
        read_clients(folder / "clients.toml")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "clients.toml").write_bytes(b"\xff")
    for path in (folder / "clients.toml", folder / "nowhere.toml", folder):
        with pytest.raises(ClientsError, match="cannot be read"):
            read_clients(path)


def test_a_demo_may_use_http(folder: Path, issuer: Issuer) -> None:
    local = "http://127.0.0.1:8123/fhir"
    entry = client_entry(folder, issuer, jwks_file=None, jwks_url=local, jku=[local], audiences=[local], fhir_bases=[local])
    (client,) = read_clients(clients_file(folder, entry), production=False)
    assert client.fhir_servers == servers_at([local])
