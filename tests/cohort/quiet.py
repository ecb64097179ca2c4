"""How often the service speaks on ordinary charts: `python -m tests.cohort.quiet`.

Every public synthetic chart is put to patient-view as a client would, prefetch resolved from the chart, with the default settings: once on
the day of the chart's last entry and once on a fixed day. Printed: cards per 1,000 charts, by topic, and why each was shown.
"""

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec

from cards.from_assessment import CardOptions
from hooks.messages import EVALUATION
from hooks.patient_view.service import PatientViewService
from hooks.prefetch import Template
from tests.cohort.verdicts import ASSESSOR

Json = Any

DATA = Path(__file__).parents[2] / "../shared/data"
FOLDERS = ("synthea-r4", "synthea-vertebral")
FIXED_DAY = date(2026, 11, 22)
SERVICE = PatientViewService(ASSESSOR, CardOptions(), explain=True)
DAY = re.compile(rb'"(?:effectiveDateTime|onsetDateTime|recordedDate|authoredOn|performedDateTime|started|issued)":\s*"(\d{4}-\d{2}-\d{2})')


class Shown(msgspec.Struct, frozen=True):
    """One card: which chart (its file), on which day, what topic, and why in codes."""

    chart: str
    day: date
    topic: str
    why: str


class Survey(msgspec.Struct, frozen=True):
    """`calls` counts charts times days; `outcomes` are the Evaluations'."""

    charts: int
    calls: int
    outcomes: Counter[str]
    shown: list[Shown]


def chart_paths(folder: str) -> list[Path]:
    return sorted((DATA / folder / "bundles").glob("*.json.gz"))


def survey(paths: list[Path]) -> Survey:
    outcomes: Counter[str] = Counter()
    shown: list[Shown] = []
    for path in paths:
        raw = gzip.decompress(path.read_bytes())
        resources = [entry["resource"] for entry in msgspec.json.decode(raw)["entry"]]
        for day in (last_entry(raw), FIXED_DAY):
            answer = msgspec.json.decode(SERVICE.answer(call(resources), day))
            evaluation = answer["extension"][EVALUATION]
            outcomes[evaluation["outcome"]] += 1
            shown += [Shown(path.name, day, card["source"]["topic"]["code"], why(evaluation)) for card in answer["cards"]]
    return Survey(len(paths), 2 * len(paths), outcomes, shown)


def last_entry(raw: bytes) -> date:
    return min(FIXED_DAY, date.fromisoformat(max(DAY.findall(raw)).decode()))


def call(resources: list[Json]) -> bytes:
    patient = next(resource for resource in resources if resource["resourceType"] == "Patient")
    prefetch = {template.key: resolved(template, resources, patient) for template in SERVICE.templates}
    context = {"patientId": patient["id"], "userId": "Practitioner/1"}
    return msgspec.json.encode({"hook": "patient-view", "hookInstance": "1", "context": context, "prefetch": prefetch})


def resolved(template: Template, resources: list[Json], patient: Json) -> Json:
    """What a FHIR server that holds this one patient answers to the template's query."""
    if template.resource_type == "Patient":
        return patient
    asked = parse_qs(template.query.partition("?")[2]).get("code")
    codes = set(asked[0].split(",")) if asked else None
    found = [each for each in resources if each["resourceType"] == template.resource_type and (codes is None or codes & tokens(each))]
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in found]}


def tokens(resource: Json) -> set[str]:
    return {f"{coding.get('system')}|{coding.get('code')}" for coding in resource.get("code", {}).get("coding", [])}


def why(evaluation: Json) -> str:
    """Each fracture with what is not met or not known of it; each flag."""
    lines = [f"{each.get('level', 'level not recorded')}: {', '.join(open_or_against(each))}" for each in evaluation["fractures"]]
    return "; ".join([*lines, *(f"{flag['flag']} {flag['severity']}" for flag in evaluation.get("flags", []))])


def open_or_against(fracture: Json) -> list[str]:
    return [f"{each['criterion']} {each['status']} ({each['reasonCode']})" for each in fracture["criteria"] if each["status"] != "met"]


def report(folder: str, found: Survey) -> Iterator[str]:
    by_topic = Counter(card.topic for card in found.shown)
    cards = len(found.shown)
    yield f"{folder}: {found.charts} charts, {found.calls} calls, {cards} cards, {1000 * cards / found.calls:.0f} per 1,000"
    yield f"  outcomes: {', '.join(f'{outcome} {count}' for outcome, count in found.outcomes.most_common())}"
    for topic, count in by_topic.most_common():
        yield f"  {topic}: {count}, {1000 * count / found.calls:.0f} per 1,000"
    for card in found.shown:
        yield f"  - {card.chart} on {card.day}: {card.topic}: {card.why}"


def main() -> int:
    absent = [folder for folder in FOLDERS if not chart_paths(folder)]
    for folder in FOLDERS:
        if folder not in absent:
            sys.stdout.writelines(f"{line}\n" for line in report(folder, survey(chart_paths(folder))))
    sys.stdout.writelines(f"{folder}: not here, not surveyed\n" for folder in absent)
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
