"""Which addresses may be asked (trust.md 2.1): a server is named by configuration, never by a request or by another server's answer.

Parsers disagree about crafted addresses, so there is one here, the one that connects: httpx.URL. A request's `fhirServer` is only
compared; what is asked is the configured address.
"""

import re
from collections.abc import Iterable, Sequence

import httpx
import msgspec

from app.settings import Settings

LONGEST_ADDRESS = 2_048
LONGEST_LINK = 32_768
"""A `next` link repeats the search, whose codes alone are some thousand characters."""
LAST_PORT = 65_535
DEMO_FHIR = "/demo/fhir"
FHIR_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9\-.]{1,64}")
_PORTS = {"http": 80, "https": 443}
_SUSPECT = re.compile(r"[\\\s\x00-\x1f\x7f]|[^\x20-\x7e]")
_PLAIN = re.compile(r"https?://([a-z0-9_\-]+(\.[a-z0-9_\-]+)*\.?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/.*)?", re.IGNORECASE)
_UNSAFE = re.compile(rb"(^|/)(\.|%2e){1,2}(/|$)|%2f|%5c", re.IGNORECASE)
"""What a server may read as a way up: dots, also encoded, and a slash that only looks like part of a name."""


class FhirServer(msgspec.Struct, frozen=True):
    """A FHIR base address: scheme, host in lower case without a trailing dot, port, path with a trailing slash."""

    scheme: str
    host: bytes
    port: int
    path: bytes

    def url(self, below: str, query: bytes = b"") -> httpx.URL:
        """The address of something below the base, `Condition/_search`."""
        return self._with(self.path + below.encode() + (b"?" + query if query else b""))

    def following(self, link: str, resource_type: str) -> httpx.URL | None:
        """Where a `next` link leads, absolute or relative; None unless it is at this base."""
        if len(link) > LONGEST_LINK or _SUSPECT.search(link):
            return None
        try:
            url = self.url(resource_type if link.startswith("?") else "").join(link)
        except (httpx.InvalidURL, ValueError):
            return None
        path, _, query = url.raw_path.partition(b"?")
        same_origin = url.scheme == self.scheme and _host(url) == self.host and _port(url) == self.port
        below = path.startswith(self.path) or path == self.path.removesuffix(b"/")
        if url.userinfo or url.fragment or _UNSAFE.search(path) or not (same_origin and below):
            return None
        return self._with(path + b"?" + query if query else path)

    def _with(self, raw_path: bytes) -> httpx.URL:
        origin = httpx.URL(scheme=self.scheme, host=self.host.decode(), port=self.port)
        return origin.copy_with(raw_path=raw_path)


def read_address(address: str) -> FhirServer | None:
    """The FHIR server that an address names; None where it is no plain http or https address."""
    if len(address) > LONGEST_ADDRESS or _SUSPECT.search(address) or "?" in address or "#" in address or not _PLAIN.fullmatch(address):
        return None
    try:
        url = httpx.URL(address)
        host, port = _host(url), _port(url)
    except (httpx.InvalidURL, ValueError):
        return None
    path = url.raw_path
    if url.scheme not in _PORTS or not host or "@" in address or not 0 < port <= LAST_PORT or _UNSAFE.search(address.encode()):
        return None
    return FhirServer(url.scheme, host, port, path.rstrip(b"/") + b"/")


def allowed_servers(settings: Settings) -> tuple[FhirServer, ...]:
    """The servers that may be asked without knowing the caller: VACDS_FHIR_BASES, or our own demo; none where callers must be known."""
    if settings.auth_required:
        return ()
    ours = (settings.public_base, f"http://127.0.0.1:{settings.port}", f"http://localhost:{settings.port}")
    return servers_at(settings.fhir_bases or [address + DEMO_FHIR for address in ours if settings.demo])


def servers_at(addresses: Iterable[str]) -> tuple[FhirServer, ...]:
    """Each address as a server; those that are none are left out."""
    return tuple(server for address in addresses if (server := read_address(address)) is not None)


def trusted(address: str, allowed: Sequence[FhirServer]) -> FhirServer | None:
    """The allowed server that the address names, if it names one."""
    named = read_address(address)
    return next((server for server in allowed if server == named), None)


def _host(url: httpx.URL) -> bytes:
    return url.raw_host.lower().removesuffix(b".")


def _port(url: httpx.URL) -> int:
    return _PORTS.get(url.scheme, 0) if url.port is None else url.port
