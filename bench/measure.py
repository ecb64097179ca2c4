"""Service and yardstick, side by side: the same bytes, in turn, several times over; the best of each counts."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec
import orjson

from bench.server import Server

ROUNDS = 7
WARM_UP_CALLS = 20
CPU_SECONDS_PER_ROUND = 0.4


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One body at one server. `goal` is the highest ratio we aim for, if there is one."""

    title: str
    body: bytes
    explain: bool
    goal: float | None
    cards: tuple[str, ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds per call, best of the rounds; `paired_ratio` is the median over rounds."""

    case: Case
    service: float
    yardstick: float
    paired_ratio: float

    @property
    def ratio(self) -> float:
        return self.service / self.yardstick

    @property
    def reached(self) -> bool:
        return self.case.goal is None or self.ratio <= self.case.goal


def topics_of(answer: bytes) -> tuple[str, ...]:
    return tuple(card["source"]["topic"]["code"] for card in orjson.loads(answer)["cards"])


def measure(case: Case, service: Server, service_path: str, yardstick: Server) -> Result:
    """Raises if the service does not answer with the cards this case must have: a wrong answer has no speed."""
    if (topics := topics_of(service.post(service_path, case.body))) != case.cards:
        raise RuntimeError(f"{case.title}: expected the cards {case.cards}, got {topics}")
    calls = {
        server: calls_for(server.cpu_per_call(path, case.body, WARM_UP_CALLS))
        for server, path in ((service, service_path), (yardstick, "/"))
    }
    pairs = [
        (service.cpu_per_call(service_path, case.body, calls[service]), yardstick.cpu_per_call("/", case.body, calls[yardstick]))
        for _ in range(ROUNDS)
    ]
    return Result(
        case=case,
        service=min(ours for ours, _ in pairs),
        yardstick=min(theirs for _, theirs in pairs),
        paired_ratio=median(ours / theirs for ours, theirs in pairs),
    )


def calls_for(seconds_per_call: float) -> int:
    """As many calls as make a round long enough to be measured, and the whole run short enough to be waited for."""
    return max(10, int(CPU_SECONDS_PER_ROUND / seconds_per_call))


def measure_all(cases: Sequence[Case], services: Mapping[bool, Server], service_path: str, yardstick: Server) -> list[Result]:
    return [measure(case, services[case.explain], service_path, yardstick) for case in cases]
