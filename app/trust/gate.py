"""Who may call the services, `/evaluations` and feedback.

Where authentication is required nobody is known yet: the verification of a client's token is not part of this version, so every call
is refused. Closed is the only safe answer until then.
"""

from collections.abc import Callable

from starlette.datastructures import Headers

from app.errors import NotAuthenticated

Gate = Callable[[Headers], None]
"""Returns for a caller that may, raises NotAuthenticated for every other."""


def open_gate(headers: Headers) -> None:
    """Demo mode with VACDS_AUTH=off: whatever the Authorization header says is not looked at."""


def closed_gate(headers: Headers) -> None:
    raise NotAuthenticated
