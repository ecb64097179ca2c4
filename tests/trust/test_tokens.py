"""Tokens that are let in, and the edges of what is."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import msgspec
import pytest

from app import reference_patient
from app.examples import HOOK
from app.trust.clients import ClientsError, read_clients
from app.trust.token import Claims, Refused, check, is_timely, read_token, verify
from tests.service import Client, Json, Service
from tests.trust.conftest import Serve
from tests.trust.ehr import ISSUER, PUBLIC, Issuer, client_entry, clients_file, signing_key

CALL: Json = reference_patient.hook_request(reference_patient.prefetch())
BUNDLE: Json = reference_patient.bundle(reference_patient.prefetch())


def status(client: Client, bearer: str, path: str = HOOK, body: Json = None) -> int:
    return client.post(path, body or CALL, authorization=bearer).status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/cds-services", None),
        ("POST", HOOK, CALL),
        ("POST", f"{HOOK}/feedback", {"feedback": []}),
        ("POST", "/evaluations", BUNDLE),
    ],
)
def test_every_endpoint_has_an_audience_of_its_own(client: Client, issuer: Issuer, method: str, path: str, body: Json) -> None:
    def asked(bearer: str) -> int:
        return (client.get(path, authorization=bearer) if method == "GET" else client.post(path, body, authorization=bearer)).status

    assert asked(issuer.bearer(path)) == 200
    assert [asked(issuer.bearer(other)) for other in ("/cds-services/unknown", "/livez", "")] == [401] * 3


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": PUBLIC + HOOK + "/"},
        {"aud": [PUBLIC + HOOK]},
        {"aud": ["https://other.example", PUBLIC + HOOK, "x"]},
        {"nbf": 0},
        {"sub": "client-id", "azp": {"any": ["thing"]}},
        {"tenant": "any"},
        {"header": {"jku": None}},
        {"header": {"typ": None}},
        {"header": {"typ": "jwt"}},
        {"header": {"x5t": "abc", "unknown": True}},
        {"jti": "j" * 255},
    ],
    ids=repr,
)
def test_what_a_client_may_do_otherwise(client: Client, issuer: Issuer, changes: Json) -> None:
    assert status(client, issuer.bearer(**changes)) == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(client: Client, issuer: Issuer, scheme: str) -> None:
    assert status(client, f"{scheme} {issuer.token()}") == 200


def test_the_host_header_decides_nothing(client: Client, issuer: Issuer) -> None:
    assert client.post(HOOK, CALL, authorization=issuer.bearer(), host="evil.example").status == 200
    forged = issuer.bearer(aud=f"https://evil.example{HOOK}")
    assert client.post(HOOK, CALL, authorization=forged, host="evil.example", x_forwarded_host="evil.example").status == 401


def test_two_authorization_headers_are_none(door: Service, issuer: Issuer) -> None:
    with door.client() as client:
        connection = client._connection
        connection.putrequest("GET", "/cds-services")
        for _ in range(2):
            connection.putheader("Authorization", issuer.bearer("/cds-services"))
        connection.endheaders()
        assert connection.getresponse().status == 401


def claims_at(now: int, life: int = 300) -> Claims:
    return Claims(iss=ISSUER, aud=PUBLIC, exp=now + life, iat=now, jti="x")


SKEWS = range(-90, 91, 10)


@pytest.mark.parametrize("skew", SKEWS)
def test_clocks_may_differ_by_sixty_seconds(skew: int) -> None:
    """The client's clock is `skew` seconds ahead of ours, and its token is new, or at its end."""
    now = 1_000_000_000
    assert is_timely(claims_at(now + skew), now) == (skew <= 60)
    assert is_timely(claims_at(now + skew - 300), now) == (skew > -60)
    not_before = Claims(iss=ISSUER, aud=PUBLIC, exp=now + 300, iat=now, jti="x", nbf=now + skew)
    assert is_timely(not_before, now) == (skew <= 60)


def test_times_need_not_be_whole_seconds(client: Client, issuer: Issuer) -> None:
    now = time.time()
    assert status(client, issuer.bearer(iat=now - 0.5, exp=now + 60.5, nbf=now - 300.25)) == 200


@pytest.mark.parametrize("skew", [-55, 0, 55])
def test_clocks_may_differ_in_real_calls(client: Client, issuer: Issuer, skew: int) -> None:
    now = int(time.time()) + skew
    assert status(client, issuer.bearer(iat=now, exp=now + 300, nbf=now)) == 200


@pytest.mark.parametrize(("life", "is_let_in"), [(1, True), (3_600, True), (3_601, False), (0, False)])
def test_a_life_is_an_hour_at_most(life: int, is_let_in: bool) -> None:
    assert is_timely(claims_at(1_000_000_000, life), 1_000_000_000) == is_let_in


def test_of_fifty_uses_at_once_one_is_the_first(door: Service, issuer: Issuer) -> None:
    bearer = issuer.bearer()

    def use(_: int) -> int:
        with door.client() as client:
            return status(client, bearer)

    with ThreadPoolExecutor(25) as clients:
        assert Counter(clients.map(use, range(50))) == {200: 1, 401: 49}


def test_a_jti_is_one_issuers_own(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    other = Issuer(signing_key("other"), "https://other.example.org")
    entries = [client_entry(tmp_path, each, name=each.key.kid) for each in (issuer, other)]
    with serve(*entries).client() as client:
        assert [status(client, each.bearer(jti="the same")) for each in (issuer, other, issuer, other)] == [200, 200, 401, 401]


def test_a_client_cannot_sign_for_another(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    """Keys are looked up among those of the issuer that is named, whatever their name."""
    other = Issuer(signing_key("other"), "https://other.example.org")
    entries = [client_entry(tmp_path, each, name=each.key.kid) for each in (issuer, other)]
    with serve(*entries).client() as client:
        assert status(client, other.bearer(iss=issuer.issuer)) == 401
        assert status(client, other.bearer()) == 200


def test_tenants_are_those_listed(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    entry = client_entry(tmp_path, issuer, tenants=["ward-1", "ward-2"])
    with serve(entry).client() as client:
        assert [status(client, issuer.bearer(tenant=tenant)) for tenant in ("ward-2", "ward-3", "WARD-1", None)] == [200, 401, 401, 401]


def test_an_exact_audience_stands_as_it_is(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    entry = client_entry(tmp_path, issuer, audiences=None, exact_audiences=["typed"])
    with serve(entry).client() as client:
        assert [status(client, issuer.bearer(aud=aud)) for aud in ("typed", ["x", "typed"], "typed/", "Typed", PUBLIC + HOOK)] == [
            200, 200, 401, 401, 401,
        ]  # fmt: skip


def test_where_use_cannot_be_told_nobody_is_let_in(serve: Serve, issuer: Issuer, tmp_path: Path) -> None:
    """Fault 25: 503 and no 401, for it is not the token that is wrong."""
    with serve(client_entry(tmp_path, issuer)).client() as client:
        assert status(client, issuer.bearer()) == 200
        for file in tmp_path.glob("used.sqlite3*"):
            file.unlink()
        answer = client.post(HOOK, CALL, authorization=issuer.bearer())
        assert (answer.status, answer.json["issue"][0]["code"]) == (503, "transient")
        assert "retry-after" in answer.headers
        assert status(client, issuer.bearer(exp=1, iat=0)) == 401


SPECIFICATION = (  # the example of the CDS Hooks specification, "JSON Web Token header, payload, and JWK set"
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6Ly9maGlyLWVoci5leGFtcGxlLmNvbS9qd2tfdXJpIn0."
    "eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL2Nkcy1zZXJ2aWNlcy9zb21lLXNlcnZp"
    "Y2UiLCJleHAiOjE0MjI1Njg4NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEtZTFiNy00NjExLWJhNWItOGVlYzZhMzNhYzFlIiwidGVuYW50Ijoi"
    "MmRkZDZjM2EtOGU5YS00NGM2LWEzMDUtNTIxMTFhZDMwMmEyIn0."
    "d1WfLjGRKlcWB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooCSDf2L8-i4awdoUwiEb"
)
SPECIFICATION_KEY = {
    "kty": "EC",
    "crv": "P-384",
    "kid": "example-kid",
    "x": "46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk",
    "y": "XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI",
}


def test_the_specifications_own_token_is_well_signed_and_over(serve: Serve, tmp_path: Path) -> None:
    """D-09. It lives for more than three years: there was no day on which it would have been let in."""
    path = "/cds-services/some-service"
    (tmp_path / "keys.json").write_bytes(msgspec.json.encode({"keys": [SPECIFICATION_KEY]}))
    entry = {
        "name": "The specification",
        "issuer": "https://fhir-ehr.example.com/",
        "jwks_file": "keys.json",
        "jku": ["https://fhir-ehr.example.com/jwk_uri"],
        "audiences": [PUBLIC],
    }
    (ehr,) = read_clients(clients_file(tmp_path, entry), production=False)
    token = read_token(f"Bearer {SPECIFICATION}")
    verify(token, ehr.keys["example-kid"])
    jwt.decode(SPECIFICATION, jwt.PyJWK(SPECIFICATION_KEY, "ES384"), ["ES384"], audience=PUBLIC + path, options={"verify_exp": False})
    for now in (token.claims.iat, token.claims.exp - 1, time.time()):
        with pytest.raises(Refused, match="times"):
            check(token, ehr, path, now)
    with serve(entry).client() as client:
        assert client.post("/evaluations", BUNDLE, authorization=f"Bearer {SPECIFICATION}").status == 401
    with pytest.raises(ClientsError, match="example key of the CDS Hooks specification"):
        read_clients(tmp_path / "clients.toml")


def test_two_libraries_agree_on_a_signature(issuer: Issuer, tmp_path: Path) -> None:
    for key in (issuer.key, signing_key("rsa", "RS384")):
        (ehr,) = read_clients(clients_file(tmp_path, client_entry(tmp_path, Issuer(key))))
        signed = Issuer(key).token()
        verify(read_token(f"Bearer {signed}"), ehr.keys[key.kid])
        changed = signed[:-4] + ("AAAA" if signed[-4:] != "AAAA" else "BBBB")
        with pytest.raises(Refused, match="signature"):
            verify(read_token(f"Bearer {changed}"), ehr.keys[key.kid])
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(changed, key.private.public_key(), [key.algorithm], audience=PUBLIC + HOOK)
