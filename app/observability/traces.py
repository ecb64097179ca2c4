"""Traces by OpenTelemetry, off unless its own variable says where they go. A span holds words of ours and counts, never what was sent.

The framework's own tracing is not used: it records addresses with their queries, and takes baggage and trace state from callers. For the
same reason a span never has a caller's for a parent.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind

from app.settings import SettingsError, web_address
from app.trust.caller import Caller
from clinical.status import Status
from hooks.answer import Answer
from hooks.registry import CDSService

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
ENDPOINTS = (ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
NAME = "vertebral-augmentation-cds"
LAST_WORDS_SECONDS = 2.0


def are_wanted() -> bool:
    return any(os.environ.get(name) for name in ENDPOINTS)


def check() -> None:
    """SettingsError where traces are wanted and cannot be had."""
    for name in ENDPOINTS:
        try:
            web_address(os.environ.get(name) or "http://localhost")
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
    for name in PROTOCOLS:
        if are_wanted() and os.environ.get(name, "http/protobuf") != "http/protobuf":
            raise SettingsError(f"{name}: only http/protobuf is spoken")
    if are_wanted():
        _refuse_without_packages()


def _refuse_without_packages() -> None:
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter
        import opentelemetry.sdk.trace.export  # noqa: F401 - both are looked for
    except ImportError:
        raise SettingsError(f"{ENDPOINT}: traces need the packages of requirements-otel.lock, which are not installed") from None


@contextmanager
def exported(version: str) -> Iterator[None]:
    """Spans go to the collector in the background, in batches, until the block ends. A collector that is down holds up nobody."""
    if not are_wanted():
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": NAME, "service.version": version}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        leaving = threading.Thread(target=provider.shutdown, daemon=True)
        leaving.start()
        leaving.join(LAST_WORDS_SECONDS)


def of_call() -> AbstractContextManager[Span]:
    """The span of one call. Exceptions are not recorded: their text may be a patient's."""
    return trace.get_tracer(NAME).start_as_current_span(
        "call", Context(), SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    )


def of_fetch(resource_type: str) -> AbstractContextManager[Span]:
    """A child of the call's span, where there is one."""
    if not trace.get_current_span().is_recording():
        return nullcontext(INVALID_SPAN)
    attributes = {"vacds.resource_type": resource_type}
    return trace.get_tracer(NAME).start_as_current_span(
        f"fetch {resource_type}", None, SpanKind.CLIENT, attributes, record_exception=False, set_status_on_exception=False
    )


def answered(service: CDSService, caller: Caller, answer: Answer, seconds: float) -> None:
    """A Notice of app.routes.hooks: what the guideline says, on the call's span."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attributes({"vacds.service": service.id, "vacds.client": caller.name, "vacds.cards": len(answer.cards)})
    if answer.assessment is not None:
        span.set_attribute("vacds.outcome", answer.assessment.outcome.value)
        for status in Status:
            count = sum(len(fracture.statuses(status)) for fracture in answer.assessment.fractures)
            span.set_attribute(f"vacds.criteria.{status.value}", count)
