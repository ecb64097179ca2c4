"""`GET /`: the try-it page. Server-rendered HTML, its own style and script, and nothing from anywhere else."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template

import msgspec
from fastapi import APIRouter, Request
from markdown_it import MarkdownIt
from starlette.responses import Response

from app.demo.charts import Charts
from app.demo.profiles import descriptions
from app.demo.samples import Sample
from app.errors import BadRequest, NothingThere
from app.outcomes import JSON, NO_STORE
from app.routes.documents import errors

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify"
)
"""The browser itself lets no string become markup but through DOMPurify's policy."""
GUARDED = {**NO_STORE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"}

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_GROUPS = {
    "criteria-met": "The criteria are met",
    "information-needed": "Something is missing",
    "criteria-not-met": "The criteria are not met",
    "blocked": "A safety flag comes first",
    "no-evaluable-fracture": "No fracture to assess",
    "out-of-scope": "Outside the guideline's scope",
}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


class Texts(msgspec.Struct, frozen=True):
    """The `detail` of each card."""

    texts: list[str]


class TryIt:
    """The page and what it is made of."""

    def __init__(self, charts: Charts, own_profile: str) -> None:
        self._charts = charts
        self._page = Template((_STATIC / "page.html").read_text(encoding="utf-8"))
        self._profiles = profile_options(own_profile, descriptions())
        self._files = {path.name: path.read_bytes() for path in _STATIC.iterdir() if path.suffix in _MEDIA_TYPES}

    async def page(self) -> Response:
        """The try-it page: open a chart, see the cards and why, change a fact and see what becomes of them."""
        html = self._page.substitute(options=options(self._charts.samples()), profiles=self._profiles)
        return Response(html, headers=GUARDED, media_type="text/html")

    async def file(self, name: str) -> Response:
        """What the page is made of: its own style and scripts."""
        if name not in self._files:
            raise NothingThere
        return Response(self._files[name], headers=GUARDED, media_type=_MEDIA_TYPES[Path(name).suffix])

    async def markdown(self, request: Request) -> Response:
        """Renders the Markdown of cards to HTML for the page, with raw HTML and images switched off."""
        try:
            asked = msgspec.json.decode(await request.body(), type=Texts)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadRequest('the body is {"texts": [...]}') from None
        rendered = [_MARKDOWN.render(text) for text in asked.texts]
        return Response(msgspec.json.encode({"html": rendered}), headers=NO_STORE, media_type=JSON)


def options(samples: Iterable[Sample]) -> str:
    """`<optgroup>` per documented outcome, in the order in which outcomes are explained."""
    told = list(samples)
    groups = ((words, [_option(sample) for sample in told if sample.expected.outcome == outcome]) for outcome, words in _GROUPS.items())
    return "\n".join(f'<optgroup label="{escape(words)}">{"".join(inside)}</optgroup>' for words, inside in groups if inside)


def _option(sample: Sample) -> str:
    told = f'data-story="{escape(sample.story)}" data-expected="{escape(sample.expected.outcome)}"'
    return f'<option value="{escape(sample.id)}" {told}>{escape(sample.title)}</option>'


def profile_options(own: str, described: Mapping[str, str]) -> str:
    """`<option>` per threshold profile: the service's own first, with an empty value, then those that ship and are not its own."""
    first = f'<option value="">{escape(Path(own).stem)}, as this service is set</option>'
    rest = [f'<option value="{escape(name)}">{escape(name)}: {escape(words)}</option>' for name, words in described.items() if name != own]
    return "\n".join([first, *rest])


def page_router(try_it: TryIt) -> APIRouter:
    router = APIRouter(tags=["try it"])
    router.add_api_route("/", try_it.page, methods=["GET"], responses=_html(), response_model=None)
    router.add_api_route("/demo/static/{name}", try_it.file, methods=["GET"], include_in_schema=False, response_model=None)
    router.add_api_route(
        "/demo/markdown",
        try_it.markdown,
        methods=["POST"],
        responses=errors(400, 413),
        openapi_extra=_texts_body(),
        response_model=None,
    )
    return router


def _html() -> dict[int | str, dict[str, object]]:
    return {200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}}


def _texts_body() -> dict[str, object]:
    schema = {"type": "object", "required": ["texts"], "properties": {"texts": {"type": "array", "items": {"type": "string"}}}}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": {"texts": ["**Bold**"]}}}}}
