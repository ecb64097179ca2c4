"""What free text plainly mentions: a reason to ask, never a value (guideline.md G6; contract 6.14).

A hint that is missed costs a question; a hint from a negated, past or family mention makes the service ask where nothing is. So the
text must name the thing in so many words, and any doubt drops the hint. Bone cement is the exception, for it warns: see
`terminology_cement`. Texts are read as words, once from left to right.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from clinical.codes import NONE
from guidelines.ta279.terminology_cement import cement_hint

FRACTURE = frozenset({"text-vertebral-fracture"})
OPIOID = frozenset({"text-opioid"})
LONGEST_NAME = 1000

_WORD = re.compile(r"[hry]/o|s/p|co-[a-z]+|non-?opi[a-z]+|(?:th|[cdlt])[\s-]?\d{1,2}(?!\w)|[a-z]+|\d+(?:st|nd|rd|th)?|[#.;\n]", re.ASCII)
_LEVEL = re.compile(r"(?:c[\s-]?[1-7]|(?:th|t|d)[\s-]?(?:[1-9]|1[0-2])|l[\s-]?[1-5])", re.ASCII)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?", re.ASCII)
_OTHER_SPINES = re.compile(r"(?:iliac|ischial|nasal|scapular?|tibial) spines?|spinal (?:an\w+|block|cord|fluid|steno\w+|tap)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BROKEN = _words("# fracture fractures fractured fx")
_COLLAPSED = _words("collapse collapsed")
_SPINE = _words("vertebra vertebrae vertebral spine spinal")
_SPINE_ONLY_TYPES = _words("compression wedge")
_BETWEEN = _words(
    "a acute an anterior at body bodies burst closed column compression crush endplate fragility in insufficiency involving lumbar "
    "mild minor moderate multiple new of open osteoporotic pathological plate recent severe stable subacute superior inferior the "
    "thoracic thoracolumbar dorsal traumatic type unstable wedge with first second third fourth fifth sixth seventh eighth ninth "
    "tenth eleventh twelfth collapse collapsed"
)
_OTHER_BONES = _words(
    "ankle arm calcaneal calcaneum calcaneus carpal clavicle elbow facial femoral femur fibula fibular finger foot forearm hand hip "
    "humeral humerus jaw knee leg malleolus mandible metacarpal metatarsal nasal navicular orbit orbital patella pelvic pelvis "
    "phalanx radial radius rib ribs scaphoid shoulder skull sternum talus tibia tibial toe ulna wrist zygoma"
)
_NEGATION = _words("no not without denies denied nil never neither nor negative")
_DENIED_AFTER = _words("none nil not absent negative")
_PAST_OR_OTHER = _words(
    "excluded ruled r/o unlikely h/o history historical old previous previously prior past healed healing s/p pmh longstanding "
    "chronic resolved family fh mother father sister brother sibling aunt grandmother maternal paternal risk screening screen "
    "prophylaxis prophylactic prevention preventive prevent"
)
_AGE = _words("y/o yo yr yrs year years")
_SENTENCE_ENDS = frozenset({".", ";", "\n", "but"})
_REACH = 8


def text_hints(text: str) -> frozenset[str]:
    """Any of `text-vertebral-fracture`, `text-opioid` and the hints of bone cement. A text too long to be a name gives none."""
    if len(text) > LONGEST_NAME:
        return NONE
    lowered = text.lower()
    return _fracture_hint(lowered) | _opioid_hint(lowered) | cement_hint(lowered)


def _fracture_hint(lowered: str) -> frozenset[str]:
    if not ("fract" in lowered or "#" in lowered or "collaps" in lowered or "vcf" in lowered or "fx" in lowered):
        return NONE
    words = _WORD.findall(_OTHER_SPINES.sub(" ", lowered))
    if _told_of_the_past_or_another(words):
        return NONE
    elsewhere = not _OTHER_BONES.isdisjoint(words)
    return FRACTURE if any(_asserted(sentence, elsewhere) for sentence in _sentences(words)) else NONE


def _told_of_the_past_or_another(words: list[str]) -> bool:
    """'old' says something of the fracture, unless it gives an age."""
    return any(word in _PAST_OR_OTHER and not (word == "old" and place and words[place - 1] in _AGE) for place, word in enumerate(words))


def _sentences(words: list[str]) -> Iterator[list[str]]:
    for ends, group in groupby(words, _SENTENCE_ENDS.__contains__):
        if not ends:
            yield list(group)


def _asserted(words: list[str], elsewhere: bool) -> bool:
    """A fractured vertebra that no 'no' stands before, and no 'none' or 'not' after."""
    start = max((place for place, word in enumerate(words) if word in _DENIED_AFTER), default=-1) + 1
    stop = next((place for place, word in enumerate(words) if word in _NEGATION), len(words))
    if words[-1] == "no":
        return False
    return any(_names_vertebra(words, place, elsewhere) for place in range(start, stop))


def _names_vertebra(words: list[str], place: int, elsewhere: bool) -> bool:
    """Is the word here a fracture, and a vertebra or a spinal type of fracture beside it? `elsewhere`: the text names another bone."""
    word = words[place]
    if word in ("vcf", "vcfs"):
        return True
    if word not in _BROKEN and word not in _COLLAPSED:
        return False
    around = _beside(words, place, -1) + _beside(words, place, 1)
    if any(near in _SPINE or _LEVEL.fullmatch(near) for near in around):
        return True
    return word in _BROKEN and not elsewhere and not _SPINE_ONLY_TYPES.isdisjoint(around)


def _beside(words: list[str], place: int, step: int) -> list[str]:
    """The words next to this one, as far as they only describe a fracture, and the first that does not."""
    found = []
    for at in range(place + step, place + step * _REACH, step):
        if not 0 <= at < len(words):
            break
        found.append(words[at])
        if words[at] not in _BETWEEN and not _ORDINAL.fullmatch(words[at]):
            break
    return found


_OPIOIDS = _words(
    "codeine co-codamol cocodamol dihydrocodeine co-dydramol codydramol tramadol morphine diamorphine oxycodone oxymorphone "
    "fentanyl alfentanil sufentanil buprenorphine tapentadol hydrocodone hydromorphone methadone meptazinol pethidine meperidine "
    "pentazocine"
)
_NOT_FOR_PAIN = _words(
    "antagonist antagonists cough linctus guaifenesin promethazine pseudoephedrine homatropine dependence withdrawal detox "
    "maintenance overdose poisoning misuse abuse no not without avoid allergy allergic intolerance intolerant"
)
_OPIOID_STEM = re.compile(r"cod|dydram|morph|tram|fent|bupre|tapent|methad|mepta|pethi|meper|pentaz")
_STEP_1_CODEINE = re.compile(r"\b8 ?(?:mg)? ?/ ?500|\b500 ?(?:mg)? ?/ ?8\b|codeine(?: phosphate)? 8 ?mg")


def _opioid_hint(lowered: str) -> frozenset[str]:
    if _OPIOID_STEM.search(lowered) is None:
        return NONE
    words = frozenset(_WORD.findall(lowered))
    if words.isdisjoint(_OPIOIDS) or not words.isdisjoint(_NOT_FOR_PAIN) or _STEP_1_CODEINE.search(lowered):
        return NONE
    if any(word.startswith("non") and "opi" in word for word in words) or {"buprenorphine", "naloxone"} <= words:
        return NONE
    return OPIOID
