"""Two members of one name in what would be read: no two parsers need agree on which counts, so neither does (trust.md 2.5)."""

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.examples import HOOK
from app.order_examples import KYPHOPLASTY, L1, SIGN, draft, order_call
from fhir_mapping.twice import is_given_twice
from tests.conformance.calls import call, diagnostics, topics
from tests.service import Client, Json

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
