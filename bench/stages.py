"""Where the time of one answer goes: decode, map, assess, cards, encode; without HTTP, in this process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from msgspec.structs import replace

from app.main import build_house
from app.settings import Mode, Settings
from cards.from_assessment import CardOptions, to_cards
from hooks.assessor import Assessor
from hooks.envelope import CDSCall, read_call
from hooks.messages import encode_response
from hooks.one_pass import OnePass
from hooks.patient_view.context import read_context
from hooks.patient_view.service import HOOK
from hooks.prefetch import Sections, Template, read_prefetch, templates

REPEATS = 40
STAGES = ("decode", "map", "assess", "cards", "encode")

Value = TypeVar("Value")


class Stopwatch:
    """CPU seconds by stage, one figure for each repeat."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def time(self, stage: str, work: Callable[[], Value]) -> Value:
        before = time.process_time()
        value = work()
        self.spent.setdefault(stage, []).append(time.process_time() - before)
        return value

    def medians(self) -> dict[str, float]:
        return {stage: median(self.spent[stage]) for stage in STAGES}


def stages_of(body: bytes, *, explain: bool) -> dict[str, float]:
    """Median CPU seconds of each stage of one patient-view answer."""
    watch = Stopwatch()
    assessor = build_house(Settings(mode=Mode.DEMO)).assessor
    asked = templates(assessor.terminology)
    one_pass = None if explain else OnePass(HOOK, asked)
    for _ in range(REPEATS):
        answer_once(lambda: decoded(body, asked, one_pass), assessor, watch, explain=explain)
    return watch.medians()


def answer_once(decode: Callable[[], tuple[CDSCall, Sections]], assessor: Assessor, watch: Stopwatch, *, explain: bool) -> bytes:
    """What PatientViewService.answer does, stage by stage. Assessing is timed inside mapping, and taken from it."""
    today = datetime.now(UTC).date()
    guideline = assessor.guideline
    timed = replace(guideline, assess=lambda record, day: watch.time("assess", lambda: guideline.assess(record, day)))
    call, sections = watch.time("decode", decode)
    patient_id = read_context(call).patient_id
    both = replace(assessor, guideline=timed)
    assessment = watch.time(
        "map",
        lambda: both.assess(
            tuple(sections.values()), patient_id=patient_id, today=today, fhir_base=call.fhir_server, only_subject=not explain
        ),
    )
    watch.spent["map"][-1] -= watch.spent["assess"][-1]
    cards = watch.time("cards", lambda: to_cards(assessment, guideline, CardOptions()))
    return watch.time("encode", lambda: encode_response(cards, assessment if explain else None))


def decoded(body: bytes, asked: tuple[Template, ...], one_pass: OnePass | None) -> tuple[CDSCall, Sections]:
    if one_pass is not None and (found := one_pass.read(body)) is not None:
        return found
    call = read_call(body, HOOK)
    return call, read_prefetch(call.prefetch, asked)
