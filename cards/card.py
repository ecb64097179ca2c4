"""Card, Suggestion, Action, Link, Source, override reason: the wire of CDS Hooks 2.0.1 (cds-hooks.md 1.7 to 1.9).

Encoded with msgspec, members without a value are left out: nothing null and nothing empty reaches the EHR (S-02, S-03).
"""

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

CANONICAL = "https://vertebral-augmentation-cds.example/fhir"
CARD_TOPIC_SYSTEM = f"{CANONICAL}/CodeSystem/card-topic"
OVERRIDE_REASON_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
SUMMARY_LIMIT = 140  # a summary is shorter than this (S-61)

Indicator = Literal["info", "warning", "critical"]


class Topic(StrEnum):
    """`source.topic.code` (contract section 2): alphanumeric, because sites hang acknowledgments on it."""

    CRITERIA_MET = "ta279CriteriaMet"
    INFORMATION_NEEDED = "ta279InformationNeeded"
    CRITERIA_NOT_MET = "ta279CriteriaNotMet"
    SAFETY_ALERT = "ta279SafetyAlert"
    STENT_NOT_RECOMMENDED = "ta279StentNotRecommended"
    ADVERSE_REACTIONS = "ta279AdverseReactions"


class Coding(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Also the override reason, where `display` is required (S-71)."""

    code: str
    system: str
    display: str = ""


class Source(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    label: str
    url: str
    topic: Coding


class Link(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Only to addresses of ours: never one that came with the record, never with anything of the patient in it (D-06).

    `smart` is a SMART app, which the EHR launches with its own context; `appContext` is not used, because not every EHR hands it on.
    """

    label: str
    url: str
    type: Literal["absolute", "smart"] = msgspec.field(default_factory=lambda: "absolute")


class Action(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """`resource` is FHIR R4 JSON for create and update; `resource_id` is `Type/id` for delete."""

    type: Literal["create", "update", "delete"]
    description: str
    resource: Mapping[str, object] | None = None
    resource_id: str = ""


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    label: str
    uuid: str
    is_recommended: bool = False
    actions: tuple[Action, ...] = ()


class Card(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """`summary` is plain text below 140 characters; `detail` is GitHub-flavoured Markdown. Suggestions need `selection_behavior` (S-70)."""

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: Literal["at-most-one", "any", ""] = ""
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...] = ()


def random_uuid() -> str:
    """A random version-4 UUID, lower case: it says nothing of the patient (contract 6.15)."""
    return str(uuid.uuid4())
