"""Keys that are fetched: rotated, slow, gone, wrong (trust.md 2.2, fault 30). The key set's server is a real one on loopback."""

import asyncio
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.requests import Request

from app.errors import NotAuthenticated
from app.fhir_access.errors import FhirRefusal
from app.trust.clients import read_clients
from app.trust.key_ring import FetchedKeys, Patience
from app.trust.keys import Keys, KeySetError, read_key_set
from app.trust.trust import Trust
from tests.faults.certificate import self_signed
from tests.faults.fault_server import FaultServer, eventually, listening, says
from tests.faults.replies import drips, gzip_bomb, hangs, hangs_up, huge, shortened
from tests.service import Client, Json, Service
from tests.trust.conftest import Serve
from tests.trust.ehr import Issuer, SigningKey, client_entry, clients_file, key_set, signing_key
from tests.trust.forgeries import encoded

PATH = "/cds-services"
OLD, NEW = signing_key("old"), signing_key("new", "RS384")
SOON = Patience(retry=0.05, fetch=0.5)
SANDBOX: Json = {
    "kty": "EC",
    "crv": "P-384",
    "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
    "x": "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
    "y": "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
}


@pytest.fixture
def host() -> Iterator[FaultServer]:
    """Where the client publishes its keys; at first the old one."""
    with listening(FaultServer([])) as server:
        publishes(server, OLD)
        yield server


def publishes(server: FaultServer, *keys: SigningKey) -> None:
    server.fails(says(200, key_set(*keys), "application/jwk-set+json"))


def entry(folder: Path, server: FaultServer, **changes: Any) -> dict[str, Any]:
    address = f"http://127.0.0.1:{server.port}/keys"
    return client_entry(folder, Issuer(OLD), jwks_file=None, jwks_url=address, jku=[address], **changes)


def status(client: Client, key: SigningKey, **changes: Any) -> int:
    return client.get(PATH, authorization=Issuer(key, jku=None).bearer(PATH, **changes)).status


def warm(service: Service) -> bool:
    with service.client() as client:
        return status(client, OLD) == 200


def test_a_rotation_fails_no_request(serve: Serve, host: FaultServer, tmp_path: Path) -> None:
    """The client publishes a new key beside the old one, signs with the new one from then on, and takes the old one away."""
    service = serve(entry(tmp_path, host))
    assert eventually(lambda: warm(service))
    with service.client() as client:
        answers = [status(client, OLD) for _ in range(20)]
        publishes(host, OLD, NEW)
        answers += [status(client, key) for _ in range(20) for key in (NEW, OLD)]
        publishes(host, NEW)
        answers += [status(client, NEW) for _ in range(20)]
    assert answers == [200] * 80


def test_a_rotation_without_overlap_fails_none_either(serve: Serve, host: FaultServer, tmp_path: Path) -> None:
    """Many at once: one asks for the keys, all wait for that answer."""
    service = serve(entry(tmp_path, host))
    assert eventually(lambda: warm(service))
    publishes(host, NEW)
    asked = len(host.asked)

    def ask(_: int) -> int:
        with service.client() as client:
            return status(client, NEW)

    with ThreadPoolExecutor(20) as clients:
        assert list(clients.map(ask, range(40))) == [200] * 40
    assert len(host.asked) == asked + 1


def test_a_thousand_unknown_kids_make_one_request_more(serve: Serve, host: FaultServer, tmp_path: Path) -> None:
    service = serve(entry(tmp_path, host))
    assert eventually(lambda: warm(service))
    before = len(host.asked)
    _, _, rest = Issuer(OLD, jku=None).token(PATH).partition(".")

    def ask(numbers: range) -> set[int]:
        with service.client() as client:
            heads = (encoded(msgspec.json.encode({"alg": "ES384", "kid": f"kid-{number}"})) for number in numbers)
            return {client.get(PATH, authorization=f"Bearer {head}.{rest}").status for head in heads}

    with ThreadPoolExecutor(20) as clients:
        assert set().union(*clients.map(ask, (range(first, first + 50) for first in range(0, 1_000, 50)))) == {401}
    assert len(host.asked) == before + 1


FAILURES = {
    "refuses": says(500),
    "is elsewhere": says(302, b"", location="http://127.0.0.1:9/keys"),
    "hangs": hangs,
    "hangs up": hangs_up,
    "drips": drips,
    "sends without end": huge,
    "sends a megabyte": says(200, b" " * 1_000_000 + key_set(NEW)),
    "sends a gzip bomb": gzip_bomb(20),
    "sends less than announced": shortened(1_000),
    "sends a page": says(200, b"<html>", "text/html"),
    "sends nothing": says(200),
    "sends a list": says(200, [1]),
    "sends no key": says(200, {"keys": []}),
    "sends keys of no use": says(200, {"keys": [{"kty": "oct", "k": "AAAA", "kid": "old"}, {"kty": "EC", "kid": 1}, {}]}),
    "sends a thousand keys": says(200, {"keys": [OLD.jwk] * 1_000}),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_keys_that_are_known_serve_while_their_host_fails(serve: Serve, host: FaultServer, tmp_path: Path, failure: str) -> None:
    """And a key that is not known yet is known as soon as the host is well again."""
    service = serve(entry(tmp_path, host), patience=Patience(retry=0.05, refresh=0.05, forced=0.05, fetch=0.5))
    assert eventually(lambda: warm(service))
    host.fails(FAILURES[failure])
    failing = len(host.asked)
    assert eventually(lambda: len(host.asked) >= failing + 2)
    with service.client() as client:
        assert [status(client, OLD) for _ in range(5)] == [200] * 5
        assert status(client, NEW) == 401
        publishes(host, NEW)
        assert eventually(lambda: status(client, NEW) == 200)


def test_keys_that_are_known_serve_while_their_host_is_gone(serve: Serve, tmp_path: Path) -> None:
    with listening(FaultServer([])) as server:
        publishes(server, OLD)
        service = serve(entry(tmp_path, server))
        assert eventually(lambda: warm(service))
    with service.client() as client:
        assert [status(client, OLD) for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("failure", FAILURES)
def test_nobody_is_let_in_before_there_are_keys(serve: Serve, host: FaultServer, tmp_path: Path, failure: str) -> None:
    """The service starts, refuses, and lets in when the keys come."""
    host.fails(FAILURES[failure])
    service = serve(entry(tmp_path, host), patience=SOON)
    with service.client() as client:
        assert status(client, OLD) == 401
        publishes(host, OLD)
        assert eventually(lambda: status(client, OLD) == 200)


def test_stale_keys_serve_for_a_day_and_no_longer() -> None:
    async def ages() -> list[bool]:
        loop = asyncio.get_running_loop()
        begun, days = loop.time(), 0.0
        loop.time = lambda: begun + days * 86_400  # type: ignore[method-assign]
        well = True

        async def fetch() -> Keys:
            if not well:
                raise KeySetError("gone")
            return read_key_set(key_set(OLD), public_only=True)

        ring = FetchedKeys("St Example", fetch, Patience(fetch=10**9))
        found = [await ring.key("old") is not None]
        well = False
        for later in (0.99, 1.01):
            days = later
            found.append(await ring.key("old") is not None)
        return found

    assert asyncio.run(ages()) == [True, True, False]


def test_one_clients_failing_host_is_no_others_trouble(serve: Serve, host: FaultServer, tmp_path: Path) -> None:
    other = Issuer(signing_key("other"), "https://other.example.org")
    host.fails(hangs)
    with serve(entry(tmp_path, host), client_entry(tmp_path, other, name="Other")).client() as client:
        assert client.get(PATH, authorization=other.bearer(PATH)).status == 200


def test_the_address_in_a_token_is_never_asked(serve: Serve, host: FaultServer, tmp_path: Path) -> None:
    with listening(FaultServer([])) as evil:
        publishes(evil, NEW)
        address = f"http://127.0.0.1:{evil.port}/keys"
        with serve(entry(tmp_path, host)).client() as client:
            for header in ({"jku": address}, {"x5u": address}, {"jku": address, "kid": "old"}):
                assert status(client, NEW, header=header) == 401
        assert evil.connections == 0


def test_keys_come_by_tls_whose_certificate_is_vouched_for(tmp_path: Path, issuer: Issuer) -> None:
    async def let_in(address: str, tls: ssl.SSLContext | None) -> bool:
        clients = read_clients(clients_file(tmp_path, client_entry(tmp_path, Issuer(OLD), jwks_file=None, jwks_url=address)))
        trust = Trust(clients, None, public_only=True, tls=tls)
        async with trust.running():
            try:
                return await trust._fetch(clients[0].jwks_url) is not None  # type: ignore[arg-type]
            except FhirRefusal:
                return False

    with listening(FaultServer([]), self_signed(tmp_path)) as server:
        publishes(server, OLD)
        address = f"https://127.0.0.1:{server.port}/keys"
        trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate"))
        assert [asyncio.run(let_in(address, tls)) for tls in (None, trusting)] == [False, True]


def jwk(private: Any, **changes: Any) -> Json:
    kind = ECAlgorithm if isinstance(private, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    found = {**msgspec.json.decode(kind.to_jwk(private.public_key())), "kid": "k", **changes}
    return {name: value for name, value in found.items() if value is not None}


P384 = ec.generate_private_key(ec.SECP384R1())
RSA2048 = rsa.generate_private_key(65537, 2048)
USELESS = {
    "RSA of 1024 bits": jwk(rsa.generate_private_key(65537, 1024)),  # noqa: S505
    "RSA of 2040 bits, written longer": jwk(rsa.generate_private_key(65537, 2040), n=None) | {"n": "AAAA" + "A" * 340},  # noqa: S505
    "RSA with an exponent of one": jwk(RSA2048, e="AQ"),
    "RSA of 20,000 bits": jwk(RSA2048, n="_" * 3_400),
    "RSA for RS256": jwk(RSA2048, alg="RS256"),
    "P-256": jwk(ec.generate_private_key(ec.SECP256R1())),
    "P-521": jwk(ec.generate_private_key(ec.SECP521R1())),
    "a point that is on no curve": jwk(P384, x=jwk(P384)["y"]),
    "a curve that is none": jwk(P384, crv=["P-384"]),
    "for ES256": jwk(P384, alg="ES256"),
    "for encryption": jwk(P384, use="enc"),
    "without a kid": jwk(P384, kid=None),
    "with an empty kid": jwk(P384, kid=""),
    "with a kid that is a number": jwk(P384, kid=1),
    "without coordinates": jwk(P384, x=None),
    "with coordinates that are numbers": jwk(P384, x=1),
    "of a kind that is none": jwk(P384, kty=["EC"]),
    "shared": {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
    "of another kind": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "k"},
    "with its private half": {**msgspec.json.decode(ECAlgorithm.to_jwk(P384)), "kid": "k"},
    "the sandbox's": SANDBOX,
}


@pytest.mark.parametrize("name", USELESS)
def test_a_key_of_no_use_is_left_out(name: str) -> None:
    with pytest.raises(KeySetError):
        read_key_set(msgspec.json.encode({"keys": [USELESS[name]]}), public_only=True)
    beside = read_key_set(msgspec.json.encode({"keys": [USELESS[name], OLD.jwk]}), public_only=True)
    assert set(beside) == {"old"}


def test_the_sandboxs_key_is_believed_in_a_demo_only() -> None:
    body = msgspec.json.encode({"keys": [SANDBOX, OLD.jwk]})
    assert set(read_key_set(body, public_only=False)) == {SANDBOX["kid"], "old"}
    renamed = msgspec.json.encode({"keys": [{**SANDBOX, "kid": "renamed"}, OLD.jwk]})
    assert set(read_key_set(renamed, public_only=True)) == {"old"}


def test_without_a_store_of_used_tokens_nobody_is_let_in(tmp_path: Path, issuer: Issuer) -> None:
    trust = Trust(read_clients(clients_file(tmp_path, client_entry(tmp_path, issuer))), None, public_only=True)
    scope = {"type": "http", "path": PATH, "headers": [(b"authorization", issuer.bearer(PATH).encode())]}
    with pytest.raises(NotAuthenticated):
        asyncio.run(trust.gate(Request(scope)))
