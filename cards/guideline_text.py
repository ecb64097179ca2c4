"""What a card says of the guideline itself, rendered once per Guideline: criteria titles, adverse reactions, figures, links."""

from functools import lru_cache
from itertools import starmap

from cards.card import CARD_TOPIC_SYSTEM, Coding, Link, Source, Topic
from cards.criterion_wording import LOCAL_THRESHOLDS, amount, short
from cards.flag_wording import NG234
from cards.markdown import code_span, plain, table_cell
from cards.wording import NO_NUMBERS_USED, REPORTED
from clinical.assessment import Guideline, ReportedFrequency, Threshold, ThresholdValue

NamedValue = tuple[str, ThresholdValue]

REMEMBERED = 512  # rendered rows and notes
VERTEBROPLASTY = "vertebroplasty"
BALLOON_KYPHOPLASTY = "balloon-kyphoplasty"
ONLY = {BALLOON_KYPHOPLASTY: "Balloon kyphoplasty only", VERTEBROPLASTY: "Vertebroplasty only"}
OF_ONE = {BALLOON_KYPHOPLASTY: "Adverse reactions of balloon kyphoplasty", VERTEBROPLASTY: "Adverse reactions of vertebroplasty"}


class GuidelineText:
    """Markdown blocks and links of one guideline. Every text in it is ours: no address here came with a record."""

    def __init__(self, guideline: Guideline) -> None:
        self.guideline = guideline
        self._titles = {criterion.id: table_cell(plain(criterion.title)) for criterion in guideline.criteria}
        self.criteria_count = len(guideline.criteria)
        self.contested_evidence = f"**Evidence is contested.** {plain(guideline.contested_evidence)}"
        self.adverse_reactions = _adverse_reactions(guideline)
        self._reactions_of_one = {procedure: _adverse_reactions_of(guideline, procedure) for procedure in ONLY}
        self.sources = {topic: Source(guideline.label, guideline.url, Coding(topic, CARD_TOPIC_SYSTEM)) for topic in Topic}
        self.links = (Link(f"{guideline.label} guideline page", guideline.url),)
        self.follow_up_links = _distinct((*self.links, *(Link(reference.label, reference.url) for reference in guideline.links)))
        self.metastases_links = _distinct((*self.links, Link(NG234.label, NG234.url)))
        self._thresholds = {threshold.name: threshold for threshold in guideline.thresholds}
        # Thresholds are configuration: the same few rows and notes come back in every card.
        self.criterion_cell = lru_cache(maxsize=REMEMBERED)(self._criterion_cell)
        self.threshold_note = lru_cache(maxsize=REMEMBERED)(self._threshold_note)
        self._footer = f"[{plain(guideline.label)}]({guideline.url}) · logic {plain(guideline.logic_version)}"

    def _criterion_cell(self, criterion: str, thresholds: tuple[NamedValue, ...]) -> str:
        """'Severe pain (7/10 or more, scored within 14 days)'."""
        title = self._titles.get(criterion) or short(criterion)
        phrases = [LOCAL_THRESHOLDS[name].format(amount(value)) for name, value in thresholds if name in LOCAL_THRESHOLDS]
        return f"{title} ({', '.join(phrases)})" if phrases else title

    def _threshold_note(self, thresholds: tuple[NamedValue, ...]) -> str:
        """Every threshold used, as 'severe pain: score at least 7 of 10'."""
        if not thresholds:
            return NO_NUMBERS_USED
        return f"**Local thresholds used**, set locally; NICE gives no number: {'; '.join(starmap(self._threshold, thresholds))}."

    def _threshold(self, name: str, value: ThresholdValue) -> str:
        known = self._thresholds.get(name) or Threshold(name, name, "", 0, 0, "")
        return plain(f"{known.title} {amount(value)} {known.unit}".rstrip())

    def adverse_reactions_of(self, procedures: frozenset[str]) -> str:
        """What may follow the procedures named and no other; of both where both are, or none, is named."""
        return self._reactions_of_one[next(iter(procedures))] if len(procedures) == 1 else self.adverse_reactions

    def footer(self, profile: str, evaluated: str) -> str:
        return f"{self._footer} · profile {code_span(profile)} · evaluated {evaluated}"


def _adverse_reactions(guideline: Guideline) -> str:
    """Every reaction exactly once: under its one procedure, else under both."""
    groups: dict[str, list[str]] = {"Adverse reactions, both procedures": []}
    for reaction in guideline.adverse_reactions:
        alone = reaction.procedures[0] if len(reaction.procedures) == 1 else ""
        heading = ONLY.get(alone, "Adverse reactions, both procedures")
        groups.setdefault(heading, []).append(plain(reaction.text))
    groups[REPORTED] = [_figure(frequency) for frequency in guideline.reported_frequencies]
    return "\n\n".join(_bullets(heading, items) for heading, items in groups.items() if items)


def _adverse_reactions_of(guideline: Guideline, procedure: str) -> str:
    """Every reaction of one procedure."""
    reactions = [plain(reaction.text) for reaction in guideline.adverse_reactions if procedure in reaction.procedures]
    figures = [_figure(frequency) for frequency in guideline.reported_frequencies if procedure in frequency.procedures]
    return "\n\n".join(_bullets(heading, items) for heading, items in ((OF_ONE[procedure], reactions), (REPORTED, figures)) if items)


def _bullets(heading: str, items: list[str]) -> str:
    return "\n".join((f"**{heading}**\n", *(f"- {item}" for item in items)))


def _figure(frequency: ReportedFrequency) -> str:
    source = f"[source]({frequency.source})" if frequency.source.startswith("https://") else plain(frequency.source)
    return f"{plain(frequency.event)}: {plain(frequency.figure)} ({source})"


def _distinct(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """One link per address; the first label wins."""
    by_address: dict[str, Link] = {}
    for link in links:
        by_address.setdefault(link.url, link)
    return tuple(by_address.values())
