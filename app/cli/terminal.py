"""The one door to the terminal: what is written is visible ASCII, whatever a record holds, in lines that fit.

A reference from a record may hold what moves the cursor, clears the screen or reverses the text; here it is seen as `\\x1b`.
"""

import re
import sys
import textwrap
from collections.abc import Iterable

WIDTH = 92
_UNSEEN = re.compile(r"[^ -~\n]")


class Refused(Exception):
    """What was asked cannot be done. One line, which names the file and holds nothing that stands in it."""


def visible(text: str) -> str:
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def say(lines: Iterable[str]) -> None:
    sys.stdout.write(visible("\n".join(lines)) + "\n")


def complain(line: str) -> None:
    sys.stderr.write(visible(" ".join(line.split("\n"))) + "\n")


def wrapped(text: str, indent: int, first: str = "") -> list[str]:
    """A text in lines that begin at column `indent`; `first` stands before the first of them."""
    return textwrap.wrap(visible(text), WIDTH, initial_indent=first.ljust(indent), subsequent_indent=" " * indent, break_on_hyphens=False)
