"""An assessment beside draft orders: which fractures the orders are about, and so which cards are due (contract sections 2 and 6.7).

The ordered level decides. Where an order names no level, every evaluable fracture may be meant that is in the part of the back it names;
where it is for elsewhere, such as the sacrum, none is. Where no fracture is recorded at a level that is ordered, a fracture whose own level
is not recorded may be the one.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cards.card import Topic
from cards.ordered import AugmentationOrder, levels_of
from cards.situation import NOBODY_TO_TREAT, Situation
from clinical.assessment import Assessment, Flag, FractureAssessment, Severity

PREVIOUS_AUGMENTATION = "previous-augmentation-at-level"


class OrderSituation(msgspec.Struct, frozen=True):
    """`situation` holds the fractures the orders are about, `record` all of them. `without_fracture` are ordered levels that have none."""

    orders: tuple[AugmentationOrder, ...]
    levels: tuple[str, ...]
    situation: Situation
    record: Situation
    without_fracture: tuple[str, ...]

    @classmethod
    def of(cls, assessment: Assessment, orders: Sequence[AugmentationOrder]) -> "OrderSituation":
        recorded = [fracture.level for fracture in assessment.fractures]
        orders = tuple(order.beside(recorded) for order in orders)
        levels = levels_of(orders)
        fractures, without = _about(orders, levels, assessment.fractures)
        meant = Situation.of(msgspec.structs.replace(assessment, fractures=fractures))
        bare = tuple(level for level in levels if level not in {fracture.level for fracture in fractures})
        cautions = tuple(_as_ordered(flag, bare) for flag in meant.cautions)
        return cls(
            orders=orders,
            levels=levels,
            situation=msgspec.structs.replace(meant, cautions=cautions, ordered=True),
            record=Situation.of(assessment),
            without_fracture=without,
        )

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """Levels not ordered at which the criteria are met: perhaps the ones that were meant."""
        meant = {fracture.level for fracture in self.situation.met}
        return tuple(dict.fromkeys(each.level for each in self.record.met if each.level not in meant)) if self._may_recommend else ()

    @property
    def with_stent(self) -> tuple[AugmentationOrder, ...]:
        return tuple(order for order in self.orders if order.with_stent)

    def met_levels(self, order: AugmentationOrder) -> tuple[str, ...]:
        """Where the procedure without stent may be an option: levels of one order at which the criteria are met and nothing blocks."""
        if not self._may_recommend:
            return ()
        met = tuple(dict.fromkeys(fracture.level for fracture in self.record.met))
        return tuple(level for level in order.levels or met if level in met and order.may_mean(level))

    def replaceable(self) -> list[AugmentationOrder]:
        """Orders of a stent with the criteria met at every level that they name."""
        return [order for order in self.with_stent if (met := self.met_levels(order)) and set(order.levels) <= set(met)]

    def topics(self) -> Iterator[Topic]:
        """One card each, the most urgent first."""
        if self._alert_due:
            yield Topic.SAFETY_ALERT
        if self.with_stent:
            yield Topic.STENT_NOT_RECOMMENDED
        verdicts = list(self._verdicts())
        yield from verdicts
        if Topic.CRITERIA_MET not in verdicts:
            yield Topic.ADVERSE_REACTIONS

    @property
    def _may_recommend(self) -> bool:
        return self.record.assessment.out_of_scope is None and not self.record.blocking

    @property
    def _alert_due(self) -> bool:
        """An order is there, so every flag is told; but not where nobody can be treated through this record."""
        nobody = self.record.assessment.out_of_scope in NOBODY_TO_TREAT
        return bool(self.situation.blocking or self.situation.cautions) and not nobody

    def _verdicts(self) -> Iterator[Topic]:
        """Each ordered level has its own verdict; where no level is ordered, the best fracture speaks for the record."""
        situation = self.situation
        out_of_scope = situation.assessment.out_of_scope is not None
        not_met = bool(situation.not_met or self.without_fracture or not situation.assessment.fractures)
        met, unknown = bool(situation.met), bool(situation.unknown)
        if not self.levels:
            not_met, unknown = not_met and not met and not unknown, unknown and not met
        if out_of_scope or not_met:
            yield Topic.CRITERIA_NOT_MET
        if not out_of_scope and unknown:
            yield Topic.INFORMATION_NEEDED
        if not out_of_scope and met and not situation.blocking:
            yield Topic.CRITERIA_MET


def _about(
    orders: Sequence[AugmentationOrder], levels: Sequence[str], fractures: Sequence[FractureAssessment]
) -> tuple[tuple[FractureAssessment, ...], tuple[str, ...]]:
    """The fractures that orders at these levels are about, and the levels for which there is none."""
    if not levels:
        return tuple(fracture for fracture in fractures if any(order.may_mean(fracture.level) for order in orders)), ()
    without = tuple(level for level in levels if level not in {fracture.level for fracture in fractures})
    maybe = {"" for fracture in fractures if without and not fracture.level}
    meant = tuple(fracture for fracture in fractures if fracture.level in {*levels, *maybe})
    return meant, () if maybe else without


def _as_ordered(flag: Flag, levels: Sequence[str]) -> Flag:
    """An augmentation done before at a level that is ordered again is no other level's matter, though no fracture is recorded there."""
    same_level = flag.flag == PREVIOUS_AUGMENTATION and flag.level in levels and flag.level
    return msgspec.structs.replace(flag, severity=Severity.EXCLUDING) if same_level else flag
