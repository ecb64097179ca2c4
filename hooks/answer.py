"""What a service answers one client, and from what: the bytes for the caller, the rest for those who count and keep account."""

from collections.abc import Mapping, Sequence

import msgspec

from cards.card import Card, Link
from cards.suggestions import Style
from clinical.assessment import Assessment
from fhir_mapping.patient_guard import KnowsBase, any_base
from hooks.envelope import CDSCall
from hooks.retrieval import FetcherFor, Retrieved, no_fetcher


class ClientTerms(msgspec.Struct, frozen=True):
    """What differs from client to client: which FHIR servers may be asked for it, how it shows cards, whether it launches our form, and
    at which FHIR bases its patients are.
    """

    fetcher_for: FetcherFor = no_fetcher
    card_style: Style = "standard"
    form: tuple[Link, ...] = ()
    knows_base: KnowsBase = any_base


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`assessment` and `retrieved` are None where the record was not looked at: an order that is no augmentation."""

    body: bytes
    call: CDSCall
    patient_id: str
    cards: Sequence[Card] = ()
    assessment: Assessment | None = None
    retrieved: Retrieved | None = None

    def kinds(self) -> Mapping[str, int]:
        """How many resources of each type were looked at."""
        counts: dict[str, int] = {}
        for section in self.retrieved.sections.values() if self.retrieved is not None else ():
            counts[section.resource_type] = counts.get(section.resource_type, 0) + len(section.entries)
        return counts
