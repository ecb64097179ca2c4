"""The parts of the guide that the code writes: `make guide`, or `python -m tests.guide.generated`, puts them into their pages.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import msgspec

from app.cli import evaluate, templates
from app.cli.explained import Explained, explained
from app.cli.report import report
from cards.criterion_wording import CAUTIONS, amount
from cards.flag_wording import AT_OTHER_SEVERITY, FLAGS
from clinical.assessment import Assessment, Severity
from guidelines.ta279.guideline import CRITERIA
from guidelines.ta279.reasons import CriterionId
from guidelines.ta279.terminology import load_terminology
from guidelines.ta279.thresholds import DESCRIPTIONS, load_profile, shipped_profiles
from hooks.prefetch import Template
from tests.guide import architecture

DOCS = architecture.ROOT / "docs"
PART = re.compile(r"<!-- generated: ([a-z0-9-]+) -->\n.*?<!-- end of \1 -->", re.DOTALL)
EXAMPLE_DAY = date(2026, 11, 22)
EXAMPLE_CHART = "docs/configure/st-example-chart.json"
STATUSES = {"met": "Met", "not-met": "Not met", "unknown": "Unknown"}
# How each flag is raised by the rules; every severity that the clinical cases show must be among them (test_generated.py).
SEVERITIES = {
    "spinal-infection": (Severity.BLOCKING,),
    "systemic-infection": (Severity.BLOCKING, Severity.CAUTION),
    "neurological-compromise": (Severity.BLOCKING, Severity.CAUTION),
    "malignancy": (Severity.BLOCKING,),
    "coagulopathy": (Severity.BLOCKING, Severity.CAUTION),
    "antithrombotic-therapy": (Severity.CAUTION,),
    "posterior-wall-or-retropulsion": (Severity.BLOCKING, Severity.CAUTION),
    "cement-allergy": (Severity.BLOCKING, Severity.CAUTION),
    "pregnancy": (Severity.BLOCKING, Severity.CAUTION),
    "vertebra-plana": (Severity.CAUTION,),
    "multiple-levels": (Severity.CAUTION,),
    "cardiopulmonary-or-positioning": (Severity.CAUTION,),
    "previous-augmentation-at-level": (Severity.EXCLUDING, Severity.CAUTION),
    "consent-or-capacity": (Severity.CAUTION,),
}

Lines = Iterable[str]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = [*head]
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def thresholds() -> Lines:
    """Every number: what it is, what a profile may set it to, where it comes from."""
    rows = ((f"`{each.name}`", each.title, each.unit, f"{each.minimum:g} to {each.maximum:g}", each.source) for each in DESCRIPTIONS)
    return table(("name", "what it says", "unit", "allowed", "source"), rows)


def profiles() -> Lines:
    """The same numbers side by side. What differs from the default is bold."""
    names = ["default", *(name for name in shipped_profiles() if name != "default")]
    values = [load_profile(name)[1].by_name() for name in names]
    rows = []
    for each in DESCRIPTIONS:
        shown = [amount(value[each.name]) for value in values]
        rows.append([f"`{each.name}`", *(text if text == shown[0] else f"**{text}**" for text in shown)])
    return table(("name", *(f"`{name}`" for name in names)), rows)


def rules() -> Lines:
    for number, criterion in enumerate(CRITERIA, start=1):
        yield from (f"### {number}. {criterion.title}: `{criterion.id}`", "")
        yield from rule(explained()[CriterionId(criterion.id)])


def rule(words: Explained) -> Lines:
    yield from (words.asks, "")
    yield from (f"**What NICE says.** {words.nice}", "", f"**What is local.** {words.local}", "")
    yield from ("**What counts**", "", *(f"- {text}" for text in words.counts), "")
    yield from ("**What does not count**", "", *(f"- {text}" for text in words.does_not_count), "")
    yield from (f"**What speaks against it.** {words.against}", "")
    names = ", ".join(f"`{name}`" for name in words.thresholds)
    yield from (f"Thresholds: {names}." if names else "No threshold is used.", "")
    coded = ((STATUSES[status], f"`{code}`", meaning) for status, codes in words.reasons.items() for code, meaning in codes.items())
    yield from (*table(("status", "reason code", "meaning"), coded), "")


def cautions() -> Lines:
    return table(("caution", "what the card says"), ((f"`{code}`", text) for code, text in CAUTIONS.items()))


def flags() -> Lines:
    rows = ((f"`{name}`", severity, words(name, severity)) for name, severities in SEVERITIES.items() for severity in severities)
    return table(("flag", "severity", "what the card says"), rows)


def words(name: str, severity: Severity) -> str:
    said = AT_OTHER_SEVERITY.get((name, severity)) or FLAGS[name]
    return f"{said.title}. {said.advice}"


def scopes(ehr: str) -> Lines:
    """One scope for each type that is asked for, in the spelling of SMART 2 and of SMART 1."""
    asked = templates.fitted(ehr, load_terminology())
    return table(("resource type", "SMART 2", "SMART 1", "prefetch key"), (_scope(each) for each in asked))


def _scope(template: Template) -> tuple[str, ...]:
    kind, rights = template.resource_type, "r" if template.resource_type == "Patient" else "rs"
    return kind, f"`patient/{kind}.{rights}`", f"`patient/{kind}.read`", f"`{template.key}`{' (required)' if template.required else ''}"


def evaluated(overlay: str | None) -> Lines:
    """What `vacds evaluate` prints about the example chart."""
    more = f" --overlay {overlay}" if overlay else ""
    yield from ("```text", f"$ vacds evaluate {EXAMPLE_CHART} --date {EXAMPLE_DAY}{more}")
    body = (architecture.ROOT / EXAMPLE_CHART).read_bytes()
    folder = str(architecture.ROOT / overlay) if overlay else None
    assessor = evaluate.assessor_for(evaluate.settings_from("default", folder))
    yield from report(msgspec.json.decode(evaluate.evaluated(body, EXAMPLE_CHART, EXAMPLE_DAY, assessor), type=Assessment))
    yield "```"


PARTS: Mapping[str, Callable[[], Lines]] = {
    "thresholds": thresholds,
    "profiles": profiles,
    "rules": rules,
    "cautions": cautions,
    "flags": flags,
    "scopes-standard": lambda: scopes("standard"),
    "scopes-epic": lambda: scopes("epic"),
    "scopes-oracle": lambda: scopes("oracle"),
    "before-the-overlay": lambda: evaluated(None),
    "after-the-overlay": lambda: evaluated("docs/overlay-example"),
}


def filled(page: str) -> str:
    """The page with every generated part as the code has it now."""
    return PART.sub(lambda found: f"<!-- generated: {found[1]} -->\n\n{_part(found[1])}\n\n<!-- end of {found[1]} -->", page)


def _part(name: str) -> str:
    return "\n".join(PARTS[name]()).rstrip("\n")


def pages() -> list[Path]:
    return sorted(path for path in DOCS.rglob("*.md") if "<!-- generated: " in path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for page in pages():
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    for ehr in templates.EHRS:
        (DOCS / "connect" / "templates" / f"{ehr}.json").write_text(templates.as_json(ehr, load_terminology()) + "\n", encoding="utf-8")
    architecture.PICTURE.write_text(architecture.picture(), encoding="utf-8")
