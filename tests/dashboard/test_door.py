"""Who may look: anybody in a demo without authentication, else whoever has the token, and where there is none, nobody."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.main import create_app
from app.settings import Auth, Mode, Settings
from tests.conftest import TODAY
from tests.service import Client, serving
from tests.store.kept import client, house, secret

TOKEN = "correct horse battery staple, ünïcode"
PAGES = ("/dashboard", "/dashboard/days.csv", "/dashboard/none.csv", "/dashboard?days=8")
REFUSED = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login","diagnostics":"authentication is required"}]}'


@contextmanager
def production(folder: Path, token: str | None) -> Iterator[Client]:
    settings = Settings.model_construct(
        mode=Mode.PRODUCTION,
        public_url="https://cds.example.org",
        database_url=f"sqlite:///{folder / 'store.sqlite3'}",
        dashboard_token=None if token is None else secret(token),
    )
    with serving(create_app(settings, lambda: TODAY, house())) as service, service.client() as connection:
        yield connection


def basic(words: str) -> str:
    return f"Basic {b64encode(words.encode()).decode()}"


WRONG = {
    "none": None,
    "empty": "",
    "no password": basic("somebody"),
    "an empty password": basic("somebody:"),
    "another": basic(f"somebody:{TOKEN}x"),
    "a part": basic(f"somebody:{TOKEN[:-1]}"),
    "as the user": basic(f"{TOKEN}:"),
    "bearer": f"Bearer {b64encode(f':{TOKEN}'.encode()).decode()}",
    "not base64": "Basic ***",
    "not text": f"Basic {b64encode(bytes(range(128, 256))).decode()}",
    "scheme alone": "Basic",
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_without_the_token_it_is_one_and_the_same_401(tmp_path: Path, said: str | None) -> None:
    with production(tmp_path, TOKEN) as connection:
        answers = [connection.get(page, **({} if said is None else {"authorization": said})) for page in PAGES]
    assert {(answer.status, answer.headers["www-authenticate"], answer.body) for answer in answers} == {
        (401, 'Basic realm="dashboard"', REFUSED)
    }


@pytest.mark.parametrize("user", ["", "somebody", "ünï"])
def test_with_the_token_any_user_may_look(tmp_path: Path, user: str) -> None:
    with production(tmp_path, TOKEN) as connection:
        answers = [connection.get(page, authorization=basic(f"{user}:{TOKEN}")) for page in PAGES]
        assert connection.get("/cds-services", authorization=basic(f"{user}:{TOKEN}")).status == 401
    assert [answer.status for answer in answers] == [200, 200, 404, 400]
    assert "try-it page" not in answers[0].body.decode()


def test_in_production_without_a_token_there_is_no_dashboard(tmp_path: Path) -> None:
    with production(tmp_path, None) as connection:
        assert {connection.get(page).status for page in PAGES} == {404}


def test_a_demo_that_asks_for_tokens_does_not_show_it_to_anybody(url: str) -> None:
    with client(url, auth=Auth.REQUIRED) as connection:
        assert {connection.get(page).status for page in PAGES} == {404}


def test_a_token_that_is_set_is_asked_for_in_a_demo_too(url: str) -> None:
    with client(url, dashboard_token=secret(TOKEN)) as connection:
        assert connection.get("/dashboard").status == 401
        assert connection.get("/dashboard", authorization=basic(f"x:{TOKEN}")).status == 200


def test_the_page_lets_nothing_in_from_elsewhere_and_is_not_kept(url: str) -> None:
    with client(url) as connection:
        for page in PAGES[:2]:
            headers = connection.get(page).headers
            assert headers["cache-control"] == "no-store"
            policy = headers["content-security-policy"]
            assert all(
                each in policy for each in ("default-src 'none'", "style-src 'sha256-", "form-action 'none'", "frame-ancestors 'none'")
            )
            assert "unsafe" not in policy


def test_a_store_that_is_gone_is_told_and_calls_are_still_answered(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    with client(f"sqlite:///{file}") as connection:
        assert connection.get("/dashboard").status == 200
        file.unlink()
        assert [connection.get(page).status for page in PAGES[:2]] == [503, 503]
        assert connection.get("/cds-services").status == 200
        assert not file.exists()
