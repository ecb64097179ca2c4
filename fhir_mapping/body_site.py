"""Which vertebra, or which part of the body, a resource speaks of (contract 6.13, guideline.md G7).

A text names a level only where no code is given: beside one, whatever the code means, it says at most that this is the back; so does the
display of a code that is not known. The fact's own code (S32.010A is L1) counts only where no site is given or the site is the back at
large. Two levels named at once, or a range of them, are no level. What is not understood is not taken for another part of the body.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from clinical.codes import Terminology
from clinical.record import BodySite, Site
from clinical.vertebra import VertebralLevel, level_from_site_text
from fhir_mapping.elements import Codes, Concept, NamedCoding, concepts_of, listed

SITE_CONCEPTS = frozenset({"vertebra", "spine-site", "hip-site", "out-of-scope-site"})
NO_SITE = BodySite()
NO_LEVELS: AbstractSet[VertebralLevel] = frozenset()
BACK = BodySite(Site.SPINE)

_LONGEST_NAME = 200  # characters: longer words name no single vertebra
_LONGEST_READ = 2_000  # characters, in which longer words must say which part of the body they mean

_OPEN = (Site.ABSENT, Site.SPINE)
_KINDS = {"spine-site": Site.SPINE, "out-of-scope-site": Site.OUT_OF_SCOPE, "hip-site": Site.HIP}
_PREFERRED = (Site.SPINE, Site.OUT_OF_SCOPE, Site.UNREAD, Site.HIP, Site.OTHER)  # of several sites
_UNDERSTOOD = (Site.SPINE, Site.OUT_OF_SCOPE, Site.HIP, Site.OTHER)  # of the words of one
_BACK_WORDS = re.compile(r"\b(back(?! of\b)|lumbar|lumbosacral|lumbo-sacral|thoracic|thoracolumbar|thoraco-lumbar|dorsal spine)\b")
_HIP_WORDS = re.compile(r"\b(hips?|femur|femoral)\b")
_KNEE_END = re.compile(r"\b(distal|shaft|supracondylar|condyles?)\b")
_NECK_OR_SACRUM = re.compile(r"\b(neck|cervical|c-?spine|sacr\w*|coccy\w*)\b")
_SPINE_WORDS = re.compile(r"\b((t|l|tl|ls)?spine|spinal|vertebra|vertebrae|vertebral|(?<!optic )dis[ck]s?)\b")
_LEVEL_WORDS = re.compile(r"\b(c|th|t|d|l|s)\s?\d{1,2}\b")
_ELSEWHERE = re.compile(
    r"\b(skull|head|face|jaw|mandible|maxilla|eyes?|optic|ears?|chest|breasts?|ribs?|sternum|clavicle|shoulders?|scapula|arms?|humerus|elbows?"
    r"|forearms?|radius|ulna|wrists?|hands?|fingers?|thumbs?|abdomen|groin|ilium|ischium|pubis|thighs?|knees?|patella|legs?|tibia|fibula"
    r"|cal(f|ves)|shins?|ankles?|foot|feet|heels?|calcaneus|toes?|hallux|metatarsals?|metacarpals?)\b"
)


def body_site(sites: Sequence[Concept], own_code: Codes | None, terminology: Terminology) -> BodySite:
    """The site that `sites` name, else the vertebra that the fact's own code names; disputed where the code names another, or the neck."""
    recorded, ambiguous = _recorded(sites, terminology) if sites else (NO_SITE, False)
    own = levels_of((own_code,), terminology) if own_code is not None else NO_LEVELS
    beyond = own_code is not None and "out-of-scope-vertebral-fracture" in concepts_of(terminology, own_code)
    if recorded.level is not None and (recorded.level not in own if own else beyond and recorded.level.in_scope):
        return BodySite(recorded.site, recorded.level, disputed=True)
    if ambiguous or recorded.site not in _OPEN:
        return recorded
    return _one_of(own) if own else recorded


def level_named(code: Codes | None, terminology: Terminology) -> VertebralLevel | None:
    """The vertebra, where the code is the body structure of exactly one and nothing else that we know."""
    levels = levels_of([code], terminology) if code is not None else NO_LEVELS
    return next(iter(levels)) if len(levels) == 1 and concepts_of(terminology, code) <= SITE_CONCEPTS else None


def levels_of(concepts: Iterable[Codes], terminology: Terminology) -> AbstractSet[VertebralLevel]:
    """Every vertebra that a coding of these concepts names."""
    found = NO_LEVELS
    for concept in concepts:
        for coding in concept.coding or ():
            name = terminology.level(coding.system, coding.code) if coding is not None and coding.system and coding.code else None
            if name is not None and name in VertebralLevel.__members__:
                found = found | {VertebralLevel(name)}
    return found


def _recorded(sites: Sequence[Concept], terminology: Terminology) -> tuple[BodySite, bool]:
    """What the sites say, and whether they name several levels at once."""
    levels = levels_of(sites, terminology)
    if levels:
        return _one_of(levels), len(levels) > 1
    kinds = {_kind(site, terminology) for site in sites} - {Site.ABSENT}
    coded = any(_is_coded(site) for site in sites)
    written = set() if coded else {level for level in map(_written_level, sites) if level is not None}
    vague = not coded and any(_names_levels_vaguely(site) for site in sites)
    if written and not vague and not _contradicted(written, kinds):
        return _one_of(written), len(written) > 1
    return BodySite(next((kind for kind in _PREFERRED if kind in kinds), Site.ABSENT)), vague


def _one_of(levels: AbstractSet[VertebralLevel]) -> BodySite:
    return BodySite(Site.LEVEL, next(iter(levels))) if len(levels) == 1 else BACK


def _is_coded(site: Concept) -> bool:
    """A coding with nothing but a display is no code."""
    return any(coding.code for coding in listed(site.coding))


def _written_level(site: Concept) -> VertebralLevel | None:
    return level_from_site_text(site.text) if site.text and len(site.text) <= _LONGEST_NAME else None


def _contradicted(levels: set[VertebralLevel], kinds: set[Site]) -> bool:
    """A fracture of neck and L1 in words is not one of L1."""
    return Site.OUT_OF_SCOPE in kinds and any(level.in_scope for level in levels)


def _kind(site: Concept, terminology: Terminology) -> Site:
    """What one site says without naming a vertebra: by its code if we know it, else by its words."""
    concepts = concepts_of(terminology, site)
    if known := concepts & _KINDS.keys():
        return next(kind for concept, kind in _KINDS.items() if concept in known)
    if written := _written_level(site):
        return Site.SPINE if written.in_scope else Site.OUT_OF_SCOPE
    kinds = {_kind_of_text(words[:_LONGEST_READ].lower()) for words in _words(site)}
    return next((kind for kind in _UNDERSTOOD if kind in kinds), Site.UNREAD if kinds or site.coding else Site.ABSENT)


def _words(site: Concept) -> list[str]:
    words = [site.text, *(coding.display for coding in listed(site.coding) if isinstance(coding, NamedCoding))]
    return [each for each in words if each]


def _names_levels_vaguely(site: Concept) -> bool:
    """L1-L4, L4/5, old L1: vertebrae, and not one of them."""
    return any(_LEVEL_WORDS.search(words[:_LONGEST_READ].lower()) for words in _words(site)) and _written_level(site) is None


def _kind_of_text(text: str) -> Site:
    if _BACK_WORDS.search(text):
        return Site.SPINE
    if regions := set(_LEVEL_WORDS.findall(text)):
        return Site.UNREAD if _ELSEWHERE.search(text) else Site.OUT_OF_SCOPE if regions <= {"c", "s"} else Site.SPINE
    if _HIP_WORDS.search(text):
        return Site.OTHER if _KNEE_END.search(text) else Site.HIP
    if _NECK_OR_SACRUM.search(text):
        return Site.OUT_OF_SCOPE
    if _SPINE_WORDS.search(text):
        return Site.SPINE
    return Site.OTHER if _ELSEWHERE.search(text) else Site.UNREAD
