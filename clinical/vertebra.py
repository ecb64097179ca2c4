"""One vertebra: C1 to S1, its neighbours, and how a person writes it (guideline.md G7, terminology.md 3)."""

import re
from enum import StrEnum


class VertebralLevel(StrEnum):
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    C7 = "C7"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    S1 = "S1"

    @property
    def position(self) -> int:
        """Counted from C1 = 0 downwards."""
        return _POSITIONS[self]

    @property
    def in_scope(self) -> bool:
        """T1 to L5 are evaluated; cervical and sacral levels are out of scope (G10)."""
        return self.value[0] in "TL"

    @property
    def upper_thoracic(self) -> bool:
        return self.value in ("T1", "T2", "T3", "T4")

    def distance_to(self, other: "VertebralLevel") -> int:
        return abs(self.position - other.position)


_LEVELS = tuple(VertebralLevel)
_POSITIONS = {level: index for index, level in enumerate(_LEVELS)}

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th",
            "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th", "eleventh 11th", "twelfth 12th",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_REGIONS = {"cervical": "C", "thoracic": "T", "dorsal": "T", "lumbar": "L", "sacral": "S"}
_NOISE = re.compile(r"\b(vertebra|vertebral|body|bodies|level|bone|structure|spine|spinal|of|the|at|in)\b")
_SHORT = re.compile(r"(c|th|t|d|l|s)\s?(\d{1,2})")
_WORDS = re.compile(r"(\w+)\s+(\w+)")


def level_from_site_text(text: str) -> VertebralLevel | None:
    """The single vertebra a body-site text names, or None. `D12` and `Th12` are T12; ranges, regions, discs and
    anything left over ("L1-L2", "lumbar", "T12/L1 disc", "old L1") name no single vertebra (G6, G7).
    """
    words = " ".join(_NOISE.sub(" ", text.lower()).replace("(", " ").replace(")", " ").split()).strip(" .,;:")
    if short := _SHORT.fullmatch(words):
        region = "T" if short[1] in ("d", "th") else short[1].upper()
        return _level(region, int(short[2]))
    if spelt := _WORDS.fullmatch(words):
        first, second = spelt[1], spelt[2]
        if first in _ORDINALS and second in _REGIONS:
            return _level(_REGIONS[second], _ORDINALS[first])
    return None


def _level(region: str, number: int) -> VertebralLevel | None:
    name = f"{region}{number}"
    return VertebralLevel(name) if name in VertebralLevel.__members__ else None
