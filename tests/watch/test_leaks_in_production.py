"""The same as tests/watch/test_leaks.py in production mode: tokens that are checked, a store of used ones, two workers, TLS."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.examples import HOOK
from tests.trust.ehr import Issuer, client_entry, clients_file, signing_key
from tests.watch.calls import Authorise, made_up_token
from tests.watch.markers import Filler, Markers
from tests.watch.stage import SINKS, Stage
from tests.watch.world import ask_about, ask_everything, whole_calls


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def signed(issuer: Issuer, markers: Markers) -> Authorise:
    """A token that is let in, with a marker in every claim that may say anything and is not kept."""

    def authorise(path: str) -> Mapping[str, str]:
        said = {name: markers.new() for name in ("sub", "jti", "fhirUser")}
        return {"Authorization": issuer.bearer(path, said=markers.new(), **said)}

    return authorise


def test_nothing_that_was_sent_is_left_anywhere_in_production(
    tmp_path: Path, ending: ExitStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(tmp_path, ending)
    issuer = Issuer(signing_key("leaks"))
    base = stage.certified.address.replace("http:", "https:")
    clients = clients_file(tmp_path, client_entry(tmp_path, issuer, fhir_bases=[base]))
    environment = {
        "VACDS_PUBLIC_URL": "https://cds.example.org",
        "VACDS_CLIENTS_FILE": str(clients),
        "VACDS_WORKERS": "2",
        "VACDS_EXPLAIN": "true",
        "SSL_CERT_FILE": str(tmp_path / "certificate"),
    }
    stage.plays(environment, authorise=signed(issuer, stage.markers))
    ask_everything(stage.caller, {address: body for address, body in whole_calls().items() if not address.startswith("/demo")})
    ask_about(stage.caller, stage.certified, base)
    stage.caller.authorise = made_up_token(stage.markers)
    for address, body in whole_calls().items():
        stage.caller.post(address, Filler(stage.markers).filled(body))
    assert stage.caller.statuses[401] >= len(whole_calls()) - 1
    assert stage.process.get("/metrics").count(b'client="St Example"') > 0
    leaks = stage.leaks()
    with capsys.disabled():
        sys.stdout.write(f"\n{stage.summary()}; elsewhere {leaks}\n")
    assert stage.caller.leaks == []
    assert leaks == dict.fromkeys(SINKS, 0)
    assert stage.caller.allowed > 100
    assert f"POST {HOOK}" in {span.name for span in stage.collector.spans()}
