"""Calls that nobody here wrote, and whether the document and the reader of a call agree."""

import asyncio
import json
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from app.order_examples import order_call
from fhir_mapping.errors import AnotherPatient
from hooks.envelope import read_call
from hooks.errors import BadCall
from hooks.messages import CDSRequest, CDSResponse, OrderSelectRequest, OrderSignRequest
from hooks.order_context import read_order_context, read_selections
from tests.conformance.test_public_data import DATA, PATIENT, REQUESTS, name_of
from tests.orders.calls import HOOKS, KYPHOPLASTY_AT_L1, NO_CARDS, post
from tests.service import Client, Json

ODD: tuple[Json, ...] = (None, 5, "", "x", [], {}, True, [5], ["a/b"], [[]], {"a": 1})
here = pytest.mark.skipif(not DATA.is_dir(), reason="the public data are not beside the project (../shared/data)")


@here
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("path", REQUESTS, ids=name_of)
def test_a_public_request_is_answered_or_refused(client: Client, hook: str, path: Path) -> None:
    """As it is, as a call of this hook, and as an honest one: none of them orders an augmentation."""
    request = json.loads(path.read_bytes())
    assert post(client, hook, request).status in (200, 400)
    if not isinstance(request, dict):
        return
    assert post(client, hook, {**request, "hook": hook}).status in (200, 400)
    context = {**request.get("context", {}), "userId": "Practitioner/1"}
    answer = post(client, hook, {"hookInstance": "i", **request, "hook": hook, "context": {**context, "patientId": PATIENT}})
    assert (answer.status, answer.json if answer.status == 200 else NO_CARDS) in ((200, NO_CARDS), (400, NO_CARDS))


@here
def test_some_public_calls_about_orders_are_answered(client: Client) -> None:
    asked = [
        (request["hook"], request) for request in map(json.loads, (path.read_bytes() for path in REQUESTS)) if isinstance(request, dict)
    ]
    answers = [post(client, hook, request) for hook, request in asked if hook in HOOKS]
    assert sum(answer.status == 200 for answer in answers) >= len(answers) // 2 > 0


def bodies(hook: str) -> list[bytes]:
    good = order_call(hook, KYPHOPLASTY_AT_L1)
    contexts = [{**good["context"], name: value} for name in ("draftOrders", "selections", "patientId", "userId") for value in ODD]
    gone = [{key: value for key, value in good["context"].items() if key != name} for name in good["context"]]
    spoilt = [{**good, name: value} for name in good for value in ODD]
    return [msgspec.json.encode(body) for body in (good, *spoilt, *({**good, "context": context} for context in (*contexts, *gone)))]


def is_read(hook: str, body: bytes) -> bool:
    try:
        call = read_call(body, hook)
        read_order_context(call)
        if hook == "order-select":
            read_selections(call)
    except BadCall:
        return False
    except AnotherPatient:
        return True  # whose the drafts are is beyond a schema
    return True


async def natively(app: FastAPI, sent: list[bytes]) -> list[bool]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return [(await client.post("/", content=body, headers={"Content-Type": "application/json"})).is_success for body in sent]


def taking(model: type[CDSRequest]) -> FastAPI:
    app = FastAPI()

    @app.post("/")
    async def native(call: model) -> CDSResponse:  # type: ignore[valid-type]
        return CDSResponse(cards=[])

    return app


@pytest.mark.parametrize(("hook", "model"), [("order-select", OrderSelectRequest), ("order-sign", OrderSignRequest)])
def test_the_described_request_and_the_read_one_are_the_same(hook: str, model: type[CDSRequest]) -> None:
    sent = bodies(hook)
    taken = asyncio.run(natively(taking(model), sent))
    assert [body for body, native in zip(sent, taken, strict=True) if native != is_read(hook, body)] == []
    assert 0 < sum(taken) < len(sent)
