"""The shapes that the builder's modules share: a resource, and the facts it is made from."""

from collections.abc import Mapping
from typing import Any

Resource = dict[str, Any]


class UnknownWordError(Exception):
    """A fact has a word that its kind does not know: a misspelt fact must not pass in silence."""


class Fact:
    """One named fact of a case: `med codeine: {from: -30d, to: -1d}` has kind `med` and subject `codeine`."""

    def __init__(self, name: str, words: Mapping[str, Any]) -> None:
        self.name = name
        self.kind, _, self.subject = name.partition(" ")
        self.id = name.replace(" ", "-").replace("/", "-").replace("_", "-").lower()
        self._words = dict(words)
        self._used: set[str] = set()

    def get(self, word: str, default: Any = None) -> Any:
        self._used.add(word)
        value = self._words.get(word, default)
        return default if value is None else value

    def text(self, word: str, default: str | None = None) -> str | None:
        value = self.get(word, default)
        return None if value is None else str(value)

    def check(self) -> None:
        if unknown := sorted(set(self._words) - self._used):
            raise UnknownWordError(f"{self.name}: {', '.join(unknown)}")
