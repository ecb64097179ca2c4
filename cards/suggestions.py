"""What a card offers to do, each a draft that a person signs or not (cds-hooks.md S-69 to S-83, 5.1).

Nothing is marked as recommended: some EHRs tick that in advance, and a card supports, does not decide. The text of a card stands without
its suggestions, because an EHR may leave them out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from cards import draft_resources, wording
from cards.card import Action, Suggestion
from cards.criterion_wording import UNHEALED
from cards.ordered import AugmentationOrder
from clinical.assessment import Finding, FractureAssessment
from clinical.status import Status

Style = Literal["standard", "epic"]

NO_FINDING = "no-imaging-finding"
MRI_WOULD_SETTLE = frozenset({NO_FINDING, "modality-cannot-tell", "imaging-stale", "imaging-before-onset"})
"""Reason codes of `unhealed`. Imaging that is pending, unread, undated or in conflict is to be looked for, not repeated."""


class Offer(NamedTuple):
    """A card's suggestions, and how many of them may be taken."""

    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: Literal["at-most-one", "any", ""] = ""


NO_OFFER = Offer()


def offer(label: str, actions: Sequence[Action], style: Style, new_uuid: Callable[[], str]) -> Offer:
    """Actions that belong together as one suggestion. Epic takes one action per suggestion, `any` only, and shows the description."""
    if not actions:
        return NO_OFFER
    if style == "epic":
        return Offer(tuple(Suggestion(action.description, new_uuid(), actions=(action,)) for action in actions), "any")
    return Offer((Suggestion(label, new_uuid(), actions=tuple(actions)),), "at-most-one")


def referral(fractures: Sequence[FractureAssessment], patient_id: str) -> list[Action]:
    if not patient_id or not all(fracture.level in draft_resources.VERTEBRAE for fracture in fractures):
        return []
    description = f"Draft a referral to the spinal / interventional radiology MDT {_at(fractures)}"
    return [Action("create", description, draft_resources.referral(fractures, patient_id))]


def mri(fractures: Sequence[FractureAssessment], patient_id: str) -> list[Action]:
    """One study per region of the spine, of the levels whose imaging is missing."""
    lacking = [fracture for fracture in fractures if fracture.level in draft_resources.VERTEBRAE and _mri_would_settle(fracture)]
    if not patient_id:
        return []
    return [_one_mri(same, patient_id) for region in draft_resources.MRI if (same := [each for each in lacking if each.level[0] == region])]


def without_stent(orders: Iterable[AugmentationOrder], patient_id: str) -> list[Action]:
    """In place of each order that can be named: the draft deleted, the same created without stent."""
    return [action for order in orders if patient_id and order.resource_id for action in _replacement(order, patient_id)]


def _one_mri(fractures: Sequence[FractureAssessment], patient_id: str) -> Action:
    region = draft_resources.MRI[fractures[0].level[0]][1]
    description = f"Draft an MRI of the {region} spine with fat-suppressed sequences {_at(fractures)}"
    return Action("create", description, draft_resources.mri(fractures, patient_id))


def _replacement(order: AugmentationOrder, patient_id: str) -> Iterator[Action]:
    where = f" at {', '.join(order.levels)}" if order.levels else ""
    yield Action("delete", f"Remove the draft order of kyphoplasty with a stent or implant{where}", resource_id=order.resource_id)
    resource = draft_resources.without_stent(order, patient_id)
    yield Action("create", f"Draft balloon kyphoplasty without stent{where} in its place", resource)


def _mri_would_settle(fracture: FractureAssessment) -> bool:
    return any(finding.criterion == UNHEALED and _lacks_imaging(finding) for finding in fracture.statuses(Status.UNKNOWN))


def _lacks_imaging(finding: Finding) -> bool:
    """A study on record whose finding is not coded needs a reader, not a second study."""
    on_record = finding.reason_code == NO_FINDING and bool(finding.evidence)
    return finding.reason_code in MRI_WOULD_SETTLE and not on_record


def _at(fractures: Iterable[FractureAssessment]) -> str:
    return wording.places([fracture.level for fracture in fractures])
