"""Which addresses are asked (trust.md 2.1): sixty spellings of `fhirServer`, odd `next` links; no socket to any but the allowed host."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import reference_patient
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import allowed_servers, read_address, servers_at, trusted
from app.settings import Auth, Mode, Settings
from guidelines.ta279.terminology import load_terminology
from hooks.envelope import read_call
from hooks.prefetch import templates
from tests.faults.conftest import chart
from tests.faults.fault_server import FaultServer, listening
from tests.faults.replies import next_page
from tests.service import Json

BASE = "https://ehr.example/fhir"

SAME = [
    BASE,
    BASE + "/",
    "HTTPS://EHR.example/fhir",
    "https://ehr.example./fhir",
    "https://ehr.example:443/fhir/",
    "https://EHR.EXAMPLE:443/fhir",
]
OTHERS = [
    "", " ", "/", "fhir", "//ehr.example/fhir", "ehr.example/fhir", "https:", "https://", "https:///fhir",
    "http://ehr.example/fhir", "https://ehr.example:444/fhir", "https://ehr.example/fhirEVIL", "https://ehr.example/fhir/more",
    "https://ehr.example/", "https://ehr.example/FHIR", "https://ehr.example/fhir%2f", "https://ehr.example/%66hir",
    "https://ehr.example/x/../fhir", "https://ehr.example/x/%2e%2e/fhir", "https://ehr.example/./fhir", "https://ehr.example/fhir/.",
    "https://ehr.example/fhir?x=1", "https://ehr.example/fhir?", "https://ehr.example/fhir#x", "https://ehr.example/fhir#",
    "https://user@ehr.example/fhir", "https://user:pass@ehr.example/fhir", "https://ehr.example@evil.example/fhir", "https://@ehr.example/fhir",
    "https://ehr.example\\@evil.example/fhir", "https://ehr.example\\.evil.example/fhir", "https:\\\\ehr.example\\fhir",
    "https://ehr.example/fhir\r\nHost: evil.example", "https://ehr.example/fhir\x00", "https://ehr.example\t/fhir", " https://ehr.example/fhir",
    "https://ehr.example /fhir", "https://ehr.example.evil.example/fhir", "https://evil.example/https://ehr.example/fhir",
    "https://ehr.example:99999/fhir", "https://ehr.example:0443x/fhir", "https://ehr.example:/../fhir", "ftp://ehr.example/fhir",
    "file:///etc/passwd", "javascript:alert(1)", "https://127.0.0.1/fhir", "https://0177.0.0.1/fhir", "https://2130706433/fhir",
    "https://[::1]/fhir", "https://[::1", "https://169.254.169.254/fhir", "https://ehr\u3002example/fhir", "https://\u0435hr.example/fhir",
    "https://ehr.example/fhir" + "/" * 3_000, "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("address", SAME)
def test_the_same_server_in_another_spelling(address: str) -> None:
    assert trusted(address, servers_at([BASE])) == read_address(BASE)


@pytest.mark.parametrize("address", OTHERS, ids=lambda address: repr(address[:60]))
def test_another_server_is_not_asked(address: str) -> None:
    assert trusted(address, servers_at([BASE])) is None


@given(st.text(max_size=80) | st.builds(lambda a, b: f"https://{a}/{b}", st.text(max_size=20), st.text(max_size=20)))
def test_no_text_is_more_than_no_address(text: str) -> None:
    server = read_address(text)
    assert server is None or server.url("metadata").host


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?/{0,3}[a-z@:.\\%]{0,12}/fhir[A-Z/.?#]{0,9}", fullmatch=True))
def test_a_link_leads_below_the_server_or_nowhere(link: str) -> None:
    (server,) = servers_at(["http://ehr.example:8080/fhir"])
    url = server.following(link, "Condition")
    assert url is None or (url.scheme, url.host, url.port, url.userinfo) == ("http", "ehr.example", 8080, b"")
    assert url is None or url.path == "/fhir" or url.path.startswith("/fhir/")


@pytest.mark.parametrize("hidden", ["%2f", "%2F", "%5c", "%5C"])
def test_a_slash_in_disguise_is_in_no_address_and_no_link(hidden: str) -> None:
    """A server in front may read `..%2f` as a way up, and send what it gets, and the token, elsewhere."""
    (server,) = servers_at([BASE])
    for path in (f"..{hidden}admin", f"Condition/..{hidden}..{hidden}admin", f"x{hidden}y"):
        assert server.following(f"{BASE}/{path}", "Condition") is None
        assert server.following(path, "Condition") is None
        assert read_address(f"{BASE}/{path}") is None
    assert server.following(f"{BASE}/Condition?code=http:{hidden}x", "Condition") is not None


def test_who_must_be_known_has_no_servers_until_known() -> None:
    assert allowed_servers(Settings.model_construct(mode=Mode.DEMO, auth=Auth.REQUIRED, fhir_bases=(BASE,))) == ()
    assert allowed_servers(Settings.model_construct(mode=Mode.PRODUCTION, fhir_bases=(BASE,))) == ()


def test_the_demo_asks_itself_and_nobody_else() -> None:
    settings = Settings.model_construct(mode=Mode.DEMO, port=8123, public_url="https://demo.example")
    addresses = ("https://demo.example/demo/fhir", "http://127.0.0.1:8123/demo/fhir", "http://localhost:8123/demo/fhir")
    assert allowed_servers(settings) == servers_at(addresses)
    assert allowed_servers(Settings.model_construct(mode=Mode.DEMO, fhir_bases=(BASE,))) == servers_at([BASE])


opened: list[object] = []
watching = False


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if watching and event in ("socket.connect", "socket.getaddrinfo"):
        opened.append(arguments[1][:2] if event == "socket.connect" else arguments[:2])  # type: ignore[index]


sys.addaudithook(_audit)


@contextmanager
def sockets_counted() -> Iterator[list[object]]:
    """What the interpreter opens or looks up meanwhile: (host, port)."""
    global watching
    opened.clear()
    watching = True
    try:
        yield opened
    finally:
        watching = False


def fetch(allowed: list[str], fhir_server: str) -> int:
    """How many keys were answered for a call that brings nothing, by a client of its own."""
    call: Json = {**reference_patient.hook_request({}), "fhirServer": fhir_server, "fhirAuthorization": {"access_token": "t"}}
    return asyncio.run(_fetch(FhirAccess(servers_at(allowed), token_needed=True), call))


async def _fetch(access: FhirAccess, call: Json) -> int:

    fetcher = access.fetcher_for(read_call(msgspec.json.encode(call), "patient-view"))
    assert fetcher is not None
    fetched = await fetcher.fetch(templates(load_terminology()))
    await access.close()
    return sum(each.trouble is None for each in fetched.values())


def test_no_socket_is_opened_for_a_server_that_is_not_allowed() -> None:
    with sockets_counted() as sockets:
        assert [fetch([BASE], address) for address in OTHERS] == [0] * len(OTHERS)
    assert sockets == []


def test_sockets_are_opened_to_the_allowed_server_only() -> None:
    """Whatever its answers link to; and the counting counts."""
    tricks = [
        "http://evil.example/fhir",
        "//evil.example/fhir",
        "http://127.0.0.1:9/fhir",
        "http://localhost/fhir",
        "https://127.0.0.1/fhir",
    ]
    with listening(FaultServer(chart())) as server, socket.create_server(("127.0.0.1", 0)) as tripwire:
        address = f"http://127.0.0.1:{tripwire.getsockname()[1]}/fhir"
        for link in [*tricks, address]:
            server.fails(next_page(server, link), "Condition")
            with sockets_counted() as sockets:
                assert fetch([server.address], server.address) > 0
            assert {tuple(each) for each in sockets if isinstance(each, tuple)} == {("127.0.0.1", server.port)}
        tripwire.settimeout(0.1)
        with pytest.raises(TimeoutError):
            tripwire.accept()
