"""The dashboard as a page: HTML and a style, without script; every word from elsewhere is escaped."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

import msgspec

from app.dashboard.table import Cell, Share, Table
from app.web_page import guarded

_FOLDER = Path(__file__).parent
_WIDTHS = "".join(f".w{percent}{{width:{percent}%}}" for percent in range(101))  # an attribute `style` is what the policy forbids
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8") + _WIDTHS
_PAGE = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
HEADERS = guarded(connects=(), style=f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'")

ALL, NOTHING = "all clients", "<td></td>"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows, and what else it could. `client` is one of `clients`: nothing of the address is repeated."""

    days: int
    periods: Iterable[int]
    client: str | None
    clients: Iterable[str]
    summary: Mapping[str, str]
    tables: Mapping[str, Table]
    demo: bool

    def address(self, path: str = "dashboard", **other: object) -> str:
        asked = {"days": self.days, "client": self.client, **other}
        return escape(f"{path}?{urlencode({name: value for name, value in asked.items() if value is not None})}")


def page(shown: Shown) -> str:
    nothing = shown.summary["calls"] == "0"
    return _PAGE.substitute(
        style=_STYLE,
        periods=" ".join(_link(shown.address(days=days), f"{days} days", days == shown.days) for days in shown.periods),
        clients=" ".join(
            _link(shown.address(client=name), ALL if name is None else name, name == shown.client) for name in (None, *shown.clients)
        ),
        summary="".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in shown.summary.items()),
        empty=_why_empty(shown) if nothing else "",
        sections="" if nothing else "\n".join(_section(shown, name, table) for name, table in shown.tables.items()),
        back='<a href="./">Try it</a>' if shown.demo else "",
    )


def _link(address: str, words: str, here: bool) -> str:
    current = ' aria-current="true"' if here else ""
    return f'<a href="{address}"{current}>{escape(words)}</a>'


def _why_empty(shown: Shown) -> str:
    who = "No such client has" if shown.client is None else f"The client “{escape(shown.client)}” has not"
    how = (
        'Open a chart on <a href="./">the try-it page</a>: each card that you see is a call, and Accept and Override are feedback.'
        if shown.demo
        else "Calls come when an EHR of VACDS_CLIENTS_FILE opens a chart. If it should have: see vacds_requests_total in "
        '<a href="metrics">the metrics</a>, where refused calls (401, 503) are counted too, and VACDS_DATABASE_URL: this page '
        "shows the calls of this database only."
    )
    return (
        f'<section class="empty"><h2>Nothing to show yet</h2><p>{who} called in the last {shown.days} days. {how}</p>'
        "<p>A call is here a moment after it was answered: load the page again.</p></section>"
    )


def _section(shown: Shown, name: str, table: Table) -> str:
    file = shown.address(f"dashboard/{name}.csv")
    title = escape(table.title)
    head = f'<h2 id="{name}">{title}</h2><p class="about">{escape(table.about)}</p>'
    if not table.rows:
        return f'<section aria-labelledby="{name}">{head}<p class="none">{escape(table.empty)}</p></section>'
    columns = "".join(map(_heading, table.columns, table.rows[0]))
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return (
        f'<section aria-labelledby="{name}">{head}<div class="scroll" tabindex="0" role="region" aria-labelledby="{name}">'
        f"<table><thead><tr>{columns}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"
        f'<p class="file"><a href="{file}" download>{title} as CSV</a></p></section>'
    )


def _heading(column: str, below: Cell) -> str:
    number = "" if isinstance(below, str | tuple) else ' class="number"'
    return f'<th scope="col"{number}>{escape(column)}</th>'


def _cell(cell: Cell) -> str:
    match cell:
        case Share():
            return _bar(cell)
        case tuple():
            return f"<td><ul>{''.join(f'<li>{escape(each)}</li>' for each in cell)}</ul></td>" if cell else "<td></td>"
        case str():
            return f"<td>{escape(cell)}</td>"
        case None:
            return NOTHING
    return f'<td class="number">{cell:,}</td>'


def _bar(share: Share) -> str:
    if share.percent is None:
        return NOTHING
    bar = f'<span class="bar" aria-hidden="true"><span class="w{share.percent:.0f}"></span></span>'
    return f'<td class="number share">{bar}<span class="percent">{share.percent:.1f}</span></td>'
