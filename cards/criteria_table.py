"""The criteria of one fracture as a narrow Markdown table: side panels of EHRs are an eighth of a screen wide."""

from collections.abc import Iterable, Iterator, Sequence

from cards.criterion_wording import RECKONED, STATUS, short
from cards.guideline_text import GuidelineText
from cards.markdown import code_span, date_text, plain, table_cell
from cards.wording import LEVEL_NOT_RECORDED
from clinical.assessment import Evidence, Finding, FractureAssessment
from clinical.status import Status

HEADER = "| Criterion (local threshold) | Status | Evidence |\n|---|---|---|"
EVIDENCE_SHOWN = 4  # per criterion; the Evaluation carries all of it


def criteria_tables(text: GuidelineText, fractures: Sequence[FractureAssessment]) -> Iterator[str]:
    """One table for each fracture. Rows that say the same as for the first fracture (pain, analgesia) are named, not repeated."""
    first = {finding.criterion: finding for finding in fractures[0].criteria}
    yield f"{_heading(fractures[0])}\n\n{_table(text, fractures[0].criteria)}"
    for fracture in fractures[1:]:
        own = [finding for finding in fracture.criteria if finding != first.get(finding.criterion)]
        shared = [short(finding.criterion) for finding in fracture.criteria if finding == first.get(finding.criterion)]
        blocks = [_heading(fracture)]
        if own:
            blocks.append(_table(text, own))
        if shared:
            blocks.append(f"Same as above ({fractures[0].level or LEVEL_NOT_RECORDED}): {', '.join(shared)}.")
        yield "\n\n".join(blocks)


def level_text(fracture: FractureAssessment) -> str:
    return fracture.level or f"Fracture ({LEVEL_NOT_RECORDED})"


def evidence_text(evidence: Iterable[Evidence]) -> str:
    """The oldest item and the newest, each as '20 Nov 2026: score 8 of 10, `Observation/p1`'. References are the EHR's text."""
    items = tuple(evidence)
    if len(items) <= EVIDENCE_SHOWN:
        return "; ".join([_item(item) for item in items])
    newest = [_item(item) for item in items[1 - EVIDENCE_SHOWN :]]
    return "; ".join((_item(items[0]), f"{len(items) - EVIDENCE_SHOWN} more between", *newest))


def _heading(fracture: FractureAssessment) -> str:
    onset = fracture.onset
    when = date_text(f"{onset.earliest}/{onset.latest}") if onset else ""
    return f"**{level_text(fracture)}**, onset {when or 'not recorded'}"


def _table(text: GuidelineText, findings: Iterable[Finding]) -> str:
    return "\n".join((HEADER, *(_row(text, finding) for finding in findings)))


def _row(text: GuidelineText, finding: Finding) -> str:
    criterion = text.criterion_cell(finding.criterion, tuple(finding.thresholds.items()))
    return f"| {criterion} | {STATUS[finding.status]} | {table_cell(_evidence(finding))} |"


def _evidence(finding: Finding) -> str:
    """What is seen and found speaks for itself; what is reckoned, unknown or not met says first why."""
    shown = evidence_text(finding.evidence)
    if shown and finding.status is Status.MET and finding.criterion not in RECKONED:
        return shown
    reason = plain(finding.reason).rstrip(". ")
    return f"{reason}; {shown}" if reason and shown else reason or shown or "nothing recorded"


def _item(evidence: Evidence) -> str:
    day, value, reference = date_text(evidence.date), plain(evidence.value), code_span(evidence.reference)
    said = f"{day}: {value}" if day and value else day or value
    return f"{said}, {reference}" if said else reference
