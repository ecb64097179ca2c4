"""VACDS_CLIENTS_FILE: the EHRs that may call, each with its keys, its addresses and its terms (contract 5, docs/clients/)."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec

from app.fhir_access.addresses import FhirServer, read_address
from app.fhir_access.limits import HARD_DEADLINE
from app.trust.keys import Keys, KeySetError, read_own_key_set
from cards.suggestions import Style

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048, pattern=r"^\S+$")]
Issuer = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^\S+$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Milliseconds = Annotated[int, msgspec.Meta(ge=100, le=int(HARD_DEADLINE * 1_000))]
Origin = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^https?://[a-z0-9.\-]+(:\d{1,5})?$")]
Some = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Tenant = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class ClientsError(Exception):
    """One line: the file, the client, what is wrong with it."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One EHR. `keys` are those written down, else they are at `jwks_url`; `deadline` is in seconds; no `tenants` means any.

    `smart_client_id` is our assessment form's there, empty where it is not registered; at `smart_origins` the EHR has more of itself.
    """

    name: str
    issuer: str
    keys: Keys
    jwks_url: httpx.URL | None
    jku: frozenset[str]
    audiences: tuple[str, ...]
    exact_audiences: frozenset[str]
    tenants: frozenset[str]
    fhir_servers: tuple[FhirServer, ...]
    deadline: float
    card_style: Style
    smart_client_id: str = ""
    smart_origins: tuple[str, ...] = ()


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[[client]]` as it is written. A list that is there says something: only `tenants` may be empty, for any."""

    name: Name
    issuer: Issuer
    jwks_url: Text | None = None
    jwks_file: Text | None = None
    jwks: dict[str, Any] | None = None
    jku: Some | None = None
    audiences: Some | None = None
    exact_audiences: Some | None = None
    tenants: tuple[Tenant, ...] = ()
    fhir_bases: Some | None = None
    deadline_ms: Milliseconds = 2_000
    card_style: Style = "standard"
    smart_client_id: Text | None = None
    smart_origins: tuple[Origin, ...] = ()


class _Wrong(Exception):
    """What is wrong with one client."""


def read_clients(path: Path, *, production: bool = True) -> tuple[Client, ...]:
    """The clients in a file; ClientsError where anything in it is wrong. Production takes no plain http, and no published key."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ClientsError(f"{path}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise ClientsError(f"{path}: is not TOML: {error}") from None
    entries = written.pop("client", None)
    if written:
        raise ClientsError(f"{path}: {min(written)}: there is no such setting; the file holds [[client]] tables")
    if not isinstance(entries, list) or not entries:
        raise ClientsError(f"{path}: there is no [[client]] in it")
    clients = tuple(_client(path, number, entry, production=production) for number, entry in enumerate(entries, start=1))
    _refuse_twice(path, "issuer", [client.issuer for client in clients])
    _refuse_twice(path, "name", [client.name for client in clients])
    return clients


def _refuse_twice(path: Path, what: str, values: Sequence[str]) -> None:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ClientsError(f"{path}: two clients have the same {what}: {twice[0]}")


def _client(path: Path, number: int, written: Any, *, production: bool) -> Client:
    name = written.get("name") if isinstance(written, dict) else None
    told = f'client "{name}"' if isinstance(name, str) and name.isprintable() else f"client {number}"
    try:
        entry = msgspec.convert(written, _Entry)
        return _read(entry, path.parent, production=production)
    except (msgspec.ValidationError, _Wrong) as error:
        raise ClientsError(f"{path}: {told}: {error}") from None


def _read(entry: _Entry, folder: Path, *, production: bool) -> Client:
    if not (entry.audiences or entry.exact_audiences):
        raise _Wrong("audiences or exact_audiences is needed: what its tokens are addressed to")
    if entry.smart_client_id and not entry.fhir_bases:
        raise _Wrong("smart_client_id needs fhir_bases: where the form may be launched from")
    for name in ("jwks_url", "jku", "audiences", "fhir_bases", "smart_origins"):
        given = getattr(entry, name) or ()
        for address in (given,) if isinstance(given, str) else given:
            _check_address(name, address, production=production)
    return Client(
        name=entry.name,
        issuer=entry.issuer,
        keys=_keys(entry, folder, production=production),
        jwks_url=None if entry.jwks_url is None else httpx.URL(entry.jwks_url),
        jku=frozenset(entry.jku or ()),
        audiences=tuple(address.rstrip("/") for address in entry.audiences or ()),
        exact_audiences=frozenset(entry.exact_audiences or ()),
        tenants=frozenset(entry.tenants),
        fhir_servers=tuple(server for address in entry.fhir_bases or () if (server := read_address(address)) is not None),
        deadline=entry.deadline_ms / 1_000,
        card_style=entry.card_style,
        smart_client_id=entry.smart_client_id or "",
        smart_origins=entry.smart_origins,
    )


def _check_address(name: str, address: str, *, production: bool) -> None:
    server = read_address(address)
    if server is None:
        raise _Wrong(f"{name}: must be an absolute http or https URL without user, query or fragment")
    if production and server.scheme != "https":
        raise _Wrong(f"{name}: must be https in production mode")


def _keys(entry: _Entry, folder: Path, *, production: bool) -> Keys:
    """Those written down in the file or beside it; none where they are to be fetched."""
    given = [name for name in ("jwks_url", "jwks_file", "jwks") if getattr(entry, name) is not None]
    if len(given) != 1:
        raise _Wrong("exactly one of jwks_url, jwks_file and jwks is needed")
    if entry.jwks_url is not None:
        return {}
    try:
        body = msgspec.json.encode(entry.jwks) if entry.jwks_file is None else (folder / entry.jwks_file).read_bytes()
        return read_own_key_set(body, public_only=production)
    except OSError as error:
        raise _Wrong(f"jwks_file: cannot be read ({type(error).__name__})") from None
    except KeySetError as error:
        raise _Wrong(f"{given[0]}: {error}") from None
