"""What may be configured, what it is without being configured, and what stops the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import PREFIX, Auth, Mode, NotMet, Settings, SettingsError, read_settings

PROJECT = Path(__file__).parents[3]
CONTRACT = {
    "MODE", "HOST", "PORT", "PUBLIC_URL", "DATABASE_URL", "CLIENTS_FILE", "AUTH", "FHIR_BASES", "MAX_BODY_BYTES", "CORS_ORIGINS",
    "PROFILE", "OVERLAY_DIR", "TIME_ZONE", "PATIENT_VIEW_NOT_MET", "EXPLAIN",
}  # fmt: skip
OURS = {"WORKERS", "RETENTION_DAYS", "AUDIT_DAYS", "AUDIT_KEY", "DASHBOARD_TOKEN", "FEEDBACK_COMMENTS", "RULES_HASH"}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def clients_file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.toml"
    path.write_text('[[client]]\nname = "St Example"\nissuer = "https://ehr.example.org"\n')
    return path


def settings_from(monkeypatch: pytest.MonkeyPatch, **variables: object) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, str(value))
    return read_settings()


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: object) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from(monkeypatch, **variables)
    return str(caught.value)


def test_the_variables_are_those_of_the_contract_and_few_more() -> None:
    assert {name.upper() for name in Settings.model_fields} == CONTRACT | OURS


def test_demo_mode_needs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(monkeypatch, MODE="demo")
    assert (settings.host, settings.port, settings.profile, settings.max_body_bytes) == ("127.0.0.1", 8000, "default", 5_000_000)
    assert (settings.auth_required, settings.explains, settings.allowed_origins) == (False, True, ("*",))
    assert settings.public_base == "http://localhost:8000"
    assert settings.fhir_bases_without_auth == ("http://localhost:8000/demo/fhir",)
    assert settings.patient_view_not_met is NotMet.SILENT


def test_production_mode_is_the_default_and_closed(monkeypatch: pytest.MonkeyPatch, clients_file: Path) -> None:
    settings = settings_from(monkeypatch, CLIENTS_FILE=clients_file, PUBLIC_URL="https://cds.example.org/")
    assert settings.mode is Mode.PRODUCTION
    assert (settings.auth_required, settings.explains, settings.allowed_origins) == (True, False, ())
    assert settings.public_base == "https://cds.example.org"


def test_demo_mode_may_ask_for_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_from(monkeypatch, MODE="demo", AUTH="required").auth is Auth.REQUIRED
    assert read_settings().auth_required


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(
        monkeypatch, MODE="demo", CORS_ORIGINS="https://a.example, http://b.example:81", FHIR_BASES="https://f.example/r4/"
    )
    assert settings.allowed_origins == ("https://a.example", "http://b.example:81")
    assert settings.fhir_bases_without_auth == ("https://f.example/r4",)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_from(monkeypatch, MODE="demo", AUTH="", CORS_ORIGINS="", PUBLIC_URL="").auth is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "staging"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PUBLIC_URL", "cds.example.org"),
        ("PUBLIC_URL", "https://user:pw@cds.example.org"),
        ("PUBLIC_URL", "https://cds.example.org/?x=1"),
        ("PUBLIC_URL", "https://cds.example.org\\@evil.example"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "for ever"),
        ("AUDIT_DAYS", "-1"),
        ("AUDIT_KEY", "short"),
        ("DASHBOARD_TOKEN", "x" * 31),
        ("FEEDBACK_COMMENTS", "some"),
        ("RULES_HASH", "ABC"),
        ("CLIENTS_FILE", "/does/not/exist.toml"),
        ("AUTH", "on"),
        ("FHIR_BASES", "https://a.example,ftp://b.example"),
        ("WORKERS", "0"),
        ("WORKERS", "65"),
        ("WORKERS", "two"),
        ("WORKERS", "2"),
        ("MAX_BODY_BYTES", "5 MB"),
        ("MAX_BODY_BYTES", "0"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("CORS_ORIGINS", "a.example"),
        ("OVERLAY_DIR", "/does/not/exist"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc/passwd"),
        ("PATIENT_VIEW_NOT_MET", "loud"),
        ("EXPLAIN", "perhaps"),
        ("COLOUR", "blue"),
    ],
)
def test_a_bad_value_or_name_is_refused_in_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    line = refusal(monkeypatch, **{"MODE": "demo", name: value})
    assert line.startswith(f"{PREFIX}{name}: ")
    assert "\n" not in line


def test_a_name_in_another_case_is_no_variable_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("vacds_auth", "off")
    assert refusal(monkeypatch, MODE="demo").startswith("vacds_auth: ")


def test_a_value_that_may_be_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in refusal(monkeypatch, MODE="demo", DATABASE_URL="mysql://u:hunter2@db/x")
    assert "hunter2" not in repr(settings_from(monkeypatch, MODE="demo", DATABASE_URL="postgresql://u:hunter2@db/x"))
    assert "hunter2" not in repr(settings_from(monkeypatch, MODE="demo", AUDIT_KEY="hunter2" * 5))
    assert refusal(monkeypatch, MODE="demo", AUDIT_KEY="hunter2") == "VACDS_AUDIT_KEY: must be at least 32 characters"


@pytest.mark.parametrize(
    ("name", "value"),
    [("CLIENTS_FILE", ""), ("PUBLIC_URL", ""), ("PUBLIC_URL", "http://cds.example.org"), ("AUTH", "off"), ("CORS_ORIGINS", "*")],
)
def test_production_refuses_to_start_half_open(monkeypatch: pytest.MonkeyPatch, clients_file: Path, name: str, value: str) -> None:
    whole = {"MODE": "production", "CLIENTS_FILE": clients_file, "PUBLIC_URL": "https://cds.example.org"}
    assert refusal(monkeypatch, **{**whole, name: value}).startswith(f"{PREFIX}{name}: ")


def test_settings_do_not_change_after_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(mode=Mode.DEMO), "mode", Mode.PRODUCTION)  # noqa: B010 - what a type checker refuses


@pytest.mark.parametrize(
    "variables", [{"VACDS_MODE": "prod"}, {"VACDS_MODE": "demo", "VACDS_SECRET": "x"}, {}, {"VACDS_MODE": "demo", "VACDS_PROFILE": "none"}]
)
def test_the_process_says_one_line_and_ends(variables: dict[str, str]) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    process = subprocess.run(
        [sys.executable, "-m", "app"], cwd=PROJECT, env={**clean, **variables}, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 2
    assert process.stdout == ""
    assert process.stderr.count("\n") == 1
    assert "VACDS_" in process.stderr
