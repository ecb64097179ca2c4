"""The guide as a site: it builds without a warning, its links lead somewhere, it loads nothing from elsewhere, its commands work."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.cli.vacds import reference_bundle, written
from tests.guide.building import built
from tests.guide.generated import DOCS
from tests.house.tree import ROOT

LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
LOADED_BY_CSS = re.compile(r"(?:@import|url\()\s*[\"']?([^\"')]+)")
COMMAND = re.compile(r"^ *(\.venv/bin/python -m app\.cli .+?)$", re.MULTILINE)
KINDS = ("connect", "configure", "operate", "clinical", "safety", "decisions")


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.places.add(told.get("id", ""))
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if LOADING.get(tag) in told and told.get("rel") not in ("search", "index", "next", "prev"):
            self.loaded.append(told[LOADING[tag]])


@pytest.fixture(scope="module")
def built_pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_page_of_every_kind_is_built(site: Path) -> None:
    sources = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    assert [str(name) for name in sources if not (site / f"{name}.html").is_file()] == []
    assert [kind for kind in KINDS if not list((DOCS / kind).glob("*.md"))] == []


def test_every_link_inside_leads_somewhere(built_pages: dict[Path, Page]) -> None:
    dead = [
        f"{path.name}: {link}" for path, page in built_pages.items() for link in page.links if not leads_somewhere(path, link, built_pages)
    ]
    assert dead == []


def leads_somewhere(path: Path, link: str, built_pages: dict[Path, Page]) -> bool:
    if "://" in link or link.startswith("mailto:"):
        return True
    target, place = urldefrag(unquote(link))
    found = (path.parent / target).resolve() if target else path
    if not place or place == "":
        return found.exists()
    return found in built_pages and place in built_pages[found].places


def test_nothing_is_loaded_from_elsewhere(site: Path, built_pages: dict[Path, Page]) -> None:
    loaded = {f"{path.name}: {address}" for path, page in built_pages.items() for address in page.loaded if is_elsewhere(address)}
    styles = {
        f"{path.name}: {address}" for path in site.rglob("*.css") for address in LOADED_BY_CSS.findall(path.read_text(encoding="utf-8"))
    }
    assert loaded | {told for told in styles if is_elsewhere(told.partition(": ")[2])} == set()


def is_elsewhere(address: str) -> bool:
    return "://" in address or address.startswith("//")


def test_a_new_page_appears_by_itself(tmp_path: Path) -> None:
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    (source / "a-new-matter.md").write_text("# A matter of no kind\n", encoding="utf-8")
    (source / "connect" / "new-ehr.md").write_text("# Connect a new EHR\n", encoding="utf-8")
    (source / "new-folder").mkdir()
    (source / "new-folder" / "page.md").write_text("# A folder of no kind\n", encoding="utf-8")
    links = Page(built(source, tmp_path / "built") / "index.html").links
    assert {"a-new-matter.html", "connect/new-ehr.html", "new-folder/page.html"} <= set(links)


def commands() -> Iterator[tuple[str, str]]:
    for page in sorted(DOCS.rglob("*.md")):
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            yield from ((page.stem, command) for command in COMMAND.findall(block))


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_a_command_of_the_guide_works_as_it_stands(page: str, command: str, tmp_path: Path) -> None:
    here = command.replace(".venv/bin/python", sys.executable).replace(" bundle.json", f" {written(tmp_path, reference_bundle())}")
    done = subprocess.run(["bash", "-c", here], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout != "") == (0, True), done.stderr
