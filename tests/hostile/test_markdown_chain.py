"""What a hostile record makes of a card in the renderers that clients use: react-markdown with remark-gfm and rehype-raw, as the CDS
Hooks Sandbox has it, `marked`, and markdown-it with HTML and links on (trust.md 2.4). No element that a calm record does not make.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from app import reference_patient
from app.main import build_house
from app.order_examples import KYPHOPLASTY, L1, WITH_STENT, draft, order_call
from app.settings import Mode, Settings
from cards.from_assessment import to_cards
from tests.hostile.conftest import Tell
from tests.service import Json
from tests.unit.cards.injection_vectors import VECTORS
from tests.unit.cards.rendered import tokens
from tests.unit.cards.samples import GUIDELINE
from tests.unit.cards.test_injection import LONGEST_WORDS, OPTIONS, SHOWN, with_all_words, with_reference

CHAIN = Path(__file__).parents[1] / "markdown_chain"
WITHOUT = "needs Node.js 20 and `make chain`"
LIMIT_SECONDS = 600
FIELDS = (with_reference, with_all_words)
CALM = "x"
NAMED_BY_ID = ("Condition", "Observation", "MedicationDispense")

Elements = Sequence[str]
Rendered = Mapping[str, Sequence[Elements]]


def rendered(sources: Sequence[str]) -> Rendered:
    """By renderer, for each Markdown text the elements a browser would make of it."""
    node = shutil.which("node")
    if node is None or not (CHAIN / "node_modules").is_dir():
        pytest.skip(WITHOUT)
    run = subprocess.run(
        [node, "elements.mjs"], cwd=CHAIN, input=msgspec.json.encode(sources), capture_output=True, timeout=LIMIT_SECONDS, check=False
    )
    assert run.returncode == 0, run.stderr.decode()[-2_000:]
    found: Rendered = msgspec.json.decode(run.stdout)
    return {**found, "markdown-it": [elements(source) for source in sources]}


def elements(source: str) -> Elements:
    return [f"{token.type} {dict(token.attrs)}" for token in tokens(source) if token.nesting >= 0 and token.type not in ("text", "inline")]


def of_fields() -> Iterator[tuple[str, str]]:
    """Every text of an assessment that a card shows, in every kind of card: the calm detail, the wild one."""
    for fill in FIELDS:
        for whole in SHOWN:
            calm = [card.detail for card in to_cards(fill(whole, CALM), GUIDELINE, OPTIONS)]
            for text in (text for text in VECTORS if fill is with_reference or len(text) < LONGEST_WORDS):
                yield from zip(calm, (card.detail for card in to_cards(fill(whole, text), GUIDELINE, OPTIONS)), strict=True)


def filled(value: Json, text: str) -> Json:
    """A FHIR value with this text wherever it has room for words that no rule reads, and for a name."""
    if isinstance(value, list):
        return [filled(each, text) for each in value]
    if not isinstance(value, dict):
        return value
    whole = {name: filled(each, text) for name, each in value.items()}
    if "code" in whole and "system" in whole:
        whole |= {"unit": text} if "value" in whole else {"display": text}
    if isinstance(whole.get("reference"), str):
        whole |= {"display": text}
    if "coding" in whole:
        whole |= {"text": text}
    if "resourceType" in whole and whole["resourceType"] != "Bundle":
        whole |= {"note": [{"text": text}], "conclusion": text, "title": text, "patientInstruction": text, "text": {"div": text}}
        whole |= {"id": text} if whole["resourceType"] in NAMED_BY_ID else {}
    return whole


def of_requests() -> Iterator[tuple[str, str]]:
    """The same of calls of every hook, whatever in the record and the orders may be text."""
    services = {service.hook: service for service in build_house(Settings.model_construct(mode=Mode.DEMO)).registry}
    record = reference_patient.prefetch()
    orders = [draft(KYPHOPLASTY, L1), draft(WITH_STENT, L1)]
    calls = [
        reference_patient.hook_request(record),
        *(order_call(hook, order, resources=record) for hook in ("order-select", "order-sign") for order in orders),
    ]
    for call in calls:
        calm = details(services[call["hook"]], call, CALM)
        assert calm
        for text in (text.encode("utf-8", "replace").decode() for text in VECTORS):
            yield from zip(calm, details(services[call["hook"]], call, text), strict=True)


def details(service: Json, call: Json, text: str) -> list[str]:
    spoilt = {**call, "prefetch": filled(call["prefetch"], text)}
    if "draftOrders" in call["context"]:
        spoilt["context"] = {**call["context"], "draftOrders": filled(call["context"]["draftOrders"], text)}
    answer = msgspec.json.decode(service.answer(msgspec.json.encode(spoilt), reference_patient.DAY))
    assert all(text not in card["summary"] for card in answer["cards"] if len(text) > 3)
    return [card["detail"] for card in answer["cards"]]


@pytest.mark.parametrize("given", [of_fields, of_requests], ids=["fields of an assessment", "calls"])
def test_no_text_of_a_record_makes_an_element(given: Json, tell: Tell) -> None:
    pairs = list(dict.fromkeys(given()))
    sources = list(dict.fromkeys(source for pair in pairs for source in pair))
    for renderer, results in rendered(sources).items():
        made = dict(zip(sources, map(without_code, results), strict=True))
        foreign = [(wild, extra) for calm, wild in pairs if (extra := made[wild] - made[calm])]
        assert foreign == [], renderer
        tell(f"Markdown, {given.__name__.replace('_', ' ')}, {renderer}: {len(pairs):,} cards, 0 foreign elements")


def without_code(found: Elements) -> Counter[str]:
    return Counter(element for element in found if element != "code" and not element.startswith("code_inline"))


@pytest.mark.parametrize("source", ["<b>x</b>", "![x](https://evil.example/x.png)", "www.evil.com", "a@evil.com", "# x", "<!-- x -->"])
def test_an_element_would_be_seen(source: str) -> None:
    found = rendered([source, CALM])
    unseen = {renderer for renderer, (wild, calm) in found.items() if without_code(wild) == without_code(calm)}
    assert unseen <= ({"react-markdown"} if source.startswith("<!--") else set())
