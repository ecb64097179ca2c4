"""One card of an assessment, by the end of its topic: `card(whole, "CriteriaMet")`."""

from cards.card import Card
from cards.from_assessment import CardOptions, to_cards
from clinical.assessment import Assessment
from clinical.vertebra import VertebralLevel
from tests.unit.cards.samples import GUIDELINE

ALL_LEVELS = [level.value for level in VertebralLevel if level.in_scope]
SHOWN = CardOptions(show_not_met=True)


def card(whole: Assessment, topic: str, options: CardOptions = SHOWN) -> Card:
    (found,) = [card for card in to_cards(whole, GUIDELINE, options) if card.source.topic.code == f"ta279{topic}"]
    return found
