"""A table as a CSV file (RFC 4180) that a spreadsheet shows and does not carry out (trust.md 2.7, ASVS 1.2.10)."""

import csv
from io import StringIO

from app.dashboard.table import Cell, Share, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def csv_file(table: Table) -> str:
    text = StringIO()
    writer = csv.writer(text)  # its default dialect is RFC 4180's: CRLF, quotes doubled
    writer.writerow(table.columns)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return text.getvalue()


def _plain(cell: Cell) -> str | int | float | None:
    match cell:
        case Share():
            return cell.percent
        case tuple():
            return harmless("; ".join(cell))
        case str():
            return harmless(cell)
    return cell


def harmless(text: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
