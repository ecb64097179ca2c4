"""Nothing of a patient, a token or a caller's text gets where it does not belong (trust.md 2.3).

Every string that reaches the service is a marker that occurs nowhere else: in requests, headers, addresses, tokens, and in what FHIR
servers say. All routes and hooks are asked, everything fails that can fail, and then every place is looked through that something
could have been left in. A hook's answer may hold strings of its own call in its cards and its Evaluation, and nothing else may. The
database may hold who looked and what was done with a card (docs/feedback.md), in the columns for that, and nothing of a record.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import reference_patient
from tests.watch.markers import Filler
from tests.watch.stage import SINKS, Stage
from tests.watch.world import ask_about, ask_everything, ask_from, whole_calls

DEMO = {"VACDS_MODE": "demo", "VACDS_PUBLIC_URL": "http://cds.example"}


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_nothing_that_was_sent_is_left_anywhere(tmp_path: Path, ending: ExitStack, capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(tmp_path, ending)
    unreachable = [
        stage.certified.address.replace("http:", "https:"),
        stage.fhir.address.replace("http:", "https:"),
        "http://nowhere.invalid/fhir",
    ]
    stage.plays({**DEMO, "VACDS_FHIR_BASES": ",".join([stage.fhir.address, *unreachable])})
    ask_everything(stage.caller, whole_calls())
    ask_about(stage.caller, stage.fhir, stage.fhir.address)
    for address in (*unreachable, f"https://{stage.markers.new()}.example/fhir", stage.markers.new()):
        ask_from(stage.caller, address, Filler(stage.markers).filled(reference_patient.hook_request({})), {})
    leaks = stage.leaks()
    with capsys.disabled():
        sys.stdout.write(f"\n{stage.summary()}; elsewhere {leaks}\n")
    assert stage.caller.leaks == []
    assert leaks == dict.fromkeys(SINKS, 0)
    assert stage.caller.allowed > 100, "what is looked for must be seen where it may be"
    assert set(stage.caller.statuses) >= {200, 400, 404, 405, 412, 413, 415}
    assert len(stage.collector.spans()) > 100


def test_what_nobody_foresaw_tells_nothing_either(tmp_path: Path, ending: ExitStack) -> None:
    stage = Stage(tmp_path, ending)
    stage.plays(DEMO, "tests.watch.broken")
    for address, body in whole_calls().items():
        stage.caller.post(address, Filler(stage.markers).filled(body))
    assert stage.caller.statuses[500] == 4
    assert stage.leaks() == dict.fromkeys(SINKS, 0)
    assert stage.process.log.count('"event":"unforeseen"') == 4


def test_a_leak_into_any_of_these_places_is_seen(tmp_path: Path, ending: ExitStack) -> None:
    """The tests above would pass if nobody looked: here every place has a leak."""
    stage = Stage(tmp_path, ending)
    stage.plays(DEMO, "tests.watch.leaky")
    for address, body in whole_calls().items():
        stage.caller.post(address, Filler(stage.markers).filled(body))
    stage.caller.send("GET", "/nowhere")
    assert {sink for sink, count in stage.leaks().items() if count} == SINKS
