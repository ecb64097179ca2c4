"""Everything that can be asked of the service, with everything that can go wrong, every string of it a marker."""

import asyncio
from collections.abc import Iterator, Mapping

import msgspec

from app import reference_patient
from app.body import FHIR_JSON
from app.examples import HOOK, Example
from app.openapi import ALL_EXAMPLES
from app.order_examples import KYPHOPLASTY, L1, SELECT, SIGN, WITH_STENT, draft, order_call
from tests.faults.fault_server import Asked, FaultServer, Reply, says
from tests.faults.replies import drips, endless_headers, hangs, hangs_up, huge, next_page, shortened
from tests.service import Json
from tests.watch.calls import HOOKS, Caller
from tests.watch.markers import Filler, Markers, as_of_today, one_by_one

ODD_PATHS = (
    "/{0}", "/cds-services/{0}", "/cds-services/{0}/feedback", "/fhir/ValueSet/{0}", "/fhir/{0}/x", "/demo/fhir/Patient/{0}",
    "/demo/fhir/{0}", "/demo/fhir/{0}/_search", "/demo/charts/{0}", "/demo/calls/{0}", "/demo/{0}", "/metrics/{0}", "/livez/{0}",
    "/evaluations/{0}", "/%00{0}",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


def whole_calls() -> Mapping[str, Json]:
    """By address: what gets as far as a call can get."""
    resources = as_of_today(reference_patient.prefetch())
    comment = {"outcome": "overridden", "card": "x", "outcomeTimestamp": "2026-11-22T09:42:15Z"}
    reason = {"reason": {"system": "http://x.example", "code": "x", "display": "x"}, "userComment": "x"}
    items = [{**comment, "overrideReason": reason}, {**comment, "outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]}]
    return {
        HOOK: reference_patient.hook_request(resources),
        SELECT: order_call("order-select", draft(KYPHOPLASTY, L1), resources=resources),
        SIGN: order_call("order-sign", draft(WITH_STENT, L1), resources=resources),
        "/evaluations": reference_patient.bundle(resources),
        f"{HOOK}/feedback": {"feedback": items},
        "/demo/markdown": {"texts": ["**L1**", "[x](https://x.example)"]},
    }


def ask_everything(caller: Caller, whole: Mapping[str, Json]) -> None:
    """All routes and all hooks, filled; each whole body once more for each of its strings; what no body should be."""
    for address, body in whole.items():
        answer = caller.post(address, Filler(caller.markers).filled(body))
        assert answer.status == 200, (address, answer.body)
        assert address not in HOOKS or answer.json["cards"], "what is to be looked through must hold a card"
        for odd in one_by_one(body, caller.markers):
            caller.post(address, odd)
        ask_badly(caller, address, msgspec.json.encode(Filler(caller.markers).filled(body)))
    for example in ALL_EXAMPLES:
        ask_example(caller, example)
    for path in ODD_PATHS:
        for method in METHODS:
            caller.send(method, path.format(caller.markers.new()), f'"{caller.markers.new()}"'.encode())


def ask_example(caller: Caller, example: Example) -> None:
    headers = {name.replace("-", "_"): value for name, value in example.headers.items()}
    filled = example.media_type.endswith("json") and example.body is not None
    body = msgspec.json.encode(Filler(caller.markers).filled(example.body)) if filled else example.content
    caller.send(example.method, example.address, body or None, **headers)


def ask_badly(caller: Caller, address: str, body: bytes) -> None:
    """What is no body, not JSON, or JSON of another kind."""
    marker = caller.markers.new
    shapes = (f"{marker()}", f'"{marker()}"', f'["{marker()}"]', f'{{"{marker()}": 1, "hook": "{marker()}"}}', f'{{"hook": "{marker()}')
    encodings = (
        *(shape.encode() for shape in shapes),
        body[:-40],
        b"\xff" + body,
        body.replace(b":", b"::", 1),
        body.decode().encode("utf-16"),
    )
    for bad in encodings:
        caller.send("POST", address, bad, Content_Type="application/json")
    for kind in (marker(), f"text/{marker()}", f"application/json; charset={marker()}", f"application/json; {marker()}"):
        caller.send("POST", address, body, Content_Type=kind)
    caller.send("POST", address, body, Content_Type="application/json", Content_Encoding=marker())
    caller.send("POST", address, body + b" " * 5_000_001, Content_Type="application/json")
    for method in METHODS:
        caller.send(method, address, body, Content_Type=FHIR_JSON)


def ask_about(caller: Caller, server: FaultServer, address: str) -> None:
    """The record is at a FHIR server; it fails in every way, and in between it does not, lest it be left alone."""
    filler = Filler(caller.markers)
    chart = filler.filled(as_of_today(reference_patient.bundle(reference_patient.prefetch())))
    server.resources = [entry["resource"] for entry in chart["entry"]]
    call = reference_patient.hook_request({})
    call["context"]["patientId"] = filler.id_of(reference_patient.PATIENT_ID)
    for fault, types in faults(server, caller.markers):
        server.recovers()
        ask_from(caller, address, call, chart)
        for resource_type in types:
            server.fails(fault, resource_type)
            ask_from(caller, address, call, chart)
    server.recovers()


def ask_from(caller: Caller, address: str, call: Json, chart: Json) -> None:
    marker = caller.markers.new
    authorization = {"access_token": marker(), "token_type": "Bearer", "expires_in": 300, "scope": marker(), "subject": marker()}
    caller.post(HOOK, {**call, "fhirServer": address, "fhirAuthorization": authorization}, msgspec.json.encode(chart))


EVERY = ("", "Patient", "Condition", "Observation")
ONE = ("Condition",)


def faults(server: FaultServer, markers: Markers) -> Iterator[tuple[Reply, tuple[str, ...]]]:
    """Replies full of markers, with the types in place of which they come."""
    outcome = Filler(markers).filled({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "x"}]})
    other = Filler(markers).filled({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": stranger()}]})
    html = f"<html><title>{markers.new()}</title></html>".encode()
    for status in (300, 400, 401, 403, 404, 410, 429, 500, 503, 599):
        yield (
            says(status, outcome, retry_after=markers.new(), www_authenticate=markers.new(), location=f"https://{markers.new()}.example/"),
            EVERY,
        )
    bodies: tuple[bytes | Json, ...] = (
        outcome,
        other,
        html,
        f'{{"{markers.new()}'.encode(),
        f'"{markers.new()}"'.encode(),
        stranger(markers.new()),
    )
    for body in bodies:
        yield says(200, body, x_more=markers.new()), EVERY
    yield says(200, outcome, f"text/{markers.new()}"), EVERY
    yield says(200, outcome, content_encoding=markers.new()), EVERY
    yield odd_status_line(markers), EVERY
    for link in (
        f"https://{markers.new()}.example/fhir",
        f"{server.address}/Condition?{markers.new()}",
        f"//{markers.new()}",
        markers.new(),
    ):
        yield next_page(server, link), ONE
    for reply in (hangs_up, shortened(4_000), endless_headers, huge, hangs, drips):
        yield reply, ONE


def stranger(patient: str = "somebody-else") -> Json:
    """A resource of another patient."""
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "207957008"}], "text": "x"}
    return {"resourceType": "Condition", "id": "x", "subject": {"reference": f"Patient/{patient}"}, "code": code}


def odd_status_line(markers: Markers) -> Reply:
    line = f"HTTP/1.1 500 {markers.new()}\r\n{markers.new()}: {markers.new()}\r\nContent-Length: 0\r\n\r\n".encode()

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(line)

    return reply
