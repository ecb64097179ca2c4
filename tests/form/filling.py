"""What a person does on the form, and what a checker of accessibility says of a page."""

from datetime import UTC, datetime

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def examined(page: Page, *, complete: bool = True) -> None:
    """Tender at L4, today."""
    examination = page.get_by_role("group", name="Examination").first
    examination.get_by_label("Vertebra examined").select_option(label="L4")
    examination.get_by_role("radio", name="there", exact=True).check()
    if complete:
        examination.get_by_label("Day of examination").fill(datetime.now(UTC).date().isoformat())


def serious_issues(page: Page) -> list[str]:
    """What axe calls serious or critical, as 'rule: element'."""
    found = Axe().run(page).response["violations"]
    return [f"{issue['id']}: {node['html']}" for issue in found if issue["impact"] in SERIOUS for node in issue["nodes"]]
