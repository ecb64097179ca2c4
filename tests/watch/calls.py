"""Calls that are full of markers, and the places where an answer may hold some of them."""

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection

import msgspec

from app.examples import HOOK
from app.order_examples import SELECT, SIGN
from hooks.messages import EVALUATION
from tests.service import Answer, Json
from tests.watch.markers import Markers

HOOKS = (HOOK, SELECT, SIGN)
PLAIN_HEADERS = (
    "User-Agent", "Referer", "Cookie", "From", "Via", "X-Request-ID", "X-Correlation-ID", "X-Forwarded-For", "X-Forwarded-Host",
    "Forwarded", "baggage", "Accept-Language", "If-None-Match", "X-Api-Key", "Accept",
)  # fmt: skip
ANSWER_SECONDS = 30
COMMENT = re.compile(rb'"userComment":"[^"]*"')
USER = re.compile(rb'"userId":"([^"]*)"')

Authorise = Callable[[str], Mapping[str, str]]
"""The headers by which a call to this path is let in. In demo mode nobody looks at them."""


class Caller:
    """One keep-alive connection. What was answered is looked through at once; `leaks` holds what should not have been there."""

    def __init__(self, port: int, markers: Markers, authorise: Authorise) -> None:
        self.markers = markers
        self.leaks: list[str] = []
        self.allowed = 0
        self.secrets: set[bytes] = set()
        self.keepable: set[bytes] = set()
        self.statuses: Counter[int] = Counter()
        self.authorise = authorise
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)

    def send(self, method: str, address: str, body: bytes | None = None, upstream: bytes = b"", /, **headers: str) -> Answer:
        """`upstream` is what a FHIR server tells in this call. Header names are given with underscores."""
        marker = self.markers.new
        address = f"{address}{'&' if '?' in address else '?'}{marker()}={marker()}"
        told = {name: marker() for name in PLAIN_HEADERS} | {"Origin": f"https://{marker()}.example", f"X-{marker()}": marker()}
        told |= {"tracestate": f"v={marker()}", **self.authorise(address.partition("?")[0])}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.secrets.update(told.get("Authorization", "").removeprefix("Bearer ").encode().split(b"."))
        self._connection.request(method, address, body, told)
        response = self._connection.getresponse()
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        if "Content_Length" in headers:  # more was announced than was sent: the server waits for it
            self._connection.close()
        self._look(method, address, body or b"", upstream, answer)
        return answer

    def post(self, address: str, body: Json, upstream: bytes = b"", content_type: str = "application/json") -> Answer:
        return self.send("POST", address, msgspec.json.encode(body), upstream, Content_Type=content_type)

    def close(self) -> None:
        self._connection.close()

    def _look(self, method: str, address: str, body: bytes, upstream: bytes, answer: Answer) -> None:
        self.statuses[answer.status] += 1
        path = address.partition("?")[0]
        free, rest = parted(path, answer)
        own = self.markers.of(body, upstream)
        wrong = self.markers.of(free) - own | self.markers.of(rest, repr(answer.headers).encode())
        self.allowed += len(self.markers.of(free) & own)
        self.keepable |= self.markers.of(*told_to_be_kept(path, body))
        if wrong:
            self.leaks.append(f"answer {answer.status} of {method} {path}: {sorted(wrong)[:3]}")


def parted(path: str, answer: Answer) -> tuple[bytes, bytes]:
    """What may hold strings of the same call, and the rest: cards, the Evaluation, Markdown that was asked to be shown."""
    if answer.status != 200 or path not in (*HOOKS, "/evaluations", "/demo/markdown"):
        return b"", answer.body
    if path not in HOOKS:
        return answer.body, b""
    told = answer.json
    free = {"cards": told.pop("cards"), "evaluation": told.get("extension", {}).pop(EVALUATION, None)}
    return msgspec.json.encode(free), msgspec.json.encode(told)


def told_to_be_kept(path: str, body: bytes) -> list[bytes]:
    """What docs/feedback.md says is kept of a call: who looked, and what was done with a card, without what was typed."""
    if path.endswith("/feedback"):
        return [COMMENT.sub(b"", body)]
    return USER.findall(body) if path in HOOKS else []


def made_up_token(markers: Markers) -> Authorise:
    """A bearer token in a token's shape, every claim a marker."""

    def authorise(path: str) -> Mapping[str, str]:
        header = {"alg": "ES384", "typ": "JWT", "kid": markers.new(), "jku": f"https://{markers.new()}.example/keys"}
        claims = {name: markers.new() for name in ("iss", "sub", "aud", "jti", "tenant", "fhirContext")}
        return {"Authorization": f"Bearer {'.'.join([*map(_segment, (header, claims)), markers.new()])}"}

    return authorise


def _segment(value: Json) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def hits(sinks: Mapping[str, Iterable[bytes]], markers: Markers, secrets: set[bytes], kept: set[bytes]) -> dict[str, int]:
    """How many markers and pieces of tokens are in each sink; `kept` may be in the database and nowhere else."""
    wholes = {sink: b"\n".join(parts) for sink, parts in sinks.items()}
    found = {sink: markers.of(whole) - (kept if sink == "database" else set()) for sink, whole in wholes.items()}
    return {sink: len(found[sink]) + sum(secret in whole for secret in secrets if len(secret) > 8) for sink, whole in wholes.items()}
