"""What a call did not bring, had from the EHR's FHIR server where that can be; and what came of it (cds-hooks.md 3.3, contract 6.9).

Asked for is what is absent or truncated. What failed has been tried by the client, and what is known empty is an answer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from clinical.record import DataGap, GapReason
from fhir_mapping.section import Section, SectionState
from hooks.assessor import GAPS
from hooks.envelope import CDSCall
from hooks.errors import DataUnavailable
from hooks.prefetch import Sections, Template

FETCHED_STATES = (SectionState.ABSENT, SectionState.TRUNCATED)

_WHY: Mapping[SectionState, str] = {
    SectionState.ABSENT: "were not sent",
    SectionState.FAILED: "could not be had by the client",
    SectionState.TRUNCATED: "were sent in part only",
    SectionState.EMPTY: "were sent empty",
}


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why a part of the record could not be had whole, in words of ours. `gap` None: as the section's state has it."""

    why: str
    gap: GapReason | None = None
    transient: bool = False


class Fetched(msgspec.Struct, frozen=True):
    section: Section
    trouble: Trouble | None = None


class SectionFetcher(Protocol):
    """Asks one FHIR server for what some templates describe, all at once. Failure is a trouble, not an exception."""

    async def fetch(self, templates: Sequence[Template]) -> Mapping[str, Fetched]:
        """By the template's key. A section that was had in part is TRUNCATED; one that was not asked for, ABSENT."""
        ...


FetcherFor = Callable[[CDSCall], SectionFetcher | None]
"""How a call's missing data are to be had; None where the call names no FHIR server."""


def no_fetcher(call: CDSCall) -> SectionFetcher | None:
    """No FHIR server is asked: what a call does not bring is missing."""
    return None


class Retrieved(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, completed by what was fetched."""

    sent: Sections
    sections: Sections
    troubles: Mapping[str, Trouble] = msgspec.field(default_factory=dict)

    def gaps(self) -> tuple[DataGap, ...]:
        """What part of the record was not read, or not read whole: absence there proves nothing."""
        reasons = ((section.resource_type, self._gap(key, section)) for key, section in self.sections.items())
        return tuple(DataGap(resource_type, reason) for resource_type, reason in reasons if reason)

    def unanswered(self, asked: Iterable[Template]) -> DataUnavailable | None:
        """Why the call cannot be answered: a required key that holds no answer. No Conditions is an answer; no Patient is not."""
        for template in asked:
            state = self.sections[template.key].state
            answered = state is SectionState.GIVEN or (state is SectionState.EMPTY and template.resource_type != "Patient")
            if template.required and not answered:
                return self._unavailable(template)
        return None

    def _gap(self, key: str, section: Section) -> GapReason | None:
        trouble = self.troubles.get(key)
        told = trouble.gap if trouble is not None and section.state is not SectionState.TRUNCATED else None
        return told or GAPS.get(section.state)

    def _unavailable(self, template: Template) -> DataUnavailable:
        trouble = self.troubles.get(template.key)
        why = _WHY[self.sent[template.key].state]
        if trouble is None:
            return DataUnavailable(template.key, template.resource_type, why)
        return DataUnavailable(template.key, template.resource_type, f"{why}; {trouble.why}", transient=trouble.transient)


def as_sent(sections: Sections) -> Retrieved:
    """Nothing is asked for."""
    return Retrieved(sent=sections, sections=sections)


async def retrieve(sent: Sections, asked: Iterable[Template], fetcher_for: Callable[[], SectionFetcher | None]) -> Retrieved:
    """The sections sent, with what is absent or truncated asked for. `fetcher_for` is called only where something is."""
    wanted = [template for template in asked if sent[template.key].state in FETCHED_STATES]
    fetcher = fetcher_for() if wanted else None
    if fetcher is None:
        return as_sent(sent)
    fetched = await fetcher.fetch(wanted)
    troubles = {key: each.trouble for key, each in fetched.items() if each.trouble is not None}
    return Retrieved(sent=sent, sections={key: _better(sent[key], fetched.get(key)) for key in sent}, troubles=troubles)


def _better(sent: Section, fetched: Fetched | None) -> Section:
    """What was fetched, unless nothing was and a part had been sent: a part may still hold what warns. So may strays."""
    if fetched is None or (sent.state is SectionState.TRUNCATED and fetched.section.state in (SectionState.ABSENT, SectionState.FAILED)):
        return sent
    return msgspec.structs.replace(fetched.section, strays=[*sent.strays, *fetched.section.strays]) if sent.strays else fetched.section
