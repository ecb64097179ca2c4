"""Schemathesis: what openapi.yaml allows and forbids, generated from it and sent to the running service.

It holds the answers to the document. Whether what the document forbids is refused is not asked: unknown and odd members are tolerated
on purpose (cds-hooks.md D-02), and the service asked lets everybody in.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.hostile.conftest import Tell
from tests.house.tree import ROOT
from tests.service import Service

SCHEMA = schemathesis.openapi.from_path(ROOT / "openapi.yaml")
CHECKS = [
    checks.not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, unsupported_method, allow_header_conformance,
]  # fmt: skip
sent: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _counted(tell: Tell) -> Iterator[None]:
    yield
    tell(f"openapi.yaml: {sum(sent.values()):,} requests to {len(sent)} operations, every answer as described, 0 of 5xx")


@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case[Any], services: dict[str, Service]) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{services['open'].port}", checks=CHECKS)
    sent[case.operation.label] += 1
