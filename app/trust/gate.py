"""Who may call the services, `/evaluations`, feedback and discovery.

Every refusal is the same 401 after at least the same time, whatever the reason; the reason goes to the log, without the token.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NoReturn

from starlette.requests import Request

from app.errors import NotAuthenticated, StoreUnavailable
from app.store.replay import ReplayStore
from app.trust.caller import ANYBODY, Caller
from app.trust.clients import Client
from app.trust.key_ring import KeyRing
from app.trust.token import Refused, Token, check, read_token, verify

log = logging.getLogger(__name__)

REFUSAL_SECONDS = 0.02  # more than any check but the asking for keys takes: how soon we refuse tells nothing of why

Gate = Callable[[Request], Awaitable[Caller]]
"""Who calls, if that may; NotAuthenticated for every other."""


async def open_gate(request: Request) -> Caller:
    """Demo mode with VACDS_AUTH=off: whatever the Authorization header says is not looked at."""
    return ANYBODY


class TokenGate:
    """Lets in whoever brings a token of one of the clients, signed, for this endpoint, in time and for the first time.

    Nobody where there is no store of used tokens.
    """

    def __init__(self, clients: Sequence[Client], rings: Mapping[str, KeyRing], replay: ReplayStore | None) -> None:
        self._clients = {client.issuer: client for client in clients}
        self._rings = rings
        self._replay = replay

    async def __call__(self, request: Request) -> Caller:
        begun = time.monotonic()
        attempt = _Attempt()
        try:
            return await self._caller(request, attempt)
        except StoreUnavailable:  # it is not the token that is wrong
            raise
        except Exception as error:  # noqa: BLE001 - whatever is odd about a token, its bearer learns nothing from it
            await self._refuse(attempt, error, begun)

    async def _caller(self, request: Request, attempt: "_Attempt") -> Caller:
        values = request.headers.getlist("authorization")
        token = attempt.token = read_token(values[0] if len(values) == 1 else "")
        client = attempt.client = self._clients.get(token.claims.iss)
        if client is None:
            raise Refused("issuer")
        check(token, client, request.scope["path"], time.time())
        key = await self._rings[client.issuer].key(token.header.kid)
        if key is None:
            raise Refused("key")
        verify(token, key)
        if self._replay is None or not await self._replay.first_use(client.issuer, token.claims.jti, token.claims.over):
            raise Refused("replayed")
        return Caller(client.name, client.issuer, token.claims.tenant or "", client.card_style, client.fhir_servers, client.deadline)

    async def _refuse(self, attempt: "_Attempt", error: Exception, begun: float) -> NoReturn:
        reason = error.reason if isinstance(error, Refused) else "failed"
        facts = {"event": "token-refused", "reason": reason, **attempt.facts()}
        log.warning("a token was refused", extra=facts if isinstance(error, Refused) else {**facts, "error": type(error).__name__})
        await asyncio.sleep(begun + REFUSAL_SECONDS - time.monotonic())
        raise NotAuthenticated from None


class _Attempt:
    """What is known so far of who tries."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self.client: Client | None = None

    def facts(self) -> Mapping[str, str]:
        """For the log: a name of ours, and hashes of what the token says, which may be anything."""
        said = {} if self.token is None else {"kid": _hash(self.token.header.kid), "jti": _hash(self.token.claims.jti)}
        return said if self.client is None else {**said, "client": self.client.name}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
