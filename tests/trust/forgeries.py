"""Tokens that must not be let in, each for one reason. Those that no library would make are put together by hand."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.examples import FEEDBACK, HOOK
from tests.trust.ehr import ISSUER, KEYS_URL, PUBLIC, Issuer, signing_key

Forge = Callable[[Issuer], str]
"""The whole value of the Authorization header."""

STRANGER = signing_key("stranger")
OTHER = "https://other.example.org/fhir"
DEEP = "[" * 3_000


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header: Any, claims: Any, signature: bytes = b"x" * 96) -> str:
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims))
    return "Bearer " + ".".join([*map(encoded, parts), encoded(signature)])


def claiming(**changes: Any) -> Forge:
    """Signed, with these claims in place of the right ones; None takes one away."""
    return lambda issuer: issuer.bearer(**changes)


def headed(**changes: Any) -> Forge:
    return lambda issuer: issuer.bearer(header=changes)


def timed(**seconds: int) -> Forge:
    """Claims so many seconds from now."""

    def forge(issuer: Issuer) -> str:
        claims: dict[str, Any] = {name: int(time.time()) + value for name, value in seconds.items()}
        return issuer.bearer(**claims)

    return forge


def signed_as_text(issuer: Issuer, claims: bytes, header: Mapping[str, Any] | None = None) -> str:
    """A right signature over bytes that need not be JSON."""
    return "Bearer " + jwt.api_jws.encode(claims, issuer.key.private, "ES384", headers=issuer.header(**(header or {})))


def with_raw_claims(make: Callable[[bytes], bytes]) -> Forge:
    return lambda issuer: signed_as_text(issuer, make(json.dumps(issuer.claims()).encode()))


def mac(issuer: Issuer) -> str:
    """HS384 with the public key as the secret."""
    secret = issuer.key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = by_hand({**issuer.header(), "alg": "HS384"}, issuer.claims())[len("Bearer ") :].rpartition(".")[0]
    return f"Bearer {text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha384))}"


def by_another(algorithm: str, key: Any, **header: Any) -> Forge:
    return lambda issuer: "Bearer " + jwt.encode(issuer.claims(), key, algorithm, headers=issuer.header(**header))


def own_key_in_header(issuer: Issuer) -> str:
    return "Bearer " + jwt.encode(issuer.claims(), STRANGER.private, "ES384", headers=issuer.header(jwk=STRANGER.jwk))


def tampered(issuer: Issuer) -> str:
    """The claims of one token, the signature of another."""
    head, _, _ = issuer.token().split(".")
    _, claims, signature = issuer.token().split(".")
    _, other, _ = issuer.token(exp=int(time.time()) + 900).split(".")
    return f"Bearer {head}.{other if other != claims else claims}.{signature}"


def cut(pieces: slice) -> Forge:
    return lambda issuer: "Bearer " + ".".join(issuer.token().split(".")[pieces])


FORGERIES: Mapping[str, Mapping[str, Forge]] = {
    "no-token": {
        "no token": lambda issuer: "",
        "another scheme": lambda issuer: "Basic dXNlcjpwdw==",
        "a token without a scheme": lambda issuer: issuer.token(),
    },
    "shape": {
        "a scheme and nothing": lambda issuer: "Bearer",
        "two tokens in one header": lambda issuer: f"{issuer.bearer()}, {issuer.bearer()}",
        "no JSON anywhere": lambda issuer: "Bearer x.y.z",
        "two parts": cut(slice(0, 2)),
        "one part": cut(slice(0, 1)),
        "no signature": lambda issuer: issuer.bearer().rpartition(".")[0] + ".",
        "padding": lambda issuer: issuer.bearer() + "=",
        "blanks inside": lambda issuer: issuer.bearer().replace(".", ". "),
        "five parts, as if encrypted": lambda issuer: issuer.bearer() + ".a.b",
        "alg none, no signature": lambda issuer: by_hand({**issuer.header(), "alg": "none"}, issuer.claims(), b"")[:-1] + ".",
        "no alg": lambda issuer: by_hand(issuer.header(), issuer.claims()),
        "a very long kid": headed(kid="k" * 3_000),
        "a header with a number beyond reading": lambda issuer: by_hand(b'{"alg": ' + b"9" * 5_000 + b"}", issuer.claims()),
    },
    "header": {
        "alg none, a signature": lambda issuer: by_hand({**issuer.header(), "alg": "none"}, issuer.claims()),
        "alg nOnE": lambda issuer: by_hand({**issuer.header(), "alg": "nOnE"}, issuer.claims()),
        "alg a list": lambda issuer: by_hand({**issuer.header(), "alg": ["ES384"]}, issuer.claims()),
        "HS384 with the public key": mac,
        "ES256 by a key of the right name": by_another("ES256", ec.generate_private_key(ec.SECP256R1())),
        "RS256 by a key of the right name": by_another("RS256", signing_key("rsa", "RS384").private),
        "PS384 by a key of the right name": by_another("PS384", signing_key("rsa", "RS384").private),
        "no kid": headed(kid=None),
        "an empty kid": lambda issuer: by_hand({**issuer.header(), "alg": "ES384", "kid": ""}, issuer.claims()),
        "a kid that is a number": lambda issuer: by_hand({**issuer.header(), "alg": "ES384", "kid": 7}, issuer.claims()),
        "an empty jku": headed(jku=""),
        "crit of something": headed(crit=["exp"], exp=1),
        "crit of nothing": lambda issuer: by_hand({**issuer.header(), "alg": "ES384", "crit": []}, issuer.claims()),
        "unencoded claims, RFC 7797": lambda issuer: by_hand({**issuer.header(b64=False, crit=["b64"]), "alg": "ES384"}, issuer.claims()),
        "an access token by its type": headed(typ="at+jwt"),
        "a header that is a list": lambda issuer: by_hand(["alg"], issuer.claims()),
        "a header that is text": lambda issuer: by_hand("alg", issuer.claims()),
    },
    "signature": {
        "RS384 where the key is ES384": by_another("RS384", signing_key("rsa", "RS384").private),
        "ES384 by another key of that name": by_another("ES384", STRANGER.private),
        "a signature of zeros": lambda issuer: by_hand({**issuer.header(), "alg": "ES384"}, issuer.claims(), b"\0" * 96),
        "a signature in DER": lambda issuer: by_hand({**issuer.header(), "alg": "ES384"}, issuer.claims(), b"\x30\x64" + b"\1" * 100),
        "claims of another token": tampered,
        "its own key in the header": own_key_in_header,
    },
    "key": {
        "an unknown kid": headed(kid="unknown"),
        "a kid that is a path": headed(kid="../../etc/passwd"),
    },
    "jku": {
        "a jku of its own": headed(jku="https://evil.example/keys"),
        "a jku with the right beginning": headed(jku=KEYS_URL + "/../evil"),
        "a jku in another case": headed(jku=KEYS_URL.upper()),
    },
    "issuer": {
        "another issuer": claiming(iss=OTHER),
        "an issuer with a slash more": claiming(iss=ISSUER + "/"),
    },
    "claims": {
        "no issuer": claiming(iss=None),
        "an issuer that is a list": lambda issuer: by_hand({**issuer.header(), "alg": "ES384"}, {**issuer.claims(), "iss": [ISSUER]}),
        "no audience": claiming(aud=None),
        "audiences that are numbers": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "aud": [1]}).encode()),
        "no exp": claiming(exp=None),
        "no iat": claiming(iat=None),
        "exp as text": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "exp": str(int(time.time()) + 60)}).encode()),
        "iat as text": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "iat": str(int(time.time()))}).encode()),
        "nbf as text": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "nbf": "0"}).encode()),
        "exp true": claiming(exp=True),
        "exp that is no number": with_raw_claims(lambda claims: claims[:-1] + b', "exp": NaN}'),
        "exp beyond all numbers": with_raw_claims(lambda claims: claims[:-1] + b', "exp": 1e999}'),
        "no jti": claiming(jti=None),
        "an empty jti": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "jti": ""}).encode()),
        "a jti that is a number": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "jti": 7}).encode()),
        "a jti of 300 characters": claiming(jti="j" * 300),
        "claims that are a list": lambda issuer: signed_as_text(issuer, b"[1]"),
        "claims that are no JSON": lambda issuer: signed_as_text(issuer, b"{"),
        "claims that are not UTF-8": with_raw_claims(lambda claims: claims.replace(b"ehr", b"\xff\xfe")),
        "a tenant that is a number": lambda issuer: signed_as_text(issuer, json.dumps({**issuer.claims(), "tenant": 7}).encode()),
    },
    "audience": {
        "another audience": claiming(aud="https://evil.example" + HOOK),
        "the audience of another endpoint": claiming(aud=PUBLIC + "/cds-services"),
        "the audience of feedback": claiming(aud=PUBLIC + FEEDBACK.replace("{service_id}", HOOK.rpartition("/")[2])),
        "the base as audience": claiming(aud=PUBLIC),
        "an audience by http": claiming(aud=(PUBLIC + HOOK).replace("https", "http")),
        "an audience with a query": claiming(aud=PUBLIC + HOOK + "?x=1"),
        "an audience with two slashes more": claiming(aud=PUBLIC + HOOK + "//"),
        "the audience that the Host header says": claiming(aud="http://127.0.0.1" + HOOK),
        "an empty list of audiences": claiming(aud=[]),
    },
    "times": {
        "over since two minutes": timed(iat=-420, exp=-120),
        "issued in two minutes": timed(iat=120, exp=400),
        "not before two minutes from now": timed(nbf=120),
        "a life of more than an hour": timed(iat=-10, exp=3_600),
        "a life of thirty years": timed(exp=10**9),
        "a life of less than nothing": timed(iat=30, exp=20),
    },
    "size": {
        "a jti of 20 kB": claiming(jti="j" * 20_000),
        "17 kB of nothing": lambda issuer: "Bearer " + "a" * 17_000,
    },
    "failed": {
        "claims that are deep": with_raw_claims(lambda claims: claims[:-1] + b', "x": ' + DEEP.encode() + b"}"),
        "a header that is deep": lambda issuer: by_hand(b'{"alg": "ES384", "x": ' + DEEP.encode(), issuer.claims()),
    },
}
"""By the reason for which each is refused."""
