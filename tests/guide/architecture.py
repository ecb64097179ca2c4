"""docs/architecture.svg: the rooms in the order of the import contract, and between them the imports that there really are.

Where a line runs is drawn here; whether it is drawn is read from the import graph, and what hangs in a room from its packages.
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "architecture.svg"
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
WIDTH, HEIGHT = 860, 504

Edges = set[tuple[str, str]]


class Room(NamedTuple):
    """Where a room stands, and what it is for."""

    left: int
    top: int
    width: int
    says: str
    height: int = 76


ROOMS = {
    "app": Room(20, 60, 820, "the network, the clock, the disk, the demo"),
    "hooks": Room(200, 190, 460, "the CDS Hooks services: discovery, prefetch, one folder a hook"),
    "fhir_mapping": Room(60, 320, 220, "FHIR R4 JSON to the record"),
    "cards": Room(320, 320, 220, "an assessment to cards"),
    "guidelines": Room(580, 320, 220, "criteria, flags, thresholds"),
    "clinical": Room(60, 430, 740, "the vocabulary: three-valued status, partial dates, levels, the record, the assessment", 56),
}
ROUTES = {
    ("app", "hooks"): "430,136 430,190",
    ("app", "fhir_mapping"): "140,136 140,320",
    ("app", "guidelines"): "720,136 720,320",
    ("app", "cards"): "180,136 180,292 360,292 360,320",
    ("app", "clinical"): "36,136 36,468 60,468",
    ("hooks", "fhir_mapping"): "240,266 240,320",
    ("hooks", "cards"): "430,266 430,320",
    ("hooks", "guidelines"): "620,266 620,320",
    ("hooks", "clinical"): "560,266 560,430",
    ("fhir_mapping", "clinical"): "170,396 170,430",
    ("cards", "clinical"): "430,396 430,430",
    ("guidelines", "clinical"): "690,396 690,430",
}
STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1b2733}.name{font-size:17px;font-weight:600}.says{font-size:12.5px}"
    ".packages{font-size:11.5px;fill:#4a5a68}.room{fill:#fff;stroke:#33506b;stroke-width:1.5}"
    ".way{fill:none;stroke:#33506b;stroke-width:1.5}"
)
ARROW = (
    '<marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4.5" orient="auto">'
    '<path d="M0,0 L9,4.5 L0,9 z" fill="#33506b"/></marker>'
)
CAPTION = "An arrow is an import; there is no other. Data come in as bytes at the top and leave there as cards."


def graph() -> tuple[Edges, dict[str, list[str]]]:
    """Which room imports which, and the packages in each."""
    sys.path.insert(0, str(ROOT))
    found = grimp.build_graph(*CONTRACT["root_packages"], cache_dir=None)
    sys.path.remove(str(ROOT))
    pairs = {(module, other) for module in found.modules for other in found.find_modules_directly_imported_by(module)}
    edges = {(room_of(module), room_of(other)) for module, other in pairs if room_of(module) != room_of(other)}
    packages = {room: sorted(each.rpartition(".")[2] for each in found.find_children(room) if found.find_children(each)) for room in ROOMS}
    return edges, packages


def room_of(module: str) -> str:
    return module.partition(".")[0]


def picture() -> str:
    edges, packages = graph()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title what">',
        '<title id="title">The rooms of Vertebral Augmentation CDS</title>',
        f'<desc id="what">{escape(told(edges))}</desc>',
        f"<style>{STYLE}</style><defs>{ARROW}</defs>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#eef3f7"/>',
        f'<text x="20" y="36" class="says">{CAPTION}</text>',
    )
    ways = (f'<polyline class="way" points="{ROUTES[edge]}" marker-end="url(#tip)"/>' for edge in sorted(edges))
    rooms = (line for name, room in ROOMS.items() for line in drawn(name, room, packages[name]))
    return "\n".join((*head, *ways, *rooms, "</svg>")) + "\n"


def told(edges: Edges) -> str:
    """The picture in words."""
    return "; ".join(
        f"{room} imports {', '.join(sorted(to for of, to in edges if of == room)) or 'nothing of the others'}" for room in ROOMS
    )


def drawn(name: str, room: Room, packages: list[str]) -> Iterator[str]:
    yield f'<rect class="room" x="{room.left}" y="{room.top}" width="{room.width}" height="{room.height}" rx="8"/>'
    for line, (kind, text) in enumerate((("name", f"{name}/"), ("says", room.says), ("packages", ", ".join(packages)))):
        if text:
            yield f'<text class="{kind}" x="{room.left + 14}" y="{room.top + 25 + 20 * line}">{escape(text)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
