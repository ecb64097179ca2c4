"""GET /fhir/{type}/{id}: the guideline as computable artefacts, FHIR R4 JSON (docs/knowledge.md)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import fastapi
import msgspec
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from app.body import FHIR_JSON
from app.errors import NothingThere
from app.routes.documents import errors

KINDS = ("CodeSystem", "ValueSet", "ConceptMap", "Questionnaire", "PlanDefinition", "Library")
Artefacts = Mapping[tuple[str, str], bytes]

Kind = Annotated[str, fastapi.Path(json_schema_extra={"enum": list(KINDS)})]


class Artefact(BaseModel):
    """A FHIR R4 resource."""

    model_config = ConfigDict(extra="allow")

    resourceType: str
    id: str


class _Identity(msgspec.Struct, frozen=True):
    resource_type: str = msgspec.field(name="resourceType", default="")
    id: str = ""


def read_artefacts(folder: Path) -> Artefacts:
    """Every resource of these kinds under a guideline's folder, by type and id."""
    bodies = (path.read_bytes() for path in sorted(folder.rglob("*.json")))
    named = ((msgspec.json.decode(body, type=_Identity), body) for body in bodies)
    return {(name.resource_type, name.id): body for name, body in named if name.resource_type in KINDS and name.id}


def add(app: FastAPI, artefacts: Artefacts) -> None:
    fhir_json: dict[int | str, dict[str, Any]] = {200: {"content": {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/Artefact"}}}}}

    @app.get("/fhir/{kind}/{artefact_id}", response_model=Artefact, tags=["Artefacts"], responses={**fhir_json, **errors(404)})
    async def artefact(kind: Kind, artefact_id: str) -> Response:
        """One of our computable artefacts. Their canonical base is a constant and not this address."""
        body = artefacts.get((kind, artefact_id))
        if body is None:
            raise NothingThere("there is no such artefact")
        return Response(body, media_type=FHIR_JSON)
