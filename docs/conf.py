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
    app.connect("html-page-context", with_what_the_theme_leaves_out, priority=900)  # after the theme


def with_the_rest(app: Any, name: str, source: list[str]) -> None:
    """On the first page, the pages that it names neither themselves nor by their folder: a new page is never out of sight."""
    if name == "index":
        pages = sorted(path.relative_to(HERE).with_suffix("") for path in HERE.rglob("*.md"))
        rest = [page for page in pages if f"\n{page}\n" not in source[0] and f"\n{page.parent}/*\n" not in source[0]]
        source[0] = source[0].replace(REST, "\n".join(str(page) for page in rest if str(page) != name))


def with_what_the_theme_leaves_out(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """For screen readers the level of the headings in the sidebar, and for the keyboard a way into what scrolls: code and wide tables."""
    tree, body = context.get("furo_navigation_tree", ""), context.get("body", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["body"] = body.replace("<pre>", '<pre tabindex="0">').replace(
        '<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'
    )
