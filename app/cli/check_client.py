"""`vacds check-client`: whether a file of trusted clients holds, and what it says, before a service is started with it. Nobody is asked."""

from collections.abc import Iterator
from pathlib import Path

from app.cli.terminal import Refused
from app.trust.clients import Client, ClientsError, read_clients

COLUMN = 12


def check(name: str, *, demo: bool) -> Iterator[str]:
    """Each client as it was read; Refused with the first thing that is wrong."""
    try:
        clients = read_clients(Path(name), production=not demo)
    except ClientsError as error:
        raise Refused(str(error)) from None
    for client in clients:
        yield client.name
        yield from (f"  {what}".ljust(COLUMN) + said for what, said in _told(client))


def _told(client: Client) -> Iterator[tuple[str, str]]:
    yield "issuer", client.issuer
    yield "keys", f"{len(client.keys)} in the file" if client.jwks_url is None else f"fetched from {client.jwks_url}"
    yield from (("audience", f"{address}, and the path of the endpoint") for address in client.audiences)
    yield from (("audience", f"{address}, exactly") for address in sorted(client.exact_audiences))
    yield "tenants", ", ".join(sorted(client.tenants)) or "any"
    yield "FHIR", ", ".join(str(server.url("")) for server in client.fhir_servers) or "none: what a call does not bring is missing"
    yield "terms", f"{client.deadline:g} s for the FHIR server, card style {client.card_style}"
