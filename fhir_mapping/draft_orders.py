"""Draft orders as CDS clients send them: untrusted JSON, often no valid FHIR (sandbox.md 2, cds-hooks.md 2).

A Bundle without type, entries without fullUrl, a bare array, a single resource, members of the wrong kind: what is odd is read as it is
meant, or is no order. Not forgiven is whose the drafts are (contract 6.10), and JSON that hides it: that cannot be read at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from clinical.codes import Terminology
from clinical.record import Site
from clinical.vertebra import VertebralLevel
from fhir_mapping.body_site import body_site
from fhir_mapping.carried_over import carried_over
from fhir_mapping.elements import UNREADABLE, Codes, Coding, Concept, concepts_of, listed
from fhir_mapping.entries import text
from fhir_mapping.errors import InvalidBundle, MemberTwice
from fhir_mapping.named import SERVICE_REQUEST, named_in_value
from fhir_mapping.patient_guard import KnowsBase, PatientGuard
from fhir_mapping.references import names_of, relative
from fhir_mapping.twice import is_given_twice

NO_LONGER_ORDERED = frozenset({"entered-in-error", "revoked", "completed"})
VERTEBROPLASTY, KYPHOPLASTY, WITH_STENT = "vertebroplasty", "balloon-kyphoplasty", "kyphoplasty-with-stent"
PCS_CEMENT = ("0PU43JZ", "0QU03JZ")
PCS_REPOSITION = frozenset({"0PS43ZZ", "0QS03ZZ", "0PS434Z", "0QS034Z"})
"""ICD-10-PCS: height restored, the last two with a fixation device, which may or may not be a stent. With cement at the same vertebra, in
one order or another, it is a kyphoplasty, alone it is none (terminology.md 6)."""
NECK_OR_SACRUM, HIP, THORACIC, LUMBAR, NOT_READ = "neck-or-sacrum", "hip", "thoracic", "lumbar", "not-read"
_SITES = {Site.OUT_OF_SCOPE: NECK_OR_SACRUM, Site.HIP: HIP}
_NO_OTHER_PLACE = frozenset({Site.ABSENT, Site.LEVEL, Site.SPINE})
_REGIONS = {
    **dict.fromkeys(("3865001", "35769007", "122495006", "1141986006", "1217257000"), THORACIC),
    **dict.fromkeys(("52612000", "73903008", "122496007", "297173004", "1217253001"), LUMBAR),
}
"""Codes of `spine-site` that mean one part of the back."""
_THORACOLUMBAR = re.compile(r"\bthoraco-?lumbar\b")
_WRITTEN_REGIONS = {THORACIC: re.compile(r"\b(cervico-?)?thoracic\b|\bdorsal spine\b"), LUMBAR: re.compile(r"\blumb(ar|o-?sacral)\b")}

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

Json = Mapping[str, object]
Levels = tuple[VertebralLevel, ...]


class DraftOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One ServiceRequest that may still be carried out. `procedure` is the value set it belongs to.

    `resource_id` is `ServiceRequest/id`, empty where it has no id that FHIR allows. `levels` are the vertebrae it names, top down,
    `sites` the other places: NECK_OR_SACRUM, HIP, a part of the back, NOT_READ.
    `systems` are the code systems of its code; `carried` is what a replacement keeps of it.
    """

    procedure: str
    resource_id: str
    levels: tuple[VertebralLevel, ...]
    sites: tuple[str, ...]
    systems: tuple[str, ...]
    carried: Mapping[str, object]


class DraftOrders:
    """The draft orders of one call. Raises AnotherPatient when made, if any draft names somebody else; MemberTwice or InvalidBundle if
    that cannot be told.
    """

    def __init__(self, raw: msgspec.Raw | bytes, patient_id: str, fhir_base: str | None, knows_base: KnowsBase) -> None:
        self._fhir_base = fhir_base
        sent = _read(raw)
        guard = PatientGuard(patient_id, fhir_base, (), knows_base)
        guard.refuse(named_in_value(sent), "bundle")
        self._drafts = list(_drafts(sent))
        self.base = guard.base
        """The FHIR base of the patient, where the call or a draft says it: the record is of the patient there."""

    def selected(self, selections: Iterable[str]) -> "list[Json]":
        """The ServiceRequests that `selections` mean: by type and id, or by the address of their entry."""
        wanted = {relative(selection, self._fhir_base) for selection in selections}
        return [draft for draft, full_url in self._service_requests() if not wanted.isdisjoint(self._names(draft, full_url))]

    def all(self) -> "list[Json]":
        """Every ServiceRequest."""
        return [draft for draft, _ in self._service_requests()]

    def _service_requests(self) -> Iterator[tuple[Json, str | None]]:
        return ((draft, full_url) for draft, full_url in self._drafts if draft.get("resourceType") == SERVICE_REQUEST)

    def _names(self, draft: Json, full_url: str | None) -> Iterator[str]:
        yield from names_of(SERVICE_REQUEST, text(draft.get("id")), full_url, self._fhir_base)
        if full_url is not None and full_url.startswith("urn:uuid:"):
            yield f"{SERVICE_REQUEST}/{full_url.removeprefix('urn:uuid:')}"


def augmentations(orders: Iterable[Json], drafts: Iterable[Json], terminology: Terminology) -> list[DraftOrder]:
    """Those of some ServiceRequests that order a vertebral augmentation; `drafts` are all that stand beside them."""
    restored = [
        _levels(draft, code, terminology) for draft in drafts if _will_be_done(draft) and _repositions(code := _code(draft), terminology)
    ]
    found = []
    for order in filter(_will_be_done, orders):
        procedure = _procedure(_code(order), _as_concepts(order.get("orderDetail")), terminology)
        if procedure:
            found.append(_draft_order(order, procedure, restored, terminology))
    return found


def _will_be_done(order: Json) -> bool:
    return text(order.get("status")) not in NO_LONGER_ORDERED and order.get("doNotPerform") is not True


def _code(order: Json) -> Concept:
    return _together(_as_concepts(order.get("code")))


def _draft_order(order: Json, procedure: str, restored: Iterable[Levels], terminology: Terminology) -> DraftOrder:
    """Cement where another order restores the height, or may do so because one of them names no level, is part of a kyphoplasty."""
    resource_id, code = text(order.get("id")) or "", _code(order)
    levels = _levels(order, code, terminology)
    if procedure == VERTEBROPLASTY and any(not (levels and other) or set(levels) & set(other) for other in restored):
        procedure = KYPHOPLASTY
    return DraftOrder(
        procedure=procedure,
        resource_id=f"{SERVICE_REQUEST}/{resource_id}" if _ID.fullmatch(resource_id) else "",
        levels=levels,
        sites=tuple(sorted({name for site in _as_concepts(order.get("bodySite")) if (name := _place(site, terminology))})),
        systems=tuple(dict.fromkeys(system for system, _ in _coded(code))),
        carried=carried_over(order),
    )


def _procedure(code: Concept, details: Iterable[Concept], terminology: Terminology) -> str:
    """What is ordered, '' if no augmentation. A stent anywhere in the order goes first; a balloon goes before cement alone."""
    concepts = concepts_of(terminology, code) | (concepts_of(terminology, *details) & {WITH_STENT})
    if VERTEBROPLASTY in concepts and _repositions(code, terminology):
        concepts |= {KYPHOPLASTY}
    return next((procedure for procedure in (WITH_STENT, KYPHOPLASTY, VERTEBROPLASTY) if procedure in concepts), "")


def _repositions(code: Concept, terminology: Terminology) -> bool:
    """A PCS reposition code. A system is ICD-10-PCS, however it is spelt, if its cement codes mean cement in it."""
    return any(
        written.replace(".", "").upper() in PCS_REPOSITION and VERTEBROPLASTY in terminology.concepts(system, PCS_CEMENT[0])
        for system, written in _coded(code)
    )


def _coded(concept: Codes) -> Iterator[tuple[str, str]]:
    return ((each.system, each.code) for each in concept.coding or () if each is not None and each.system and each.code)


def _levels(order: Json, code: Concept, terminology: Terminology) -> Levels:
    """One level for each site that names one; where none does, the one that the order's own code names. Text of the code is none (G6)."""
    named = {body_site([site], None, terminology).level for site in _as_concepts(order.get("bodySite"))} - {None}
    levels = {level for level in named or {body_site([], code, terminology).level} if level is not None}
    return tuple(sorted(levels, key=lambda level: level.position))


def _place(site: Concept, terminology: Terminology) -> str:
    """What a site means that is neither a vertebra nor the back at large, '' if it is one of these."""
    kind = body_site([site], None, terminology).site
    if kind is Site.SPINE:
        return _region(site)
    is_said = site.text or any(coding.code for coding in listed(site.coding))
    return _SITES.get(kind, NOT_READ) if is_said and kind not in _NO_OTHER_PLACE else ""


def _region(site: Concept) -> str:
    """The part of the back, '' where it is several or not told: by its codes, else by its words."""
    regions = {_REGIONS[code] for _, code in _coded(site) if code in _REGIONS}
    if not regions and site.text and not _THORACOLUMBAR.search(words := site.text.lower()):
        regions = {region for region, pattern in _WRITTEN_REGIONS.items() if pattern.search(words)}
    return regions.pop() if len(regions) == 1 else ""


def _read(raw: msgspec.Raw | bytes) -> object:
    """The drafts decoded. InvalidBundle where the JSON cannot be read."""
    try:
        value, ambiguous = msgspec.json.decode(raw), is_given_twice(raw)
    except UNREADABLE:
        raise InvalidBundle("the draft orders cannot be read") from None
    if ambiguous:
        raise MemberTwice(SERVICE_REQUEST, "prefetch")
    return value


def _drafts(value: object) -> Iterator[tuple[Json, str | None]]:
    """Every resource in it, with the fullUrl of its entry. InvalidBundle where `entry` is a bare value."""
    if isinstance(value, dict) and "entry" in value:
        value = value["entry"]
        if not isinstance(value, dict | list | None):
            raise InvalidBundle("the entries of the draft orders are no list")
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            resource = each.get("resource", each)
            if isinstance(resource, dict):
                yield resource, text(each.get("fullUrl"))


def _as_concepts(value: object) -> list[Concept]:
    """A list of CodeableConcepts, one where a list belongs, or nothing that can be read."""
    return [_as_concept(each) for each in (value if isinstance(value, list) else [value])]


def _together(concepts: Iterable[Concept]) -> Concept:
    """The codes of all of them: a list where FHIR wants one CodeableConcept."""
    return Concept(coding=[coding for concept in concepts for coding in concept.coding or ()])


def _as_concept(value: object) -> Concept:
    if not isinstance(value, dict):
        return Concept()
    codings = value.get("coding")
    read = [_as_coding(each) for each in (codings if isinstance(codings, list) else [codings]) if isinstance(each, dict)]
    return Concept(coding=list(read) or None, text=text(value.get("text")))


def _as_coding(value: Json) -> Coding:
    return Coding(system=text(value.get("system")), code=text(value.get("code")))
