"""GET /docs and /openapi.json, in demo mode only. The page is our own: nothing of it comes from another machine."""

from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from app.api_page import drawing
from app.outcomes import NO_STORE

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
GUARDED = {**NO_STORE, "Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"}

_STATIC = Path(drawing.__file__).parent / "static"


def add(app: FastAPI, described: Callable[[FastAPI], dict[str, Any]]) -> None:
    style = (_STATIC / "api.css").read_bytes()

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi_json() -> Response:
        return JSONResponse(described(app))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page(described(app)), headers=GUARDED, media_type="text/html")

    @app.get("/docs/api.css", include_in_schema=False)
    async def docs_style() -> Response:
        return Response(style, headers=GUARDED, media_type="text/css")


def page(document: dict[str, Any]) -> str:
    """The whole document as one page."""
    info = document["info"]
    return Template((_STATIC / "api.html").read_text(encoding="utf-8")).substitute(
        title=drawing.inline(info["title"]),
        version=drawing.inline(info["version"]),
        description=drawing.inline(info["description"]),
        contents=drawing.contents(document),
        operations=drawing.described(document),
        schemas=drawing.schemas(document),
    )
