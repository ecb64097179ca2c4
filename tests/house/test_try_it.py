"""The README's curl commands, run as they stand against the service, answer what the README says they answer."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from app.main import create_app
from app.settings import Mode, Settings
from tests.house.tree import ROOT
from tests.service import Service, serving

README = (ROOT / "README.md").read_text()
CALL, EVALUATION = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
ANSWER = re.search(r"^```json\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(create_app(Settings(mode=Mode.DEMO))) as running:
        yield running


def run(command: str, service: Service) -> Any:
    here = command.replace("localhost:8000", f"127.0.0.1:{service.port}")
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {here}"], check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def test_the_call_is_answered_with_the_card_that_is_shown(service: Service) -> None:
    assert ANSWER is not None
    shown, answered = json.loads(ANSWER[1]), run(CALL, service)
    assert set(shown) == set(answered)
    (shown_card,), (card,) = shown["cards"], answered["cards"]
    assert set(shown_card) == set(card)
    assert [shown_card[name] for name in ("summary", "indicator", "source")] == [card[name] for name in ("summary", "indicator", "source")]


def test_the_chart_is_evaluated_as_it_says(service: Service) -> None:
    evaluation = run(EVALUATION, service)
    assert evaluation["outcome"] == "criteria-not-met"
    (fracture,) = evaluation["fractures"]
    assert [each["criterion"] for each in fracture["criteria"] if each["status"] == "not-met"] == ["optimal-pain-management"]
