"""Where the time of one answer goes: decode, map, assess, cards, encode; without HTTP, in this process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from app.main import build_house
from app.settings import Mode, Settings
from cards.from_assessment import CardOptions, to_cards
from fhir_mapping.patient_record import to_patient_record
from hooks.assessor import Assessor
from hooks.envelope import CDSCall, read_call
from hooks.messages import encode_response
from hooks.patient_view.context import read_context
from hooks.patient_view.service import HOOK
from hooks.prefetch import Sections, Template, data_gaps, read_prefetch, templates

REPEATS = 40

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
        return {stage: median(seconds) for stage, seconds in self.spent.items()}


def stages_of(body: bytes, *, explain: bool) -> dict[str, float]:
    """Median CPU seconds of each stage of one patient-view answer."""
    watch = Stopwatch()
    assessor = build_house(Settings(mode=Mode.DEMO)).assessor
    for _ in range(REPEATS):
        answer_once(body, assessor, watch, explain=explain)
    return watch.medians()


def answer_once(body: bytes, assessor: Assessor, watch: Stopwatch, *, explain: bool) -> bytes:
    """What PatientViewService.answer does, stage by stage."""
    asked = templates(assessor.terminology)
    today = datetime.now(UTC).date()
    call, sections = watch.time("decode", lambda: decoded(body, asked))
    record = watch.time(
        "map",
        lambda: to_patient_record(
            list(sections.values()),
            patient_id=read_context(call).patient_id,
            terminology=assessor.terminology,
            text_hints=assessor.text_hints,
            zone=assessor.zone,
            today=today,
            fhir_base=call.fhir_server,
            gaps=data_gaps(sections, asked),
        ),
    )
    assessment = watch.time("assess", lambda: assessor.guideline.assess(record, today))
    cards = watch.time("cards", lambda: to_cards(assessment, assessor.guideline, CardOptions()))
    return watch.time("encode", lambda: encode_response(cards, assessment if explain else None))


def decoded(body: bytes, asked: tuple[Template, ...]) -> tuple[CDSCall, Sections]:
    call = read_call(body, HOOK)
    return call, read_prefetch(call.prefetch, asked)
