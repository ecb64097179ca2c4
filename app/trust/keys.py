"""An issuer's public keys as its key set tells them (RFC 7517): only those a token of ours could be signed with."""

from collections.abc import Mapping

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import urlsafe_b64decode

from app.trust.published_keys import PUBLISHED

MOST_KEYS = 100
RSA_BITS = range(2_048, 8_193)
LONGEST_MODULUS = 2_000  # in base64
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
ALGORITHMS = {"EC": "ES384", "RSA": "RS384"}

Keys = Mapping[str, Key]
"""By `kid`. Made once: to make one costs more than to use it."""


class KeySetError(Exception):
    """What is wrong with the set, in words of ours."""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, object]]


def read_key_set(body: bytes, *, public_only: bool) -> Keys:
    """The keys of a JWK Set that was fetched. What is of no use to us, or not safe to use, is left out; KeySetError where nothing is left.

    `public_only`: not those whose private half anybody may read.
    """
    keys: dict[str, Key] = {}
    for entry in _entries(body):
        key = _usable(entry)
        if key is not None and key.kid is not None and not (public_only and key.thumbprint() in PUBLISHED):
            keys.setdefault(key.kid, key)
    if not keys:
        raise KeySetError("holds no ES384 or RS384 key with a kid that may be used")
    return keys


def read_own_key_set(body: bytes, *, public_only: bool) -> Keys:
    """The same for a set that somebody here wrote down: what is wrong with it is an error and not left out."""
    for entry in _entries(body):
        if any(name in entry for name in PRIVATE):
            raise KeySetError("holds a private or a shared key: only public keys belong here")
        key = _usable(entry)
        if key is None:
            raise KeySetError("holds a key that is none for ES384 or RS384 (P-384, or RSA of 2048 bits or more, each with a kid)")
        if public_only and key.thumbprint() in PUBLISHED:
            raise KeySetError(f"holds {PUBLISHED[key.thumbprint()]}, whose private half is public: not in production mode")
    return read_key_set(body, public_only=public_only)


def _entries(body: bytes) -> list[dict[str, object]]:
    try:
        entries = msgspec.json.decode(body, type=_KeySet).keys
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise KeySetError("is not a JWK Set") from None
    if len(entries) > MOST_KEYS:
        raise KeySetError(f"holds more than {MOST_KEYS} keys")
    return entries


def _usable(entry: dict[str, object]) -> Key | None:
    kind, kid = entry.get("kty"), entry.get("kid")
    wanted = ALGORITHMS.get(kind) if isinstance(kind, str) else None
    if wanted is None or not isinstance(kid, str) or not kid or any(name in entry for name in PRIVATE):
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", wanted) != wanted:
        return None
    return _imported(entry)


def _imported(entry: dict[str, object]) -> Key | None:
    """The key, if it is one; its members may be anything."""
    public = {name: value for name, value in entry.items() if name in ("kty", "kid", "crv", "x", "y", "n", "e")}
    try:
        if entry["kty"] == "EC":
            return ECKey.import_key(public) if entry.get("crv") == "P-384" else None  # type: ignore[arg-type]
        return RSAKey.import_key(public) if _bits(public.get("n")) in RSA_BITS else None  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _bits(modulus: object) -> int:
    """joserfc only warns of a short key, and a very long one takes long to use."""
    if not isinstance(modulus, str) or len(modulus) > LONGEST_MODULUS:
        return 0
    return int.from_bytes(urlsafe_b64decode(modulus.encode())).bit_length()
