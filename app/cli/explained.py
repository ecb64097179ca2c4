"""The nine criteria in plain words, for people (explained.toml): the command line and the guide say the same. No rule reads them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from guidelines.ta279.reasons import CriterionId, Reason

PAGE = Path(__file__).with_name("explained.toml")

Meanings = Mapping[Reason, str]


class Explained(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One criterion. `met`, `not_met` and `unknown` say what each reason code of that status means; `thresholds` are names."""

    nice: str
    asks: str
    counts: tuple[str, ...]
    does_not_count: tuple[str, ...]
    against: str
    local: str
    thresholds: tuple[str, ...]
    met: Meanings
    not_met: Meanings
    unknown: Meanings

    @property
    def reasons(self) -> Mapping[str, Meanings]:
        """By status."""
        return {"met": self.met, "not-met": self.not_met, "unknown": self.unknown}


@cache
def explained() -> Mapping[CriterionId, Explained]:
    """Every criterion, in the contract's order."""
    return msgspec.convert(tomllib.loads(PAGE.read_text(encoding="utf-8")), dict[CriterionId, Explained])
