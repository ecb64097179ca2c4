"""What is counted, for Prometheus. Labels are words of ours: never an id, an address as asked for, or text of a caller's.

Several workers count together where PROMETHEUS_MULTIPROC_DIR names a directory: the library then keeps every value in a file there.
"""

import logging
from typing import Generic, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

from app.fhir_access.troubles import result_of
from app.logs import is_ours
from app.trust.caller import Caller
from clinical.assessment import Assessment
from hooks.answer import Answer
from hooks.registry import CDSService
from hooks.retrieval import Trouble

CALL_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
LAG_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
EVENTS = (
    "another-patient", "canary", "client-left", "dashboard-refused", "feedback-unusable", "fhir-access", "keys-not-had", "overload",
    "records-dropped", "refused-arriving", "store", "token-refused", "unforeseen", "untrusted-fhir-server",
)  # fmt: skip
"""Those that log lines name. Each is there from the start, at 0: the first of a series that begins with it would not be seen as a rise."""
NOT_LOOKED_AT = "not-looked-at"
"""The outcome where no record was looked at: an order that is no augmentation."""

Together = Literal["livesum", "livemin", "max"]
Metric = TypeVar("Metric", bound=MetricWrapperBase)


class Children(dict[tuple[str, ...], Metric], Generic[Metric]):
    """One metric's children by the values of its labels: looking one up costs less than half of what `labels` does."""

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, values: tuple[str, ...]) -> Metric:
        child = self[values] = self._metric.labels(*values)
        return child


class Metrics:
    """Every metric of one app, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.requests = self._counters("requests", "Requests, by the route's template and the answer's status.", "route", "status")
        self.seconds = Children(self._histogram("request", "Seconds from a request to its answer.", CALL_SECONDS, "route"))
        self.in_flight = self._gauge("requests_in_flight", "Requests not answered yet.", "livesum")
        self._answers = self._counters("answers", "Hook calls answered, by what the guideline says.", "service", "client", "outcome")
        self._cards = self._counters("cards", "Cards given.", "service", "topic", "indicator")
        self._criteria = self._counters("criteria", "Verdicts: one a criterion of a fracture.", "criterion", "status", "reason")
        self._flags = self._counters("flags", "Red flags found.", "flag", "severity")
        self._gaps = self._counters("data_gaps", "Parts of a record not read, or not whole.", "resource_type", "reason")
        self._fetches = self._counters("fhir_fetches", "What was asked of FHIR servers.", "resource_type", "result")
        self.events = self._counters("events", "Log lines that name an event.", "event")
        for event in EVENTS:
            self.events[event,].inc(0)
        self.lines_dropped = Counter("vacds_log_lines_dropped", "Log lines that nobody took in time.", registry=self.registry)
        self.records_dropped = Counter("vacds_records_dropped", "Records of calls that were not kept.", registry=self.registry)
        self.lag = self._histogram("event_loop_lag", "Seconds by which the event loop is late, while calls are made.", LAG_SECONDS)
        self.canary = self._gauge("canary_ok", "1 while the canary patient is answered as at start.", "livemin")
        self.build = self._gauge("build_info", "Always 1: what is running.", "max", "version", "logic_version", "rules", "profile")

    def _counters(self, name: str, meaning: str, *labels: str) -> Children[Counter]:
        return Children(Counter(f"vacds_{name}", meaning, labels, registry=self.registry))

    def _histogram(self, name: str, meaning: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"vacds_{name}_seconds", meaning, labels, buckets=bounds, registry=self.registry)

    def _gauge(self, name: str, meaning: str, together: Together, *labels: str) -> Gauge:
        """`together`: how the values of several workers become one."""
        return Gauge(f"vacds_{name}", meaning, labels, registry=self.registry, multiprocess_mode=together)

    def answered(self, service: CDSService, caller: Caller, answer: Answer, seconds: float) -> None:
        """A Notice of app.routes.hooks."""
        found = answer.assessment
        self._answers[service.id, caller.name, NOT_LOOKED_AT if found is None else found.outcome].inc()
        for card in answer.cards:
            self._cards[service.id, card.source.topic.code, card.indicator].inc()
        if found is not None:
            self._found(found)

    def _found(self, found: Assessment) -> None:
        for fracture in found.fractures:
            for finding in fracture.criteria:
                self._criteria[finding.criterion, finding.status, finding.reason_code].inc()
        for flag in found.flags:
            self._flags[flag.flag, flag.severity].inc()
        for gap in found.data_gaps:
            self._gaps[gap.resource_type, gap.reason].inc()

    def fetched(self, resource_type: str, trouble: Trouble | None) -> None:
        """A FetchNotice of app.fhir_access."""
        self._fetches[resource_type, result_of(trouble)].inc()


class EventCounter(logging.Handler):
    """Counts log lines of ours that name an event: refusals, another patient's data, clients that left, what nobody foresaw."""

    def __init__(self, events: Children[Counter]) -> None:
        super().__init__()
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        if isinstance(event, str) and is_ours(record.name):
            self._events[event,].inc()
