"""A figure as rows and columns: the page draws it, the CSV file holds the same."""

from collections.abc import Sequence

import msgspec


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """To one decimal; None of nothing."""
        return round(100 * self.part / self.whole, 1) if self.whole else None


Cell = str | int | float | Share | tuple[str, ...] | None
Row = tuple[Cell, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`about`: how it is counted; `empty`: what is said where there are no rows."""

    title: str
    about: str
    empty: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
