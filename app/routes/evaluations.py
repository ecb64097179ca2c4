"""POST /evaluations: one patient's Bundle in, the whole verdict out (contract sections 1, 3 and 6.12)."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Body, FastAPI, Query
from pydantic import BaseModel

from app.body import FHIR_JSON
from app.errors import BadRequest
from app.outcomes import JSON
from app.routes.bytes_route import Described, Place, bytes_route
from app.routes.documents import CLIENT_TOKEN, errors
from app.trust.gate import Gate
from fhir_mapping.errors import PatientUnusable
from fhir_mapping.patient_guard import patient_id_of
from fhir_mapping.section import read_patient_bundle
from hooks.assessor import Assessor
from hooks.envelope import refuse_other_than_utf8
from hooks.evaluation import Evaluation

Day = Annotated[
    str | None, Query(alias="date", description="The day of evaluation; today by default.", json_schema_extra={"format": "date"})
]

FIRST_YEAR, LAST_YEAR = 1900, 2200


class PatientBundle(BaseModel):
    """A FHIR R4 Bundle of type collection, searchset, transaction or batch, with exactly one Patient and that patient's resources."""

    resourceType: Literal["Bundle"]
    type: Literal["collection", "searchset", "transaction", "batch"]
    entry: list[dict[str, Any]]


def evaluate(assessor: Assessor, body: bytes, today: date) -> bytes:
    """Bundle bytes to Evaluation bytes; MappingError or BadCall where it is no Bundle of one patient."""
    refuse_other_than_utf8(body)
    sections = read_patient_bundle(body)
    return msgspec.json.encode(assessor.assess(sections, patient_id=patient_id_of(sections), today=today))


def add(app: FastAPI, assessor: Assessor, gate: Gate, today: Callable[[], date], place: Place) -> None:
    async def evaluations(
        body: Annotated[bytes, Body(media_type=JSON), Described(PatientBundle)],
        day: Day = None,
    ) -> bytes:
        """What the guideline says of this record on that day: every criterion with its evidence, flags, and what could not be read."""
        try:
            return evaluate(assessor, body, today() if day is None else _day(day))
        except PatientUnusable:
            raise BadRequest("the Bundle must hold one Patient that can be read") from None

    app.router.add_api_route(
        "/evaluations",
        evaluations,
        methods=["POST"],
        route_class_override=bytes_route(gate, (JSON, FHIR_JSON), place),
        response_model=Evaluation,
        response_model_by_alias=True,
        dependencies=[CLIENT_TOKEN],
        tags=["Explain"],
        responses=errors(400, 401, 413, 415, 500),
        openapi_extra={"requestBody": {"content": {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/PatientBundle"}}}}},
    )


def _day(text: str) -> date:
    """A day of a century in which there are patients and records of them: on others there is nothing to evaluate."""
    try:
        day = msgspec.convert(text, date)
    except msgspec.ValidationError:
        raise BadRequest("is not a day, YYYY-MM-DD", "date") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRequest("is not a day of the years 1900 to 2200", "date")
    return day
