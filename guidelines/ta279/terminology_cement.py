"""Bone cement named in the words of an allergy list, where it has hardly a code (guideline.md 3, F8; G6).

Only what stands directly beside the name denies it; what leaves a doubt is to be asked about; the rest warns.
"""

import re

from clinical.codes import NONE

BONE_CEMENT = frozenset({"text-bone-cement"})
PERHAPS = frozenset({"text-bone-cement-perhaps"})

_NAME = r"(?:\bpmma\b|\b(?:bone|acrylic)[\s_-]*cements?\b|\b(?:poly)?[\s(]*methyl[\s-]*methacrylate\b)"
_NAMES = re.compile(rf"{_NAME}(?:(?:[\s()/-]{{1,3}}|\s(?:and|or)\s){_NAME})*\)?")
_ALLERGY = r"(?:allerg|alerg|alerx|reaction|reacted|hypersens|intoleran|sensitiv)\w*"
_WORD_OR_BREAK = re.compile(r"[^\W\d_]+|[.,;!?\n]|\s[-\u2013\u2014]\s")
_IS_ALLERGY = re.compile(_ALLERGY)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILLERS = _words(
    "a à adverse al any auf de documented drug evidence for gegen history i known la må of on op or på previous recorded reported the "
    "to voor with"
)
_NO = _words("no not nil without never neither nka nkda kein keine keinerlei sin geen niet pas aucune sans senza nessuna ingen sem ohne")
_DENIES = _words("deny denies denied negative nor fh family mother father sister brother")
_ALLERGY_AFTER = re.compile(rf"[\s-]?{_ALLERGY}")
_BESIDE = rf"(?:{_ALLERGY}|patch|test|was|is|well|[\s:-])*\b"
_DENIED_AFTER = re.compile(rf"{_BESIDE}(?:(?:no|none|nil|negative)\s*(?:$|[.,;!\n])|(?:denied|excluded|ruled out|tolerated)\b)")
_DOUBT_AFTER = re.compile(rf"{_BESIDE}unlikely\b")
_ANOTHER_USE = re.compile(r"\b(?:lens|lenses|intra-?ocular|iols?|dentures?|dental|nails?|fillers?)\b")


def cement_hint(lowered: str) -> frozenset[str]:
    """`text-bone-cement` where any mention warns, `text-bone-cement-perhaps` where one leaves a doubt, nothing where all are denied."""
    if not ("cement" in lowered or "pmma" in lowered or "methacrylate" in lowered):
        return NONE
    hints = {_mention(lowered, found) for found in _NAMES.finditer(lowered)}
    return next((hint for hint in (BONE_CEMENT, PERHAPS) if hint in hints), NONE)


def _mention(text: str, found: re.Match[str]) -> frozenset[str]:
    denied = _denied_before(text, found)
    if denied == NONE or _DENIED_AFTER.match(text, found.end()):
        return NONE
    return PERHAPS if denied == PERHAPS or _DOUBT_AFTER.match(text, found.end()) or _ANOTHER_USE.search(text) else BONE_CEMENT


def _denied_before(text: str, found: re.Match[str]) -> frozenset[str]:
    """Nothing after 'no allergy to', a doubt after a bare 'no'; the words are read backwards to the first that means something else."""
    allergy = _ALLERGY_AFTER.match(text, found.end()) is not None
    for word in reversed(_WORD_OR_BREAK.findall(text, 0, found.start())):
        if word in _DENIES:
            return NONE
        if word in _NO:
            return NONE if allergy else PERHAPS
        if _IS_ALLERGY.match(word):
            allergy = True
        elif word not in _FILLERS:
            break
    return BONE_CEMENT
