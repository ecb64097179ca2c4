"""Who calls, as far as a call's trust goes."""

from collections.abc import Sequence

import msgspec

from app.fhir_access.addresses import FhirServer
from cards.suggestions import Style


class Caller(msgspec.Struct, frozen=True):
    """`name` is the client's in VACDS_CLIENTS_FILE: ours to show and to count by; the rest is from its verified token and its entry there.

    `fhir_servers` None: those that may be asked without knowing who calls. `deadline`, in seconds, None: the service's own.
    """

    name: str
    issuer: str = ""
    tenant: str = ""
    card_style: Style = "standard"
    fhir_servers: Sequence[FhirServer] | None = None
    deadline: float | None = None


ANYBODY = Caller("anybody")
"""Everyone, where authentication is off."""
