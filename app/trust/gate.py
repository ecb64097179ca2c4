"""Who may call the services, `/evaluations` and feedback.

Where authentication is required nobody is known yet: the verification of a client's token is not part of this version, so every call
is refused. Closed is the only safe answer until then.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from app.errors import NotAuthenticated
from app.trust.caller import ANYBODY, Caller

Gate = Callable[[Request], Awaitable[Caller]]
"""Who calls, if that may; NotAuthenticated for every other."""


async def open_gate(request: Request) -> Caller:
    """Demo mode with VACDS_AUTH=off: whatever the Authorization header says is not looked at."""
    return ANYBODY


async def closed_gate(request: Request) -> Caller:
    raise NotAuthenticated
