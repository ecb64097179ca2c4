"""Two members of one name in what would be read: no two parsers need agree on which counts, so neither does (trust.md 2.5)."""

import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import reference_patient
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.main import build_house, create_app
from app.order_examples import KYPHOPLASTY, L1, SIGN, draft, order_call
from app.settings import Mode, Settings
from fhir_mapping.elements import UNREADABLE
from fhir_mapping.twice import is_given_twice
from tests.conformance.calls import call, diagnostics, topics
from tests.faults.call import Ehr
from tests.faults.conftest import PATIENT, chart
from tests.faults.fault_server import FaultServer, listening, says
from tests.service import Client, Json, serving

FRACTURE = b'"id":"fracture"'
OURS = b'"subject":{"reference":"Patient/example-patient"}'
THEIRS = b'"subject":{"reference":"Patient/somebody-else"}'
SAID_TWICE = {
    "another's subject, then ours": (FRACTURE, FRACTURE + b"," + THEIRS, "Condition"),
    "another's reference, then ours": (OURS, b'"subject":{"reference":"Patient/x","reference":"Patient/example-patient"}', "Condition"),
    "a name written another way": (FRACTURE, FRACTURE + b',"sub\\u006aect":{"reference":"Patient/somebody-else"}', "Condition"),
    "a name with a quotation mark": (FRACTURE, FRACTURE + b',"a\\u0022":1,"a\\"":2', "Condition"),
    "two ids of the Patient": (b'"resourceType":"Patient"', b'"id":"somebody-else","resourceType":"Patient"', "Patient"),
    "two statuses": (FRACTURE, FRACTURE + b',"verificationStatus":{"coding":[{"code":"refuted"}]},"verificationStatus":null', "Condition"),
    "deep inside": (FRACTURE, FRACTURE + b',"note":[{"text":"a","text":"b"}]', "Condition"),
}  # fmt: skip


@pytest.fixture
def whole(eligible: Json) -> bytes:
    """A call whose fracture names its patient last."""
    for entry in eligible["conditions"]["entry"]:
        entry["resource"]["subject"] = entry["resource"].pop("subject")
    return msgspec.json.encode(call(eligible))


@pytest.mark.parametrize(("once", "twice", "kind"), SAID_TWICE.values(), ids=SAID_TWICE)
def test_a_resource_that_says_two_things_by_one_name_refuses_the_call(
    client: Client, whole: bytes, once: bytes, twice: bytes, kind: str
) -> None:
    assert topics(client.post(HOOK, whole)) == ["ta279CriteriaMet"]
    answer = client.post(HOOK, whole.replace(once, twice, 1))
    assert (answer.status, diagnostics(answer)) == (400, f"{kind}: a member is given twice in a resource")


def test_so_does_one_of_an_evaluation(client: Client, eligible: Json) -> None:
    entries = [eligible["patient"], *(entry["resource"] for entry in eligible["conditions"]["entry"])]
    body = msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in entries]})
    assert client.post("/evaluations", body).status == 200
    assert client.post("/evaluations", body.replace(FRACTURE, FRACTURE + b"," + THEIRS, 1)).status == 400


def test_so_does_a_draft_order(client: Client) -> None:
    body = msgspec.json.encode(order_call("order-sign", draft(KYPHOPLASTY, L1)))
    once = b'"id":"draft-1"'
    assert client.post(SIGN, body).status == 200
    assert client.post(SIGN, body.replace(once, once + b"," + THEIRS, 1)).status == 400


def test_what_is_not_read_is_not_looked_at(client: Client, eligible: Json) -> None:
    """A chart is looked at once, and opened only where a rule may ask about it."""
    allergy = {"resourceType": "AllergyIntolerance", "id": "penicillin", "patient": {"reference": "Patient/example-patient"}}
    eligible["allergies"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": allergy}]}
    body = msgspec.json.encode(call(eligible)).replace(b'"id":"penicillin"', b'"note":1,"note":2,"id":"penicillin"', 1)
    assert topics(client.post(HOOK, body)) == ["ta279CriteriaMet"]


OTHERS = b'{"resourceType":"Condition","id":"x","subject":{"reference":"Patient/somebody-else"}}'
BOTH = b'"resource":%s,"resource":' % OTHERS
OTHERS_ENTRY = b'"entry":[{"resource":%s}]' % OTHERS
NEXT, LAST = b'{"relation":"next","url":"x"}', b'{"relation":"self","url":"x"}'
ADDRESS = b'"fullUrl":"urn:uuid:0d5c7a0e-6f5b-4d0c-8a53-5d1f9c1b2a37"'
APPENDICECTOMY: Json = {
    "resourceType": "Procedure",
    "id": "x",
    "subject": {"reference": "Patient/example-patient"},
    "code": {"text": "Appendicectomy"},
}
BUNDLES = {
    "another's entries, then ours": lambda entries: OTHERS_ENTRY + b',"entry":[%s]' % entries,
    "another's entries by another spelling": lambda entries: OTHERS_ENTRY.replace(b"entry", b"\\u0065ntry") + b',"entry":[%s]' % entries,
    "entries, then none": lambda entries: b'"entry":[%s],"entry":[]' % entries,
    "entries, then null": lambda entries: b'"entry":[%s],"entry":null' % entries,
    "none, then entries": lambda entries: b'"entry":[],"entry":[%s]' % entries,
    "another's resource, then ours": lambda entries: b'"entry":[%s]' % entries.replace(b'"resource":', BOTH, 1),
    "the same, spelt otherwise": lambda entries: (
        b'"entry":[%s]' % entries.replace(b'"resource":', b'"\\u0072esource":%s,"resource":' % OTHERS, 1)
    ),
    "two addresses": lambda entries: b'"entry":[%s]' % entries.replace(b'"resource":', ADDRESS + b"," + ADDRESS + b',"resource":', 1),
    "two addresses, one spelt otherwise": lambda entries: (
        b'"entry":[%s]'
        % entries.replace(b'"resource":', ADDRESS.replace(b"fullUrl", b"full\\u0055rl") + b"," + ADDRESS + b',"resource":', 1)
    ),
    "included, then a match": lambda entries: (
        b'"entry":[%s]' % entries.replace(b'"resource":', b'"search":{"mode":"include"},"search":{"mode":"match"},"resource":', 1)
    ),
    "a page that follows, then none": lambda entries: b'"link":[%s],"link":[],"entry":[%s]' % (NEXT, entries),
    "a link of two relations": lambda entries: b'"link":[{"relation":"next",%s],"entry":[%s]' % (LAST[1:], entries),
    "two types": lambda entries: b'"type":"searchset","entry":[%s]' % entries,
}  # fmt: skip
Bundle = Callable[[bytes], bytes]


def searchset(resources: list[Json], members: Bundle, kind: bytes = b"searchset") -> bytes:
    entries = b",".join(b'{"resource":%s}' % msgspec.json.encode(each) for each in resources)
    return b'{"resourceType":"Bundle","type":"%s",%s}' % (kind, members(entries))


def once(entries: bytes) -> bytes:
    """Names that look as if they were given twice, in texts and one level down."""
    return b'"link":[%s],"entry":[%s]' % (
        LAST,
        entries.replace(b'"resource":{', b'"resource":{"note":[{"text":"\\"entry\\" \\u0065"}],', 1),
    )


def conditions_of(eligible: Json) -> list[Json]:
    return [entry["resource"] for entry in eligible["conditions"]["entry"]]


@pytest.mark.parametrize("others", [{}, {"procedures": None}], ids=["in one pass", "step by step"])
@pytest.mark.parametrize("members", BUNDLES.values(), ids=BUNDLES)
def test_a_search_result_that_says_two_things_by_one_name_refuses_the_call(
    client: Client, eligible: Json, members: Bundle, others: Json
) -> None:
    def body(members: Bundle) -> bytes:
        plain = call({**eligible, **others, "conditions": "HERE"})
        return msgspec.json.encode(plain).replace(b'"HERE"', searchset(conditions_of(eligible), members), 1)

    assert topics(client.post(HOOK, body(once))) == ["ta279CriteriaMet"]
    answer = client.post(HOOK, body(members))
    assert (answer.status, diagnostics(answer)) == (400, "Condition: a member is given twice in a resource")


@pytest.mark.parametrize("member", [ADDRESS + b"," + ADDRESS, b'"search":{"mode":"match"},"search":{}'], ids=["addresses", "modes"])
def test_two_addresses_of_what_is_not_opened_decide_nothing(client: Client, eligible: Json, member: bytes) -> None:
    """Nor do two modes that both say match."""
    result = searchset([APPENDICECTOMY], lambda entries: b'"entry":[%s]' % entries.replace(b'"resource":', member + b',"resource":', 1))
    body = msgspec.json.encode(call({**eligible, "procedures": "HERE"})).replace(b'"HERE"', result, 1)
    assert topics(client.post(HOOK, body)) == ["ta279CriteriaMet"]


@pytest.mark.parametrize("members", BUNDLES.values(), ids=BUNDLES)
def test_so_does_a_bundle_of_an_evaluation(client: Client, eligible: Json, members: Bundle) -> None:
    resources = [*conditions_of(eligible), eligible["patient"]]
    assert client.post("/evaluations", searchset(resources, once)).status == 200
    answer = client.post("/evaluations", searchset(resources, members))
    assert (answer.status, diagnostics(answer)) == (400, "Bundle: a member is given twice in a resource")


@pytest.fixture(scope="module")
def fhir() -> Iterator[FaultServer]:
    with listening(FaultServer(chart())) as server:
        yield server


@pytest.fixture(scope="module")
def ehr(fhir: FaultServer) -> Iterator[Ehr]:
    settings = Settings.model_construct(mode=Mode.DEMO)
    access = FhirAccess(servers_at([fhir.address]), token_needed=True, limits=PATIENT)
    with serving(create_app(settings, lambda: reference_patient.DAY, build_house(settings), access)) as service:
        yield Ehr(service, fhir.address)


@pytest.mark.parametrize("members", BUNDLES.values(), ids=BUNDLES)
def test_so_does_a_page_that_was_fetched(ehr: Ehr, fhir: FaultServer, members: Bundle) -> None:
    conditions = [each for each in chart() if each["resourceType"] == "Condition"]
    fhir.fails(says(200, searchset(conditions, once)), "Condition")
    assert topics(ehr.asks()) == ["ta279CriteriaMet"]
    fhir.fails(says(200, searchset(conditions, members)), "Condition")
    answer = ehr.asks()
    assert (answer.status, diagnostics(answer)) == (412, "Condition: a member is given twice in a resource")


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000])
def test_a_number_of_any_length_is_passed_over(number: str) -> None:
    assert is_given_twice(b'{"a\\u0022":"x","n":%s,"n":1}' % number.encode())


def test_nesting_without_end_is_unreadable() -> None:
    with pytest.raises(UNREADABLE):
        is_given_twice(b'{"a\\u0022":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


texts = st.sampled_from(["a", "b", 'a"', '"', "", "\\", "\\u0022", "a:b", "\u00e9", "\x00"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(texts, inner), max_size=4).map(tuple),
    max_leaves=12,
)
Writer = Callable[[str], str]


def written(value: Json, write: Writer) -> tuple[str, bool]:
    """JSON in which a tuple of pairs is an object; and whether any object has a member twice."""
    if isinstance(value, list):
        parts = [written(each, write) for each in value]
        return f"[{','.join(text for text, _ in parts)}]", any(twice for _, twice in parts)
    if isinstance(value, tuple):
        inner = [(name, *written(each, write)) for name, each in value]
        names = [name for name, _, _ in inner]
        text = " , ".join(f"{write(name)} :{text}" for name, text, _ in inner)
        return f"{{{text}}}", len(set(names)) < len(names) or any(twice for _, _, twice in inner)
    return write(value) if isinstance(value, str) else json.dumps(value), False


def as_numbers(text: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'


@given(values, st.sampled_from([json.dumps, as_numbers, lambda text: json.dumps(text, ensure_ascii=False)]))
def test_it_is_seen_wherever_it_is_and_nowhere_else(value: Json, write: Writer) -> None:
    text, twice = written(value, write)
    assert is_given_twice(text.encode()) is twice
