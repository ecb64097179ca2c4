"""openapi.yaml: made from the app, valid, and each of its examples true."""

import asyncio
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
import yaml
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.examples import FORM
from app.openapi import as_yaml, document, recorded_value
from hooks.envelope import read_call
from hooks.errors import BadCall
from hooks.messages import CDSResponse, PatientViewRequest
from hooks.patient_view.context import read_context
from tests.conformance.test_public_data import DATA
from tests.service import Json, Service

FILE = Path(__file__).parents[2] / "openapi.yaml"
PUBLISHED: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
OPERATIONS = [(path, method, operation) for path, item in PUBLISHED["paths"].items() for method, operation in item.items()]


class Recorded(msgspec.Struct, frozen=True):
    """One answer's example, and the operation it stands in."""

    operation: Json
    status: str
    media_type: str
    name: str
    example: Json

    @property
    def body(self) -> bytes | None:
        """What was sent: the request's example of the same name."""
        content_type = self.example["x-request"]["headers"].get("Content-Type", "")
        examples = self.operation.get("requestBody", {}).get("content", {}).get(content_type, {}).get("examples", {})
        if self.name not in examples:
            return None
        value = examples[self.name]["value"]
        return urlencode(value).encode() if content_type == FORM else msgspec.json.encode(value)


def recorded() -> list[Recorded]:
    return [
        Recorded(operation, status, media_type, name, example)
        for _, _, operation in OPERATIONS
        for status, response in operation["responses"].items()
        for media_type, content in response["content"].items()
        for name, example in content.get("examples", {}).items()
    ]


def told(each: Recorded) -> str:
    request = each.example["x-request"]
    return f"{request['method']} {request['address'].partition('?')[0]} {each.name}"


def test_it_is_what_the_app_says() -> None:
    assert FILE.read_text(encoding="utf-8") == as_yaml(asyncio.run(document())), "run `make openapi`"


def test_it_is_valid_openapi_3_1() -> None:
    assert PUBLISHED["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(PUBLISHED).iter_errors()) == []


def test_every_answer_of_every_operation_has_an_example() -> None:
    wanting = [
        f"{method} {path} {status}"
        for path, method, operation in OPERATIONS
        for status, response in operation["responses"].items()
        if status != "default" and not all(content.get("examples") for content in response["content"].values())
    ]
    assert wanting == []


def test_fastapi_s_own_error_is_not_told() -> None:
    assert "HTTPValidationError" not in PUBLISHED["components"]["schemas"]
    assert [path for path, _, operation in OPERATIONS if "422" in operation["responses"]] == []


def test_the_closed_vocabularies_are_told() -> None:
    schemas = PUBLISHED["components"]["schemas"]
    assert [len(schemas[name]["enum"]) for name in ("CriterionId", "FlagId", "Caution")] == [9, 14, 9]
    assert {"within-window", "record-not-read"} <= set(schemas["Reason"]["enum"])


@pytest.mark.parametrize("each", recorded(), ids=told)
def test_an_example_is_what_the_service_answers(services: dict[str, Service], each: Recorded) -> None:
    request = each.example["x-request"]
    connection = HTTPConnection("127.0.0.1", services[request["service"]].port, timeout=10)
    connection.putrequest(request["method"], request["address"])
    body = each.body
    lengths = {} if body is None or "Content-Length" in request["headers"] else {"Content-Length": str(len(body))}
    for name, value in {**request["headers"], **lengths}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    text, media_type = response.read().decode(), response.headers.get_content_type()
    connection.close()
    assert (str(response.status), media_type, recorded_value(text, media_type)) == (each.status, each.media_type, each.example["value"])


@pytest.mark.parametrize("each", recorded(), ids=told)
def test_an_example_fits_its_schema(each: Recorded) -> None:
    schema = each.operation["responses"][each.status]["content"][each.media_type]["schema"]
    Draft202012Validator({**schema, "components": PUBLISHED["components"]}).validate(each.example["value"])


def call_bodies() -> list[Json]:
    """Calls of every shape: the document's, and what public clients send."""
    hook = PUBLISHED["paths"]["/cds-services/vertebral-augmentation-patient-view"]["post"]
    described = [example["value"] for example in hook["requestBody"]["content"]["application/json"]["examples"].values()]
    public = [msgspec.json.decode(path.read_bytes()) for path in sorted(DATA.glob("cds-hooks/requests/**/*.json"))]
    as_patient_view = [{**body, "hook": "patient-view"} for body in public if isinstance(body, dict)]
    good = described[0]
    odd: tuple[Json, ...] = (None, 5, "", [], {}, "x", True, "a/b", ".", "..", "..x", "...", "x" * 64, "x" * 65, "x\n")
    spoilt = [{**good, name: value} for name in [*good, "fhirServer", "fhirAuthorization"] for value in odd]
    wanting = [{name: value for name, value in good.items() if name != gone} for gone in good]
    contexts = [{**good, "context": {**good["context"], name: value}} for name in ("patientId", "userId", "encounterId") for value in odd]
    return [*described, *public, *as_patient_view, *spoilt, *wanting, *contexts, [], None, "x"]


async def natively(bodies: list[bytes]) -> list[bool]:
    """Whether FastAPI itself takes each body for the declared model."""
    app = FastAPI()

    @app.post("/")
    async def native(call: PatientViewRequest) -> CDSResponse:
        return CDSResponse(cards=[])

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return [(await client.post("/", content=body, headers={"Content-Type": "application/json"})).is_success for body in bodies]


def test_the_described_request_and_the_read_one_are_the_same() -> None:
    """The model is not what reads the body: so both must take and refuse the same calls. A token's patient is beyond a schema."""
    bodies = [msgspec.json.encode(body) for body in call_bodies()]
    taken = asyncio.run(natively(bodies))
    assert [body for body, native in zip(bodies, taken, strict=True) if native != is_read(body)] == []
    assert 0 < sum(taken) < len(bodies)


def is_read(body: bytes) -> bool:
    try:
        read_context(read_call(body, "patient-view"))
    except BadCall:
        return False
    return True
