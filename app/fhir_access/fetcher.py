"""What one call asks of one FHIR server: every search at once, under one deadline (cds-hooks.md 1.4)."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec

from app.admission import tell_overload
from app.errors import Overloaded
from app.fhir_access import troubles
from app.fhir_access.addresses import FHIR_ID, FhirServer
from app.fhir_access.breaker import Breaker
from app.fhir_access.errors import FhirRefusal
from app.fhir_access.limits import Limits
from app.fhir_access.pages import Pages, without
from app.fhir_access.troubles import result_of
from app.fhir_access.version import Versions
from app.fhir_client import Allowance, Answer, FhirClient
from app.observability import traces
from fhir_mapping.errors import MemberTwice
from fhir_mapping.section import SectionState, read_section
from hooks.prefetch import Template
from hooks.retrieval import Fetched, Trouble

log = logging.getLogger(__name__)

PATIENT_ID = "{{context.patientId}}"

FetchNotice = Callable[[str, Trouble | None], None]
"""Is told of each resource type that was wanted, and what was wrong, if anything."""


class ServerState(msgspec.Struct):
    """What is remembered of one server, which is nothing of any patient's."""

    breaker: Breaker
    turns: asyncio.Semaphore
    notice: FetchNotice
    calls: int = 0
    takes_post: bool = True


class NoAccess:
    """A SectionFetcher for a server that must not be asked."""

    def __init__(self, trouble: Trouble, notice: FetchNotice) -> None:
        self._trouble = trouble
        self._notice = notice

    async def fetch(self, templates: Sequence[Template]) -> Mapping[str, Fetched]:
        for template in templates:
            self._notice(template.resource_type, self._trouble)
        return {template.key: without(template.resource_type, self._trouble) for template in templates}


class CallFetcher:
    """The SectionFetcher of one call: this patient, this token, this server."""

    def __init__(self, server: FhirServer, state: ServerState, *, client: FhirClient, versions: Versions, limits: Limits) -> None:
        self._server, self._state = server, state
        self._client, self._versions, self._limits = client, versions, limits
        self._allowance = Allowance(asyncio.get_running_loop().time() + limits.deadline, limits.call_bytes)
        self._token: str | None = None
        self._patient_id = ""

    def for_patient(self, patient_id: str, token: str | None) -> "CallFetcher":
        """`patient_id` must be a FHIR id: it becomes a part of an address."""
        self._patient_id, self._token = patient_id, token
        return self

    async def fetch(self, templates: Sequence[Template]) -> Mapping[str, Fetched]:
        if self._state.calls >= self._limits.calls_per_server:
            tell_overload()
            raise Overloaded  # an answer without what could have been had would be worse than none
        if not self._state.breaker.admits():
            return await NoAccess(troubles.OFTEN_FAILED, self._state.notice).fetch(templates)
        failed: bool | None = None
        self._state.calls += 1
        try:
            fetched = await self._fetch_all(templates)
            failed = all(each.trouble is not None and each.trouble.transient for each in fetched.values())
        finally:
            self._state.calls -= 1
            self._state.breaker.ended(failed=failed)
        self._tell(fetched)
        return fetched

    async def _fetch_all(self, templates: Sequence[Template]) -> Mapping[str, Fetched]:
        try:
            async with asyncio.TaskGroup() as tasks:
                version = tasks.create_task(self._version())
                running = {template.key: tasks.create_task(self._fetch(template)) for template in templates}
        except ExceptionGroup as group:
            if (twice := group.subgroup(MemberTwice)) is None:
                raise
            raise twice.exceptions[0] from None
        wrong = version.result()
        if wrong is not None:
            return {template.key: without(template.resource_type, wrong) for template in templates}
        return {key: task.result() for key, task in running.items()}

    async def _version(self) -> Trouble | None:
        try:
            async with asyncio.timeout_at(self._allowance.deadline):
                return await self._versions.trouble_of(self._server)
        except TimeoutError:
            return None

    async def _fetch(self, template: Template) -> Fetched:
        with traces.of_fetch(template.resource_type) as span:
            fetched = await self._asked(template)
            span.set_attribute("vacds.result", result_of(fetched.trouble))
        return fetched

    async def _asked(self, template: Template) -> Fetched:
        path, _, query = template.query.partition("?")
        pages = Pages(template.resource_type, self._limits)
        try:
            async with asyncio.timeout_at(self._allowance.deadline), self._state.turns:
                return await self._search(path, query, pages) if query else await self._read(path, template.resource_type)
        except TimeoutError:
            return pages.interrupted(troubles.LATE)
        except FhirRefusal as refusal:
            return pages.interrupted(refusal.trouble)

    async def _read(self, path: str, resource_type: str) -> Fetched:
        address = self._server.url(path.replace(PATIENT_ID, self._patient_id))
        answer = await self._client.get(address, self._token, self._allowance)
        if answer.status != httpx.codes.OK:
            raise FhirRefusal(troubles.of_status(answer.status, is_read=True), answer.status)
        section = read_section(resource_type, answer.body, "fetched")
        if section.state is not SectionState.GIVEN:
            raise FhirRefusal(troubles.UNREADABLE)
        return Fetched(section)

    async def _search(self, resource_type: str, query: str, pages: Pages) -> Fetched:
        form = tuple((name, value.replace(PATIENT_ID, self._patient_id)) for name, value in parse_qsl(query))
        answer = await self._first_page(resource_type, form)
        seen: set[httpx.URL] = set()
        while (link := pages.add(_body(answer))) is not None:
            address = self._server.following(link, resource_type)
            if address is None or address in seen:
                raise FhirRefusal(troubles.NO_MORE_PAGES)
            seen.add(address)
            answer = await self._client.get(address, self._token, self._allowance)
        return pages.whole()

    async def _first_page(self, resource_type: str, form: tuple[tuple[str, str], ...]) -> Answer:
        """By POST where the server takes that, else by GET. That it does not is remembered once GET has been answered."""
        if self._state.takes_post:
            answer = await self._client.post_form(self._server.url(f"{resource_type}/_search"), form, self._token, self._allowance)
            if answer.status not in troubles.NO_POST:
                return answer
        address = self._server.url(resource_type, urlencode(form).encode())
        answer = await self._client.get(address, self._token, self._allowance)
        if answer.status == httpx.codes.OK:
            self._state.takes_post = False
        return answer

    def _tell(self, fetched: Mapping[str, Fetched]) -> None:
        for each in fetched.values():
            self._state.notice(each.section.resource_type, each.trouble)
            if each.trouble is not None:
                facts = {"event": "fhir-access", "resource_type": each.section.resource_type}
                log.warning(each.trouble.why, extra=facts)


def is_patient_id(text: str | None) -> bool:
    return text is not None and FHIR_ID.fullmatch(text) is not None


def _body(answer: Answer) -> bytes:
    if answer.status != httpx.codes.OK:
        raise FhirRefusal(troubles.of_status(answer.status, is_read=False), answer.status)
    return answer.body
