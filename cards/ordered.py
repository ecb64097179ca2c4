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


class Place(StrEnum):
    """Where an order is to be done that names no vertebra, as cards say it."""

    THORACIC = "the thoracic spine"
    LUMBAR = "the lumbar spine"
    NECK_OR_SACRUM = "the neck or sacrum"
    HIP = "the hip or femur"
    NOT_READ = "a site that is not understood"


REGIONS = {Place.THORACIC: "T", Place.LUMBAR: "L"}
"""Parts of the back, and with what their levels begin."""
ELSEWHERE = frozenset({Place.NECK_OR_SACRUM, Place.HIP})
"""Where no vertebra is that TA279 is about: ordered like a level that has no fracture."""


class AugmentationOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One draft order. `levels` are the vertebrae and places ELSEWHERE that it names, `resource_id` its `ServiceRequest/id`, both empty
    where it has none. `place`, where it has no levels, is a part of the back or a site that is not understood.

    `without_stent` is the code of balloon kyphoplasty that its replacement bears, `carried` the FHIR members that it keeps.
    """

    procedure: Procedure
    levels: tuple[str, ...] = ()
    place: Place | None = None
    resource_id: str = ""
    without_stent: Coding | None = None
    carried: Mapping[str, object] = msgspec.field(default_factory=dict)

    @property
    def with_stent(self) -> bool:
        return self.procedure is Procedure.KYPHOPLASTY_WITH_STENT

    def may_mean(self, level: str) -> bool:
        """Whether a fracture there may be the one; '' is a level that is not recorded."""
        if self.levels:
            return level in self.levels
        return not level or level.startswith(REGIONS.get(self.place, "") if self.place else "")

    def beside(self, recorded: Sequence[str]) -> "AugmentationOrder":
        """The order, given the levels of the fractures: a part of the back that has none of them is as a level that has none."""
        if self.levels or self.place not in REGIONS or any(self.may_mean(level) for level in recorded):
            return self
        return msgspec.structs.replace(self, levels=(self.place,), place=None)


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
    return " and ".join(dict.fromkeys(f"{NAMES[order.procedure]} {_where(order)}" for order in orders))


def _where(order: AugmentationOrder) -> str:
    if order.levels:
        return f"at {', '.join(order.levels)}"
    return f"at {order.place} (no level given)" if order.place else "(no level given)"


def _from_the_top(level: str) -> tuple[int, int]:
    """Places after the vertebrae."""
    return ("CTLS".index(level[0]), int(level[1:])) if level[1:].isdigit() else (len("CTLS"), len(level))
