"""The guide as a site: `make docs` writes it into build/docs. Nothing in it is loaded from elsewhere."""

from pathlib import Path
from typing import Any

project = "Vertebral Augmentation CDS"
html_title = project
language = "en"
extensions = ["myst_parser"]
myst_heading_anchors = 3
smartquotes = False  # `--date` is an option and no dash
html_theme = "furo"
html_copy_source = False
html_show_sphinx = html_show_copyright = False

HERE = Path(__file__).parent
REST = "<!-- pages that no kind names -->"


def setup(app: Any) -> None:
    app.connect("source-read", with_the_rest)


def with_the_rest(app: Any, name: str, source: list[str]) -> None:
    """On the first page, the pages that it names neither themselves nor by their folder: a new page is never out of sight."""
    if name == "index":
        pages = sorted(path.relative_to(HERE).with_suffix("") for path in HERE.rglob("*.md"))
        rest = [page for page in pages if f"\n{page}\n" not in source[0] and f"\n{page.parent}/*\n" not in source[0]]
        source[0] = source[0].replace(REST, "\n".join(str(page) for page in rest if str(page) != name))
