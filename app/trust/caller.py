"""Who calls, as far as a call's trust goes."""

import msgspec

from cards.suggestions import Style


class Caller(msgspec.Struct, frozen=True):
    """`name` is the client's in VACDS_CLIENTS_FILE: ours to show and to count by; the rest is from its verified token."""

    name: str
    issuer: str = ""
    tenant: str = ""
    card_style: Style = "standard"


ANYBODY = Caller("anybody")
"""Everyone, where authentication is off."""
