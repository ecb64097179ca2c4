"""The passages that several cards share: what would settle it, cautions, flags, what could not be read, local thresholds."""

from collections.abc import Iterable, Iterator, Sequence

from cards import wording
from cards.card import Link
from cards.criteria_table import evidence_text, level_text
from cards.criterion_wording import EXAMINATION_AT_LEVEL, RECENT, caution, short
from cards.flag_wording import CHECKS, FLAG_THRESHOLDS, words_for
from cards.guideline_text import GuidelineText
from cards.markdown import day_text, plain
from cards.situation import Situation
from clinical.assessment import Finding, Flag, FractureAssessment, ThresholdValue
from clinical.status import Status

Blocks = Iterator[str]
Fractures = Sequence[FractureAssessment]


def links_in_text(links: Iterable[Link]) -> str:
    """For EHRs that do not show a link's label. Not a SMART app's: only the EHR can launch one."""
    return "**More:** " + " · ".join(f"[{plain(link.label)}]({link.url})" for link in links if link.type == "absolute")


def levels(fractures: Fractures) -> list[str]:
    return [fracture.level for fracture in fractures]


def flag_title(flag: Flag) -> str:
    return words_for(flag).title + (f" ({flag.level})" if flag.level else "")


def flag_titles(flags: Iterable[Flag]) -> list[str]:
    """Each once, as they stand in a sentence: the first may open it."""
    titles = list(dict.fromkeys(flag_title(flag) for flag in flags))
    return [*titles[:1], *map(wording.lower_first, titles[1:])]


def missing_findings(fracture: FractureAssessment) -> tuple[Finding, ...]:
    return fracture.statuses(Status.UNKNOWN)


def criteria_named(fractures: Fractures, status: Status) -> list[str]:
    return list(dict.fromkeys(short(finding.criterion) for fracture in fractures for finding in fracture.statuses(status)))


def only_too_old(fracture: FractureAssessment) -> bool:
    return [finding.criterion for finding in fracture.statuses(Status.NOT_MET)] == [RECENT]


def would_settle(fractures: Fractures) -> Blocks:
    """What is missing and which record would settle it: each record once, with the criteria and the levels it is about."""
    criteria: dict[str, dict[str, None]] = {}
    where: dict[str, dict[str, None]] = {}
    for fracture in fractures:
        for finding in missing_findings(fracture):
            record = plain(finding.needed or finding.reason) or "no usable entry"
            criteria.setdefault(record, {})[short(finding.criterion)] = None
            where.setdefault(record, {})[level_text(fracture)] = None
    lines = {f"**{_capital(', '.join(names))}**: {record}": list(where[record]) for record, names in criteria.items()}
    if lines:
        yield bullets("What would settle it", _with_levels(lines, fractures))


def cautions(fractures: Fractures) -> Blocks:
    about: dict[str, list[str]] = {}
    for fracture in fractures:
        for code in dict.fromkeys(code for finding in fracture.criteria for code in finding.cautions):
            about.setdefault(caution(code), []).append(level_text(fracture))
    if about:
        yield bullets("Cautions", _with_levels(about, fractures))


def _with_levels(about: dict[str, list[str]], fractures: Fractures) -> list[str]:
    """Levels are named only where a line is not about all of the fractures."""
    return [line if len(where) == len(fractures) else f"{', '.join(where)}: {line}" for line, where in about.items()]


def other_fractures(situation: Situation, fractures: Fractures, heading: str = "Other fractures") -> Blocks:
    if fractures:
        yield bullets(heading, [one_line(situation, fracture) for fracture in fractures])


def one_line(situation: Situation, fracture: FractureAssessment) -> str:
    """One fracture in one line: what is against it, else what is unknown, else that all appears met."""
    against = [f"{short(finding.criterion)} ({reason(finding)})" for finding in fracture.statuses(Status.NOT_MET)]
    against += [wording.lower_first(words_for(flag).title) for flag in situation.excluding_at(fracture)]
    unknown = missing_findings(fracture)
    if against:
        verdict = f"not met: {', '.join(against)}"
    elif [finding.criterion for finding in unknown] == [EXAMINATION_AT_LEVEL]:
        verdict = f"only the examination at this level is unknown: {plain(unknown[0].needed or unknown[0].reason).rstrip('. ')}"
    elif unknown:
        verdict = f"unknown: {', '.join(short(finding.criterion) for finding in unknown)}"
    else:
        verdict = "all criteria appear met" if fracture.outcome is Status.MET else "not judged"
    return f"**{level_text(fracture)}**, {verdict}."


def reason(finding: Finding) -> str:
    """A finding's reason as part of a sentence."""
    return wording.lower_first(plain(finding.reason).rstrip(". "))


def flags_told_beside(situation: Situation) -> tuple[Flag, ...]:
    """Caution flags, where no alert carries them."""
    return () if situation.blocking or situation.ordered else situation.cautions


def flag_lines(heading: str, flags: Sequence[Flag]) -> Blocks:
    """What to do about each flag and what in the record raised it; the same flag at several levels is one line."""
    alike: dict[str, list[Flag]] = {}
    for flag in flags:
        alike.setdefault(words_for(flag).title, []).append(flag)
    if alike:
        yield bullets(heading, [_flag_line(title, same) for title, same in alike.items()])


def _flag_line(title: str, flags: Sequence[Flag]) -> str:
    where = ", ".join(dict.fromkeys(flag.level for flag in flags if flag.level))
    evidence = evidence_text(dict.fromkeys(item for flag in flags for item in flag.evidence))
    recorded = f" Recorded: {evidence}." if evidence else ""
    return f"**{title}{f' ({where})' if where else ''}**: {words_for(flags[0]).advice}{recorded}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def data_gaps(situation: Situation) -> Blocks:
    gaps = situation.assessment.data_gaps
    if gaps:
        named = "; ".join(dict.fromkeys(plain(wording.gap_text(gap)) for gap in gaps))
        yield f"**Could not be read:** {named}. {wording.ABSENT_IS_NOT_NONE}"


def checks(situation: Situation) -> Blocks:
    flagged = {flag.flag for flag in situation.assessment.flags}
    open_questions = ", ".join(words for flag, words in CHECKS.items() if flag not in flagged)
    yield f"**No code for these was found in this record, so check:** {open_questions}."


def closing(text: GuidelineText, situation: Situation, fractures: Fractures, flags: Iterable[Flag]) -> Blocks:
    """What every card ends with: what is local, what the card is not, where it comes from."""
    assessment = situation.assessment
    yield text.threshold_note(tuple(_thresholds_used(situation, fractures, flags).items()))
    yield wording.SUPPORTS
    yield text.footer(assessment.profile, day_text(assessment.evaluation_date))


def _thresholds_used(situation: Situation, fractures: Fractures, flags: Iterable[Flag]) -> dict[str, ThresholdValue]:
    used: dict[str, ThresholdValue] = {}
    for fracture in fractures:
        for finding in fracture.criteria:
            used.update(finding.thresholds)
    known = situation.assessment.thresholds
    names = (name for flag in flags for name in FLAG_THRESHOLDS.get(flag.flag, ()))
    return used | {name: known[name] for name in names if name in known}


def bullets(heading: str, lines: Iterable[str]) -> str:
    return "\n".join((f"**{heading}**\n", *(f"- {line}" for line in lines)))
