"""Which call may ask which FHIR server, with what token: what the composition root makes once and closes at the end."""

import asyncio
import logging
import re
import ssl
import time
from collections.abc import Sequence

import msgspec

from app.fhir_access import troubles
from app.fhir_access.addresses import FhirServer, trusted
from app.fhir_access.breaker import Breaker
from app.fhir_access.fetcher import CallFetcher, FetchNotice, NoAccess, ServerState, is_patient_id
from app.fhir_access.limits import Limits
from app.fhir_access.version import Versions
from app.fhir_client import FhirClient
from app.trust.caller import ANYBODY, Caller
from hooks.envelope import CDSCall, RawMembers
from hooks.retrieval import SectionFetcher, Trouble

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,16384}=*")  # RFC 6750, 2.1: it becomes a header
_text = msgspec.json.Decoder(str).decode


class FhirAccess:
    """`token_needed` False: a server may also be asked without a token, which only the demo's may."""

    def __init__(
        self, allowed: Sequence[FhirServer], *, token_needed: bool, limits: Limits | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allowed = allowed
        self._token_needed = token_needed
        self._limits = limits or Limits()
        self._client = FhirClient(self._limits, tls)
        self._versions = Versions(self._client, self._limits)
        self._states: dict[FhirServer, ServerState] = {}
        self._notice: FetchNotice = _nobody

    def tell(self, notice: FetchNotice) -> None:
        """Who is told of what was asked for; before the first call."""
        self._notice = notice

    def fetcher_for(self, call: CDSCall, caller: Caller = ANYBODY) -> SectionFetcher | None:
        """None where the call names no FHIR server. A caller may have servers of its own to name, and no other's (trust.md 2.1)."""
        if call.fhir_server is None:
            return None
        server = trusted(call.fhir_server, self._allowed if caller.fhir_servers is None else caller.fhir_servers)
        if server is None:
            log.warning("a FHIR server that is not trusted was not asked", extra={"event": "untrusted-fhir-server"})
            return NoAccess(troubles.UNTRUSTED, self._notice)
        token = _member(call.fhir_authorization, "access_token")
        if not _may_be_used(call.fhir_authorization, token, needed=self._token_needed):
            return NoAccess(troubles.NO_TOKEN, self._notice)
        patient_id = _member(call.context, "patientId")
        if patient_id is None or not is_patient_id(patient_id):
            return None
        fetcher = CallFetcher(server, self._state(server), client=self._client, versions=self._versions, limits=self._limits_of(caller))
        return fetcher.for_patient(patient_id, token)

    def _limits_of(self, caller: Caller) -> Limits:
        return self._limits if caller.deadline is None else msgspec.structs.replace(self._limits, deadline=caller.deadline)

    async def close(self) -> None:
        await self._versions.close()
        await self._client.close()

    def _state(self, server: FhirServer) -> ServerState:
        """One for each allowed server, so there are no more of them than are configured."""
        if server not in self._states:
            turns = asyncio.Semaphore(self._limits.requests_per_server)
            self._states[server] = ServerState(Breaker(self._limits, time.monotonic), turns, self._notice)
        return self._states[server]


def _nobody(resource_type: str, trouble: Trouble | None) -> None:
    """Until somebody counts."""


def _may_be_used(authorization: RawMembers, token: str | None, *, needed: bool) -> bool:
    if token is None:
        return not needed and "access_token" not in authorization
    kind = _member(authorization, "token_type") or "Bearer"
    return _TOKEN.fullmatch(token) is not None and kind.lower() == "bearer"


def _member(members: RawMembers, name: str) -> str | None:
    """A member that is text."""
    raw = members.get(name)
    try:
        return None if raw is None else _text(raw)
    except msgspec.DecodeError:
        return None
