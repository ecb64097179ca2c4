"""Where a generated patient's choices come from: a seed for the frozen cohort, Hypothesis for the properties."""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")

USUALLY = 5


class Dice(Protocol):
    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        ...


class SeededDice:
    """The same numbers for the same seed in every version of Python: of Random only `random()` promises that."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))


def pick(dice: Dice, options: Sequence[T]) -> T:
    return options[dice.number(0, len(options) - 1)]


def once_in(dice: Dice, times: int) -> bool:
    return dice.number(1, times) == times


def mostly(dice: Dice, usual: Sequence[T], unusual: Sequence[T]) -> T:
    """One of the usual options four times in five."""
    return pick(dice, unusual if once_in(dice, USUALLY) else usual)
