"""What a coverage-guided fuzzer calls: bytes in, nothing out; an exception is a find.

Each target says more than "no crash": what is let through is held to a second, independent opinion.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlsplit

import msgspec

from app.fhir_access.addresses import FhirServer, read_address
from app.main import build_house
from app.routes.evaluations import evaluate
from app.settings import Mode, Settings
from cards.markdown import code_span, plain, table_cell
from fhir_mapping.errors import AnotherPatient, MappingError
from fhir_mapping.patient_guard import PatientGuard
from fhir_mapping.references import names_of, relative, without_version
from hooks.envelope import read_members
from hooks.errors import CallError
from tests.hostile.whole_requests import whole_requests
from tests.unit.cards.injection_vectors import VECTORS
from tests.unit.cards.rendered import RENDERER

Target = Callable[[bytes], None]

LONGEST_SEED = 1_000
TODAY = date(2026, 11, 22)
ONE_UUID = "00000000-0000-4000-8000-000000000000"
_houses = [build_house(Settings.model_construct(mode=Mode.DEMO, explain=explain), lambda: ONE_UUID) for explain in (False, True)]
_services = [{service.hook: service for service in house.registry} for house in _houses]
_hook = re.compile(rb'"hook"\s*:\s*"([a-z-]+)"')


def body(data: bytes) -> None:
    """As a call of each hook, an evaluation, feedback: an answer or an error with a name. The quick way and the thorough way agree."""
    for read in (read_members, lambda sent: evaluate(_houses[0].assessor, sent, TODAY)):
        _refusal_of(read, data)
    named = _hook.search(data)
    hook = named[1].decode() if named is not None else ""
    if hook in _services[0]:
        quick, thorough = (_cards(services[hook].answer, data) for services in _services)
        assert quick == thorough


def _cards(answer: Callable[[bytes, date], bytes], data: bytes) -> object:
    try:
        return msgspec.json.decode(answer(data, TODAY))["cards"]
    except (CallError, MappingError) as refusal:
        return type(refusal)


def _refusal_of(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except (CallError, MappingError):
        return


def address(data: bytes) -> None:
    """An address, and behind a blank line a link. What is taken for a server is what the standard library takes it for."""
    text, _, link = data.decode("utf-8", "replace").partition("\n")
    server = read_address(text)
    if server is None:
        return
    assert read_address(str(server.url(""))) == server
    parts = urlsplit(text)
    assert parts.username is None
    assert (parts.scheme, (parts.hostname or "").removesuffix(".")) == (server.scheme, server.host.decode())
    assert (parts.port or {"http": 80, "https": 443}[parts.scheme]) == server.port
    following = server.following(link, "Condition")
    if following is not None:
        below = f"{server.path.decode()}".removesuffix("/")
        asked = urlsplit(str(following))
        assert _origin(str(following)) == _origin(str(server.url("")))
        assert asked.path == below or asked.path.startswith(below + "/")
        assert not {".", ".."} & set(re.split(r"/|%2[fF]", asked.path.replace("%2e", ".").replace("%2E", ".")[len(below) :]))
        assert isinstance(server, FhirServer)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]


PAGE = "Before {0} after {1}, {0}\n\n- {0}\n- x {1}\n\n| a | b | c |\n|---|---|---|\n| {2} | x {3} | {2} {3} |\n"
CALM = [block.type for block in RENDERER.parse(PAGE.format("x", "x", "x", "x"))]
INLINE = {"text", "text_special", "code_inline"}


def markdown(data: bytes) -> None:
    """In a sentence, an item and a table: nothing but text and code, in the blocks that calm text makes."""
    text = data.decode("utf-8", "surrogateescape")
    span, own_words = code_span(text), plain(text)
    blocks = RENDERER.parse(PAGE.format(span, own_words, table_cell(span), table_cell(own_words)))
    assert [block.type for block in blocks] == CALM
    assert {inner.type for block in blocks for inner in block.children or ()} <= INLINE


_ANY_BASE = r"https?://[^/?#\s](?:(?!/Patient/)[^?#\s])*"
_PATIENT = r"Patient/p(/_history/[A-Za-z0-9\-.]{1,64})?"


def references(data: bytes) -> None:
    """A FHIR base, and behind a blank line a reference. What names the patient matches what the guard's comment says, and no more."""
    base, _, reference = data.decode("utf-8", "surrogateescape").partition("\n")
    assert without_version(without_version(reference)) in (without_version(reference), without_version(without_version(reference)))
    short = relative(reference, base)
    assert short == reference or reference.startswith((short, base.rstrip("/") + "/" + short))
    assert set(names_of("Patient", "p", reference, base)) >= {"Patient/p", "urn:uuid:p"}
    adoptable = rf"({_ANY_BASE}/)?{_PATIENT}|urn:uuid:p"
    below_a_patient = re.search("://.*/Patient/", base.rstrip("/") + "/", re.DOTALL)
    known = adoptable if below_a_patient else f"({re.escape(base.rstrip('/'))}/)?{_PATIENT}|urn:uuid:p"
    assert PatientGuard("p", base, ()).names_us(reference) == bool(re.fullmatch(known, reference))
    adopted = PatientGuard("p", None, ())
    try:
        assert adopted.names_us(reference) == bool(re.fullmatch(adoptable, reference))
    except AnotherPatient:
        raise AssertionError("without sections nobody else is named") from None


TARGETS: Mapping[str, Target] = {target.__name__: target for target in (body, address, markdown, references)}

SEEDS: Mapping[str, list[bytes]] = {
    "body": [msgspec.json.encode(whole) for _, whole in whole_requests().values()],
    "address": [
        b"https://ehr.example/fhir\nhttps://ehr.example/fhir/Condition?page=2",
        b"http://[::1]:8080/a/b/\n?_getpages=1",
        b"https://ehr.example.:443/r4\n../Patient/%2e%2e",
        b"https://ehr.example\\@evil.example/fhir",
    ],
    "markdown": [vector.encode("utf-8", "surrogatepass") for vector in VECTORS if len(vector) < LONGEST_SEED],
    "references": [
        b"https://ehr.example/fhir\nhttps://ehr.example/fhir/Patient/p/_history/3",
        b"\nPatient/p/_history/1/_history/2",
        b"x\nurn:uuid:p",
    ],
}  # fmt: skip

FINDS: Mapping[str, list[bytes]] = {
    "body": [
        b'{"hook":"patient-view","hookInstance":"1","context":{"patientId":"p","userId":"Practitioner/1"},"prefetch":{"patient":'
        b'{"resourceType":"Patient","id":"p"},"conditions":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":'
        b'"Condition","id":"c","subject":{"reference":"Patient/p"},"clinicalStatus":true,"code":{"coding":[{"system":'
        b'"http://snomed.info/sct","code":"64859006"}]}}}]}}}'
    ],
    "address": [
        b"http://^getpa_es=1",
        b"http://[::1:0]880/a/b/\n?_getpages=1",
        b"https://ehr..:443/wwwr4htt\n",
        b"http://[::1]:80801",
        b"http://e\n:http://[p://[:::]:0:",
    ],
    "markdown": [b"ei|.com"],
    "references": [],
}
"""What the fuzzer found once."""
