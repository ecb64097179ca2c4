"""The one door through which text that is not ours enters a card (trust.md 2.4).

Official renderers keep raw HTML and turn bare addresses into links even when they are escaped, so text from the EHR is shown only as
a code span. Our own plain words pass through `plain`, which keeps `score < 7` from being read as markup.
"""

import re
from datetime import date

SPAN_LIMIT = 80  # characters of foreign text shown in one place
NO_TEXT = "no text"

_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BACKTICKS = re.compile(r"`+")
_CELL_BREAKS = re.compile(r"\\?\|")
_MARKUP = re.compile(r"[\\`*_~\[\]<>&#]")
_HOST = re.compile(r"\S\.[^\W\d]{2}|www\.", re.IGNORECASE)
# Printable for Unicode, blank or shape-changing on a screen: fillers, the braille blank, joiners, variation selectors.
_UNSEEN = dict.fromkeys((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


def code_span(text: str, limit: int = SPAN_LIMIT) -> str:
    """Foreign text as one Markdown code span, never empty, at most `limit` characters of it; safe inside a `table_cell`."""
    if "`" not in text and len(text) <= limit and text.isascii() and text.isprintable() and text.strip() == text != "":
        return f"`{text}`"
    shown = _clipped(text, limit) or NO_TEXT
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    padding = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def plain(text: str) -> str:
    """Our own words, made inert: markup is escaped. What looks like an address becomes a code span: escaping does not stop a link."""
    if not text.isprintable():
        text = _visible(text)
    if "://" in text or "@" in text or ("." in text[:-1] and _HOST.search(text)):
        return code_span(text)
    return _MARKUP.sub(r"\\\g<0>", text) if _MARKUP.search(text) else text


def table_cell(inline: str) -> str:
    """Inline Markdown made safe between two pipes. A pipe splits a row even inside a code span, so it is escaped; a backslash before it
    is set apart, because renderers disagree on whether it escapes the escape.
    """
    if not inline.isprintable():
        inline = _visible(inline)
    return _CELL_BREAKS.sub(lambda found: "\\ \\|" if len(found[0]) > 1 else "\\|", inline) if "|" in inline else inline


def date_text(iso: str) -> str:
    """'2026-10-03' -> '3 Oct 2026'; 'from/to' and an open '/to' or 'from/' in words; '' stays ''. ValueError if it is no ISO date."""
    earliest, interval, latest = iso.partition("/")
    if not interval or earliest == latest:
        return _day(earliest) if earliest else ""
    if not earliest:
        return f"on or before {_day(latest)}"
    return f"between {_day(earliest)} and {_day(latest)}" if latest else f"on or after {_day(earliest)}"


def day_text(day: date) -> str:
    """3 Oct 2026: no number that one country reads as a month and another as a day."""
    return f"{day.day} {_MONTHS[day.month]} {day.year}"


def _day(iso: str) -> str:
    return day_text(date.fromisoformat(iso))


def _clipped(text: str, limit: int) -> str:
    """At most `limit` visible characters; a huge text is not walked to its end."""
    window = text[: 4 * limit]
    shown = _visible(window)
    if len(shown) <= limit and len(window) == len(text):
        return shown
    return shown[: limit - 1].rstrip() + "…"


def _visible(text: str) -> str:
    """One line of what can be seen: control, bidirectional, zero-width, surrogate, private and unassigned characters are dropped."""
    seen = "".join(char if char.isprintable() else " " if char.isspace() else "" for char in text)
    return " ".join(seen.translate(_UNSEEN).split())
