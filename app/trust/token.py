"""A client's token (cds-hooks.md S-113 to S-122, trust.md 2.2): what is read of it before and after its signature is known to be good.

Parsed once, by joserfc, which then verifies those same bytes: what is checked is what was signed.
"""

import math
import re
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from app.trust.clients import Client
from app.trust.keys import ALGORITHMS

LONGEST_TOKEN = 16_384
LONGEST_LIFE = 3_600
LEEWAY = 60
CHANGES_THE_RULES = ("crit", "b64")  # what they ask for is nothing that we know of
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Refusal = Literal[
    "no-token", "size", "shape", "header", "claims", "issuer", "jku", "audience", "times", "tenant", "key", "signature", "replayed",
]  # fmt: skip
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Seconds = int | float


class Refused(Exception):
    """Why, for the log and nobody else."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Header(msgspec.Struct, frozen=True):
    alg: Literal["ES384", "RS384"]
    kid: ShortText
    typ: str = "JWT"
    jku: Text | None = None


class Claims(msgspec.Struct, frozen=True):
    """Those that decide. A client may send others."""

    iss: Text
    aud: Text | list[Text]
    exp: Seconds
    iat: Seconds
    jti: ShortText
    nbf: Seconds | None = None
    tenant: ShortText | None = None

    @property
    def audiences(self) -> Iterable[str]:
        return (self.aud,) if isinstance(self.aud, str) else self.aud

    @property
    def over(self) -> int:
        """When it is refused for its age alone, in seconds since 1970."""
        return math.ceil(self.exp) + LEEWAY


class Token(msgspec.Struct, frozen=True):
    """Believed to be nobody's until `verify` has passed."""

    header: Header
    claims: Claims
    signed: jws.CompactSignature


class _Sizes(jws.JWSRegistry):
    max_header_length = 4_096
    max_payload_length = 8_192
    max_signature_length = 2_048


# Unknown header members are ignored, as RFC 7515 has it; those that name a key (jwk, x5c, x5u) are never looked at.
_registry = _Sizes(algorithms=tuple(ALGORITHMS.values()), strict_check_header=False)


def read_token(authorization: str) -> Token:
    """The token of an Authorization header, as it speaks of itself; Refused for what is none."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("no-token")
    if len(text) > LONGEST_TOKEN:
        raise Refused("size")
    if not _COMPACT.fullmatch(text):
        raise Refused("shape")
    try:
        signed = jws.extract_compact(text.encode(), registry=_registry)
    except JoseError:
        raise Refused("shape") from None
    return Token(_read_header(signed), _read_claims(signed), signed)


def _read_header(signed: jws.CompactSignature) -> Header:
    try:
        header = msgspec.convert(signed.headers(), Header)
    except msgspec.ValidationError:
        raise Refused("header") from None
    if header.typ.upper() != "JWT" or any(name in signed.headers() for name in CHANGES_THE_RULES):
        raise Refused("header")
    return header


def _read_claims(signed: jws.CompactSignature) -> Claims:
    try:
        return msgspec.json.decode(signed.payload, type=Claims)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused("claims") from None


def check(token: Token, client: Client, path: str, now: float) -> None:
    """Everything but issuer, signature and replay, in the order of S-122; `path` is the endpoint's, `now` in seconds since 1970."""
    claims = token.claims
    if token.header.jku is not None and token.header.jku not in client.jku:
        raise Refused("jku")
    if not any(is_for_us(audience, client, path) for audience in claims.audiences):
        raise Refused("audience")
    if not is_timely(claims, now):
        raise Refused("times")
    if client.tenants and claims.tenant not in client.tenants:
        raise Refused("tenant")


def is_for_us(audience: str, client: Client, path: str) -> bool:
    """By the configured addresses, never by the Host header, which whoever calls may choose. One trailing slash does not matter."""
    if audience in client.exact_audiences:
        return True
    return audience.removesuffix("/") in [address + path for address in client.audiences]


def is_timely(claims: Claims, now: float) -> bool:
    life = claims.exp - claims.iat
    return 0 < life <= LONGEST_LIFE and claims.iat - LEEWAY <= now < claims.exp + LEEWAY and (claims.nbf or 0) - LEEWAY <= now


def verify(token: Token, key: Key) -> None:
    """Refused unless the key signed this token, by the one algorithm that is for keys of its kind."""
    if ALGORITHMS[key.key_type] != token.header.alg or not jws.validate_compact(token.signed, key, registry=_registry):
        raise Refused("signature")
