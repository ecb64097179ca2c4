"""What has been ordered, as the cards see it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from cards.card import Coding


class Procedure(StrEnum):
    """The three that TA279 speaks of, as the value sets are called."""

    VERTEBROPLASTY = "vertebroplasty"
    BALLOON_KYPHOPLASTY = "balloon-kyphoplasty"
    KYPHOPLASTY_WITH_STENT = "kyphoplasty-with-stent"


NAMES = {
    Procedure.VERTEBROPLASTY: "vertebroplasty",
    Procedure.BALLOON_KYPHOPLASTY: "balloon kyphoplasty",
    Procedure.KYPHOPLASTY_WITH_STENT: "kyphoplasty with a stent or expandable implant",
}


class AugmentationOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One draft order. `levels` are the vertebrae it names, `resource_id` its `ServiceRequest/id`, both empty where it has none.

    `without_stent` is the code of balloon kyphoplasty that its replacement bears, `carried` the FHIR members that it keeps.
    """

    procedure: Procedure
    levels: tuple[str, ...] = ()
    resource_id: str = ""
    without_stent: Coding | None = None
    carried: Mapping[str, object] = msgspec.field(default_factory=dict)

    @property
    def with_stent(self) -> bool:
        return self.procedure is Procedure.KYPHOPLASTY_WITH_STENT


def levels_of(orders: Sequence[AugmentationOrder]) -> tuple[str, ...]:
    """The levels ordered, top down; empty where one order names none, for then every fracture may be meant."""
    if not all(order.levels for order in orders):
        return ()
    return tuple(sorted({level for order in orders for level in order.levels}, key=_from_the_top))


def procedures_of(orders: Sequence[AugmentationOrder]) -> frozenset[str]:
    """Whose adverse reactions are told: a kyphoplasty with a stent has those of a balloon kyphoplasty."""
    return frozenset(Procedure.BALLOON_KYPHOPLASTY if order.with_stent else order.procedure for order in orders)


def told(orders: Sequence[AugmentationOrder]) -> str:
    """'balloon kyphoplasty at L1 and vertebroplasty (no level given)'."""
    return " and ".join(dict.fromkeys(f"{NAMES[order.procedure]} {_where(order.levels)}" for order in orders))


def _where(levels: Sequence[str]) -> str:
    return f"at {', '.join(levels)}" if levels else "(no level given)"


def _from_the_top(level: str) -> tuple[int, int]:
    return "CTLS".index(level[0]), int(level[1:])
