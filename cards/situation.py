"""An assessment as the cards see it: which fractures stand where, which flags stop what, and so which cards are due."""

from collections.abc import Iterable

import msgspec

from cards.card import Topic
from cards.criterion_wording import OPTIMAL_PAIN_MANAGEMENT
from cards.flag_wording import CRITICAL_FLAGS
from clinical.assessment import Assessment, Flag, FractureAssessment, Severity
from clinical.status import Status, all_of

# Nobody can act on a flag through these records; the same person's current record, if there is one, raises it again.
NOBODY_TO_TREAT = frozenset(("deceased", "merged-record", "inactive-record"))


class Situation(msgspec.Struct, frozen=True):
    """Fractures grouped by where they stand; flags grouped by what they do, the most urgent first."""

    assessment: Assessment
    met: tuple[FractureAssessment, ...]
    unknown: tuple[FractureAssessment, ...]
    not_met: tuple[FractureAssessment, ...]
    blocking: tuple[Flag, ...]
    excluding: tuple[Flag, ...]
    cautions: tuple[Flag, ...]
    ordered: bool = False  # a draft order is why the cards are written: an alert carries the cautions then

    @classmethod
    def of(cls, assessment: Assessment) -> "Situation":
        groups: dict[Status, list[FractureAssessment]] = {status: [] for status in Status}
        for fracture in assessment.fractures:
            groups[standing(fracture)].append(fracture)
        return cls(
            assessment,
            tuple(groups[Status.MET]),
            tuple(groups[Status.UNKNOWN]),
            tuple(groups[Status.NOT_MET]),
            tuple(sorted(assessment.flags_of(Severity.BLOCKING), key=lambda flag: flag.flag not in CRITICAL_FLAGS)),
            assessment.flags_of(Severity.EXCLUDING),
            assessment.flags_of(Severity.CAUTION),
        )

    @property
    def critical(self) -> bool:
        return any(flag.flag in CRITICAL_FLAGS for flag in self.blocking)

    @property
    def only_pain_management_lacking(self) -> bool:
        """Of every evaluable fracture the only not-met criterion is optimal pain management, which somebody can act on (contract 6.6)."""
        return bool(self.not_met) and all(self._lacks_only_pain_management(fracture) for fracture in self.assessment.fractures)

    def excluding_at(self, fracture: FractureAssessment) -> tuple[Flag, ...]:
        return tuple(flag for flag in self.excluding if flag.level in ("", fracture.level))

    def _lacks_only_pain_management(self, fracture: FractureAssessment) -> bool:
        lacking = [finding.criterion for finding in fracture.statuses(Status.NOT_MET)]
        return lacking == [OPTIMAL_PAIN_MANAGEMENT] and not self.excluding_at(fracture)


def standing(fracture: FractureAssessment) -> Status:
    """The fracture's own outcome, which an excluding flag may have made not met; never better than its criteria."""
    return all_of((fracture.outcome, *(finding.status for finding in fracture.criteria)))


def topics_due(situation: Situation, show_not_met: bool) -> tuple[Topic, ...]:
    """Which cards patient-view shows, the alert first (contract sections 2 and 6)."""
    return tuple(_topics(situation, show_not_met))


def _topics(situation: Situation, show_not_met: bool) -> Iterable[Topic]:
    assessment = situation.assessment
    if assessment.out_of_scope is None and not assessment.fractures:
        return
    if _alert_due(situation):
        yield Topic.SAFETY_ALERT
    if assessment.out_of_scope is not None:
        if show_not_met:
            yield Topic.CRITERIA_NOT_MET
    elif situation.met:
        if not situation.blocking:
            yield Topic.CRITERIA_MET
    elif situation.unknown:
        yield Topic.INFORMATION_NEEDED
    elif show_not_met or situation.only_pain_management_lacking:
        yield Topic.CRITERIA_NOT_MET


def _alert_due(situation: Situation) -> bool:
    """A blocking flag whatever the criteria say; a caution only beside a recommendation."""
    out_of_scope = situation.assessment.out_of_scope
    if situation.blocking:
        return out_of_scope not in NOBODY_TO_TREAT
    return out_of_scope is None and bool(situation.met and situation.cautions)
