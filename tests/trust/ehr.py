"""EHRs as they sign: tokens are made by PyJWT, which shares no code with what verifies them."""

import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from app.examples import HOOK

PUBLIC = "https://cds.example.org"
ISSUER = "https://ehr.example.org/fhir/r4"
KEYS_URL = "https://ehr.example.org/keys"

Claims = dict[str, Any]
Jwk = dict[str, Any]
Algorithm = Literal["ES384", "RS384"]


class SigningKey(msgspec.Struct, frozen=True):
    """`private` signs; `jwk` is what its owner publishes."""

    kid: str
    algorithm: Algorithm
    private: Any

    @property
    def jwk(self) -> Jwk:
        kind = ECAlgorithm if self.algorithm == "ES384" else RSAAlgorithm
        public: Jwk = json.loads(kind.to_jwk(self.private.public_key()))
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}


@cache
def signing_key(kid: str, algorithm: Algorithm = "ES384") -> SigningKey:
    """The same for the same name, as long as the tests run."""
    private = ec.generate_private_key(ec.SECP384R1()) if algorithm == "ES384" else rsa.generate_private_key(65537, 2048)
    return SigningKey(kid, algorithm, private)


def key_set(*keys: SigningKey) -> bytes:
    return msgspec.json.encode({"keys": [key.jwk for key in keys]})


class Issuer(msgspec.Struct, frozen=True):
    """An EHR that signs as the specification has it, unless a test says otherwise."""

    key: SigningKey
    issuer: str = ISSUER
    audience: str = PUBLIC
    jku: str | None = KEYS_URL

    def claims(self, path: str = HOOK, **changes: Any) -> Claims:
        """A change of None takes the claim away."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.audience + path, "exp": now + 300, "iat": now, "jti": str(uuid4()), **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        header = {"typ": "JWT", "kid": self.key.kid, "jku": self.jku, **changes}
        return {name: value for name, value in header.items() if value is not None}

    def token(self, path: str = HOOK, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        return jwt.encode(self.claims(path, **changes), self.key.private, self.key.algorithm, headers=self.header(**(header or {})))

    def bearer(self, path: str = HOOK, **changes: Any) -> str:
        return "Bearer " + self.token(path, **changes)


def client_entry(folder: Path, issuer: Issuer, /, **changes: Any) -> dict[str, Any]:
    """The issuer as VACDS_CLIENTS_FILE has it, its keys in a file beside it. A change of None takes the setting away."""
    (folder / f"{issuer.key.kid}.json").write_bytes(key_set(issuer.key))
    entry = {
        "name": "St Example",
        "issuer": issuer.issuer,
        "jwks_file": f"{issuer.key.kid}.json",
        "jku": [KEYS_URL],
        "audiences": [PUBLIC],
        "fhir_bases": [ISSUER],
        **changes,
    }
    return {name: value for name, value in entry.items() if value is not None}


def clients_file(folder: Path, *entries: Mapping[str, Any]) -> Path:
    """Strings, numbers and lists are written alike in JSON and in TOML."""
    tables = ("\n".join(f"{name} = {json.dumps(value)}" for name, value in entry.items()) for entry in entries)
    path = folder / "clients.toml"
    path.write_text("\n\n".join(f"[[client]]\n{table}" for table in tables))
    return path
