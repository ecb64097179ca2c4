"""The wire in the specification's words (cds-hooks.md 1.2 to 1.10): what the OpenAPI document shows, and the response as bytes.

The models document and test the messages; on the way in `hooks.envelope` reads the bytes, on the way out `encode_response` writes them.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field, StrictStr

from cards.card import Card as CardStruct
from clinical.assessment import Assessment
from hooks.evaluation import Evaluation
from hooks.patient_view.context import FHIR_ID

EVALUATION = "vertebral-augmentation-cds.evaluation"
"""The extension's name in a response (contract 3)."""

NonEmpty = Annotated[StrictStr, Field(min_length=1)]


class Response(msgspec.Struct, frozen=True):
    cards: Sequence[CardStruct]
    extension: dict[str, Assessment] | msgspec.UnsetType = msgspec.UNSET


_encoder = msgspec.json.Encoder()


def encode_response(cards: Sequence[CardStruct], assessment: Assessment | None) -> bytes:
    """A CDSResponse, with the Evaluation as an extension where one is given."""
    return _encoder.encode(Response(cards, msgspec.UNSET if assessment is None else {EVALUATION: assessment}))


class CDSServiceEntry(BaseModel):
    """One service in discovery."""

    hook: str
    title: str
    description: str
    id: str
    prefetch: dict[str, str] = Field(description="Prefetch key to FHIR query; tokens of CDS Hooks 2.0.1 only.")
    usageRequirements: str


class Discovery(BaseModel):
    services: list[CDSServiceEntry]


class FhirAuthorization(BaseModel):
    """How the client lets the service read its FHIR server. Only `patient` is looked at: it must be the patient of the context."""

    access_token: Any = None
    token_type: Any = None
    expires_in: Any = None
    scope: Any = None
    subject: Any = None
    patient: StrictStr | None = None


class PatientViewContext(BaseModel):
    patientId: Annotated[StrictStr, Field(pattern=f"^{FHIR_ID}$", description="The id of a Patient, without `Patient/`.")]
    userId: Annotated[StrictStr, Field(min_length=1, description="Practitioner, PractitionerRole, Patient or RelatedPerson, as Type/id.")]
    encounterId: StrictStr | None = None


class CDSRequest(BaseModel):
    """What every hook's call holds. Unknown members are ignored; a member given twice is refused."""

    hookInstance: NonEmpty
    fhirServer: StrictStr | None = None
    fhirAuthorization: FhirAuthorization | None = None
    prefetch: dict[str, Any] | None = Field(
        default=None,
        description="Resources by the keys of discovery. A key left out was not retrieved; null or a Bundle without entry is "
        "an empty result; an OperationOutcome is a failed one; a Bundle with a next link is partial.",
    )


class PatientViewRequest(CDSRequest):
    hook: Literal["patient-view"]
    context: PatientViewContext


class OrderSignContext(PatientViewContext):
    draftOrders: dict[str, Any] | list[Any] | None = Field(
        default=None,
        description="The unsigned orders, a Bundle of ServiceRequests and others. Read as it comes: what cannot be read is no order.",
    )


class OrderSelectContext(OrderSignContext):
    selections: list[StrictStr] | None = Field(default=None, description="The orders just chosen, as Type/id; each is in draftOrders.")


class OrderSelectRequest(CDSRequest):
    hook: Literal["order-select"]
    context: OrderSelectContext


class OrderSignRequest(CDSRequest):
    hook: Literal["order-sign"]
    context: OrderSignContext


REQUESTS: dict[str, type[CDSRequest]] = {
    "patient-view": PatientViewRequest,
    "order-select": OrderSelectRequest,
    "order-sign": OrderSignRequest,
}
"""The call of each hook."""


class Coding(BaseModel):
    system: str
    code: str
    display: str | None = None


class Source(BaseModel):
    label: str
    url: str
    topic: Coding


class Link(BaseModel):
    """`smart` is the assessment form as a SMART app, where the client has registered it."""

    label: str
    url: str
    type: Literal["absolute", "smart"]


class Action(BaseModel):
    """Never applied by itself: a person takes the suggestion or leaves it."""

    type: Literal["create", "delete"]
    description: str
    resource: dict[str, Any] | None = Field(default=None, description="With create: a draft FHIR R4 resource of intent proposal.")
    resourceId: str | None = Field(default=None, description="With delete: the draft order, as Type/id.")


class Suggestion(BaseModel):
    label: str
    uuid: str
    actions: list[Action]


class Card(BaseModel):
    uuid: str
    summary: Annotated[str, Field(max_length=139, description="One sentence.")]
    detail: Annotated[str, Field(description="GitHub-Flavored Markdown without HTML.")]
    indicator: Literal["info", "warning", "critical"]
    source: Source
    suggestions: list[Suggestion] | None = Field(default=None, description="Drafts only; the text of the card stands without them.")
    selectionBehavior: Literal["at-most-one", "any"] | None = Field(default=None, description="With suggestions.")
    overrideReasons: list[Coding]
    links: list[Link]


class ResponseExtension(BaseModel):
    evaluation: Evaluation = Field(alias=EVALUATION)


class CDSResponse(BaseModel):
    cards: list[Card]
    extension: ResponseExtension | None = Field(default=None, description="Only where VACDS_EXPLAIN is on.")


class OverrideReason(BaseModel):
    reason: Coding | None = None
    userComment: str | None = None


class AcceptedSuggestion(BaseModel):
    id: str


class FeedbackItem(BaseModel):
    """What a user did with one card."""

    card: NonEmpty
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: NonEmpty
    acceptedSuggestions: list[AcceptedSuggestion] | None = None
    overrideReason: OverrideReason | None = None


class Feedback(BaseModel):
    feedback: list[FeedbackItem]


class FeedbackAnswer(BaseModel):
    """Empty: the specification defines no body."""
