"""What a browser needs to call us, and what it does not get (cds-hooks.md D-08, sandbox.md 3, trust.md 2.7)."""

from collections.abc import Iterator

import pytest

from app.examples import HOOK
from app.main import create_app
from app.settings import Mode, Settings
from tests.conftest import TODAY
from tests.service import Answer, Client, serving

SANDBOX = "https://sandbox.cds-hooks.org"
LISTED = "https://ehr.example"


def preflight(
    client: Client, address: str, *, method: str = "POST", headers: str = "authorization,content-type", origin: str = SANDBOX
) -> Answer:
    asked = {"access_control_request_method": method, "access_control_request_headers": headers}
    return client.request("OPTIONS", address, None, origin=origin, **asked)


@pytest.fixture(scope="module")
def listing() -> Iterator[Client]:
    """A service that lists its origins, as production does."""
    settings = Settings.model_construct(mode=Mode.DEMO, cors_origins=(LISTED,))
    with serving(create_app(settings, lambda: TODAY)) as service, service.client() as client:
        yield client


@pytest.mark.parametrize(
    ("address", "method", "headers"),
    [
        ("/cds-services", "GET", "authorization"),
        (HOOK, "POST", "authorization,content-type"),
        (f"{HOOK}/feedback", "POST", "authorization,content-type"),
    ],
)
def test_the_sandbox_may_call(client: Client, address: str, method: str, headers: str) -> None:
    answer = preflight(client, address, method=method, headers=headers)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= allowed
    assert method in answer.headers["access-control-allow-methods"]


def test_credentials_are_never_allowed(client: Client, listing: Client) -> None:
    for answer in (
        preflight(client, HOOK),
        preflight(listing, HOOK, origin=LISTED),
        client.get("/cds-services", origin=SANDBOX, cookie="a=b"),
    ):
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nothing", 404), ("GET", HOOK, 405), ("POST", HOOK, 400), ("POST", "/cds-services/unknown", 404)],
)
def test_errors_carry_the_headers_too(client: Client, method: str, address: str, status: int) -> None:
    answer = client.request(method, address, b"{}", origin=SANDBOX, content_type="application/json")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, "*")


def test_a_failure_carries_the_headers_too(failing_client: Client) -> None:
    answer = failing_client.post(HOOK, {}, origin=SANDBOX)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (500, "*")


def test_a_listed_origin_may_call_and_no_other(listing: Client) -> None:
    assert preflight(listing, HOOK, origin=LISTED).headers["access-control-allow-origin"] == LISTED
    assert listing.get("/livez", origin=LISTED).headers["access-control-allow-origin"] == LISTED
    refused = preflight(listing, HOOK, origin="https://evil.example")
    assert (refused.status, refused.media_type) == (400, "application/json")
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" not in listing.get("/livez", origin="https://evil.example").headers


def test_no_address_is_redirected(client: Client) -> None:
    """A redirected preflight is blocked, and the token's audience no longer fits (sandbox.md 3)."""
    for address in ("/cds-services/", f"{HOOK}/", "//cds-services", "/cds-services//vertebral-augmentation-patient-view"):
        assert client.get(address, origin=SANDBOX).status in (404, 405)
