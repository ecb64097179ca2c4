"""Where the assessment form is registered as a SMART app: which EHRs may launch it, and under which client id (docs/form.md).

A site says so by `smart_client_id` in its [[client]] of VACDS_CLIENTS_FILE. The demo has registered it with itself.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec

from app.fhir_access.addresses import FhirServer, allowed_servers, trusted
from app.settings import Settings
from app.trust.caller import ANYBODY
from app.trust.clients import Client
from cards.card import Link

DEMO_CLIENT_ID = "ta279-assessment"
LABEL = "Fill in the assessment form"
KEY_LENGTH = 16


class Registration(msgspec.Struct, frozen=True):
    """At one FHIR server. `client` is the CDS client's name; `origins` are further ones of its EHR, such as the authorization server's."""

    client: str
    client_id: str
    server: FhirServer
    origins: tuple[str, ...] = ()

    @property
    def fhir_base(self) -> str:
        return str(self.server.url("")).rstrip("/")

    @property
    def all_origins(self) -> tuple[str, ...]:
        """What the page may ask, and where it may be framed."""
        own = self.server.url("").copy_with(raw_path=b"/")
        return tuple(dict.fromkeys((str(own).rstrip("/"), *self.origins)))

    @property
    def key(self) -> str:
        """Its name in an OAuth state: the page that the EHR sends the browser back to has only that to go by."""
        return key_of(self.fhir_base)


class Registrations:
    """All of them, for this configuration."""

    def __init__(self, found: Sequence[Registration], launch_url: str) -> None:
        self._found = {each.server: each for each in reversed(found)}
        self._by_key = {each.key: each for each in self._found.values()}
        link = (Link(LABEL, launch_url, "smart"),)
        self._links: Mapping[str, tuple[Link, ...]] = {each.client: link for each in found}

    def __bool__(self) -> bool:
        return bool(self._found)

    def launched_from(self, iss: str) -> Registration | None:
        """At the FHIR server that `iss` names, if it is one of them."""
        server = trusted(iss, tuple(self._found))
        return None if server is None else self._found[server]

    def returned_to(self, state: str) -> Registration | None:
        return self._by_key.get(state.partition(".")[0])

    def links(self, client: str) -> tuple[Link, ...]:
        """What a card for that client carries; nothing of the patient stands in it."""
        return self._links.get(client, ())


def key_of(fhir_base: str) -> str:
    return sha256(fhir_base.encode()).hexdigest()[:KEY_LENGTH]


def registrations(settings: Settings, clients: Sequence[Client]) -> Registrations:
    found = [
        Registration(client.name, client.smart_client_id, server, client.smart_origins)
        for client in clients
        for server in client.fhir_servers
        if client.smart_client_id
    ]
    if settings.demo:
        found += [Registration(ANYBODY.name, DEMO_CLIENT_ID, server) for server in allowed_servers(settings)]
    return Registrations(found, f"{settings.public_base}/form/launch")
