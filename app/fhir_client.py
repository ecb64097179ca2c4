"""One HTTP exchange with a FHIR server, or with a client's key set: bounded in time, size, number. The only file that sends anything.

httpx's transport is used without its client: so there are no redirects, no cookies kept, no environment, no default headers and no
log line with the address in it, rather than each of these switched off. The token is a header of the single request.
"""

import asyncio
import random
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import msgspec

from app.fhir_access import troubles
from app.fhir_access.errors import FhirRefusal
from app.fhir_access.inflate import parts_of
from app.fhir_access.limits import Limits

ACCEPT = "application/fhir+json, application/json;q=0.9"
FORM = "application/x-www-form-urlencoded"
NAME = "vertebral-augmentation-cds"
CONNECTING = 0.9
ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)

Form = tuple[tuple[str, str], ...]
Enough = Callable[[bytearray], bool]
Origin = tuple[str, bytes, int | None]


class Answer(msgspec.Struct, frozen=True):
    """The body is empty unless the status is 200."""

    status: int
    body: bytes = b""


class Allowance(msgspec.Struct):
    """What one call may still use: `deadline` on the loop's clock, bytes of all its answers."""

    deadline: float
    bytes_left: int

    @property
    def seconds_left(self) -> float:
        return self.deadline - asyncio.get_running_loop().time()

    def use(self, size: int) -> None:
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise FhirRefusal(troubles.TOO_LARGE)


class FhirClient:
    """The connections of the whole process, with one TLS context: to make one costs tens of milliseconds (trust.md 3, fault 33).

    A transport is used for one request at a time and then kept for the next to that server. httpx's own pool looks at every connection
    and every waiting request for each of them: at 48 at once that is four times the cost of the rest. How many there are at once is
    decided before requests come here.
    """

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        # The system's certificates, or those of SSL_CERT_FILE: a hospital's own authority is there if anywhere.
        self._tls = tls or ssl.create_default_context()
        self._idle: defaultdict[Origin, list[httpx.AsyncHTTPTransport]] = defaultdict(list)

    async def close(self) -> None:
        for transports in self._idle.values():
            while transports:
                await transports.pop().aclose()

    async def get(self, url: httpx.URL, token: str | None, allowance: Allowance) -> Answer:
        return await self._ask(_request("GET", url, token), allowance)

    async def post_form(self, url: httpx.URL, form: Form, token: str | None, allowance: Allowance) -> Answer:
        """A search: so that the patient's id does not stand in addresses, which proxies log."""
        return await self._ask(_request("POST", url, token, urlencode(form).encode()), allowance)

    async def beginning(self, url: httpx.URL, is_enough: Enough, accept: str = ACCEPT) -> bytes:
        """The first bytes of an answer, without a token, until they are enough; none unless 200. FhirRefusal past `metadata_bytes`."""
        async with self._sent(_request("GET", url, None, accept=accept), self._limits.metadata_seconds) as answer:
            return await self._read(answer, None, is_enough) if answer.status_code == httpx.codes.OK else b""

    async def document(self, url: httpx.URL, accept: str) -> bytes:
        """The same to its end. The caller has a deadline over it."""
        return await self.beginning(url, lambda body: False, accept)

    async def _ask(self, request: httpx.Request, allowance: Allowance) -> Answer:
        """With one more try where the failure may pass and there is time for it: reads and searches may be repeated."""
        try:
            return await self._once(request, allowance)
        except FhirRefusal as refusal:
            if not _may_pass(refusal) or allowance.seconds_left < self._limits.retry_needs:
                raise
        await asyncio.sleep(random.uniform(*self._limits.retry_after))  # noqa: S311 - to spread calls, not to hide anything
        return await self._once(request, allowance)

    async def _once(self, request: httpx.Request, allowance: Allowance) -> Answer:
        async with self._sent(request, allowance.seconds_left) as answer:
            if answer.status_code in troubles.RETRIED:
                raise FhirRefusal(troubles.SERVER_FAILED, answer.status_code)
            if answer.status_code != httpx.codes.OK:
                return Answer(answer.status_code)
            if not _is_json(answer.headers):
                raise FhirRefusal(troubles.UNREADABLE, answer.status_code)
            return Answer(answer.status_code, await self._read(answer, allowance))

    @asynccontextmanager
    async def _sent(self, request: httpx.Request, seconds: float) -> AsyncIterator[httpx.Response]:
        """The response, its body unread, closed at the end. The caller's deadline is over everything, a drip of bytes included.

        Connecting alone has a limit here, just short of that: cancelled in a TLS handshake, httpcore would leave the socket open.
        """
        request.extensions = {"timeout": {"connect": max(seconds, 0.0) * CONNECTING}}
        idle = self._idle[request.url.scheme, request.url.raw_host, request.url.port]
        transport = idle.pop() if idle else httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=ONE)
        try:
            answer = await _answer(transport, request)
            try:
                yield answer
            finally:
                await answer.aclose()
        except BaseException:  # in what state a broken or cancelled exchange leaves it is not known: it is not used again
            await transport.aclose()
            raise
        if len(idle) < self._limits.idle_connections:
            idle.append(transport)
        else:
            await transport.aclose()

    async def _read(self, answer: httpx.Response, allowance: Allowance | None, is_enough: Enough | None = None) -> bytes:
        limit = self._limits.page_bytes if allowance is not None else self._limits.metadata_bytes
        body = bytearray()
        try:
            async for part in parts_of(answer, limit):
                body += part
                if allowance is not None:
                    allowance.use(len(part))
                if len(body) > limit:
                    raise FhirRefusal(troubles.TOO_LARGE, answer.status_code)
                if is_enough is not None and is_enough(body):
                    break
        except httpx.TransportError:
            raise FhirRefusal(troubles.UNREACHABLE) from None
        return bytes(body)


async def _answer(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
    try:
        return await transport.handle_async_request(request)
    except httpx.TimeoutException:
        raise FhirRefusal(troubles.LATE) from None
    except httpx.TransportError as error:
        raise FhirRefusal(troubles.NOT_CERTIFIED if _is_of_tls(error) else troubles.UNREACHABLE) from None


def _request(method: str, url: httpx.URL, token: str | None, form: bytes | None = None, accept: str = ACCEPT) -> httpx.Request:
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": NAME}
    if form is not None:
        headers["Content-Type"] = FORM
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Request(method, url, headers=headers, content=form)


def _may_pass(refusal: FhirRefusal) -> bool:
    return refusal.trouble in (troubles.SERVER_FAILED, troubles.UNREACHABLE)


def _is_json(headers: httpx.Headers) -> bool:
    """By the media type's name; what says nothing of its type is left to the parser."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return not kind or "json" in kind


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether the other side's certificate, or its TLS, was the reason: another try would end the same way."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
