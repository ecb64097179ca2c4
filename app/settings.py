"""Configuration from the environment, read once at start (contract 5). What cannot be right stops the start with one clear line."""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "VACDS_"
ANY_ORIGIN = "*"
SHORTEST_KEY = 32
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?")
_DATABASES = ("sqlite:", "postgresql:", "postgresql+")

CommaList = Annotated[tuple[str, ...], NoDecode]


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class Auth(StrEnum):
    REQUIRED = "required"
    OFF = "off"


class NotMet(StrEnum):
    SILENT = "silent"
    SHOW = "show"


class SettingsError(Exception):
    """One line that names the variable and what is wrong with it; never its value, which may be a secret."""


class Settings(BaseSettings):
    """The variables of contract 5, each with its safe default. Frozen: what has been read does not change.

    `auth` and `explain` left to their mode's default are None in the field; read `auth_required` and `explains`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Mode = Mode.PRODUCTION
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    database_url: str = Field(default="sqlite:///vacds.sqlite3", repr=False)
    retention_days: int = Field(default=730, ge=1, le=36_500)
    audit_days: int = Field(default=2_190, ge=1, le=36_500)
    audit_key: SecretStr | None = Field(default=None, repr=False)
    feedback_comments: bool = False
    dashboard_token: SecretStr | None = Field(default=None, repr=False)
    clients_file: Path | None = None
    auth: Auth | None = None
    fhir_bases: CommaList = ()
    workers: int = Field(default=1, ge=1, le=64)
    max_body_bytes: int = Field(default=5_000_000, ge=1_000, le=100_000_000)
    cors_origins: CommaList | None = None
    profile: str = Field(default="default", min_length=1)
    overlay_dir: Path | None = None
    rules_hash: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    time_zone: str = "UTC"
    patient_view_not_met: NotMet = NotMet.SILENT
    explain: bool | None = None

    @property
    def demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def auth_required(self) -> bool:
        """Off only where somebody chose the demo, and did not ask for it there."""
        return self.auth is Auth.REQUIRED or (self.auth is None and not self.demo)

    @property
    def explains(self) -> bool:
        return self.demo if self.explain is None else self.explain

    @property
    def public_base(self) -> str:
        """The address callers use, without a trailing slash."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def fhir_bases_without_auth(self) -> tuple[str, ...]:
        return self.fhir_bases or (f"{self.public_base}/demo/fhir",)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Browsers' origins: any in the demo, none in production, unless listed."""
        if self.cors_origins is None:
            return (ANY_ORIGIN,) if self.demo else ()
        return self.cors_origins

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @field_validator("fhir_bases", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        return value if value is None else web_address(value)

    @field_validator("fhir_bases")
    @classmethod
    def _fhir_bases(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(web_address(base) for base in value)

    @field_validator("cors_origins")
    @classmethod
    def _cors_origins(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value and not all(origin == ANY_ORIGIN or _ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("each origin must be https://host or https://host:port, without a path, or * in demo mode")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        if not value.startswith(_DATABASES):
            raise ValueError("must be a sqlite or postgresql URL")
        return value

    @field_validator("audit_key", "dashboard_token")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value) < SHORTEST_KEY:
            raise ValueError(f"must be at least {SHORTEST_KEY} characters")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):  # not found; a directory's name; a path out of the database
            raise ValueError("is not the name of a time zone, such as Europe/London") from None
        return value

    @field_validator("overlay_dir")
    @classmethod
    def _overlay_dir(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is not a directory")
        return value

    @field_validator("clients_file")
    @classmethod
    def _clients_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("is not a file")
        return value

    @model_validator(mode="after")
    def _fits_the_mode(self) -> Self:
        demo = (("WORKERS: demo mode has one: what is tried out there is kept in its memory", self.workers > 1),)
        production = (
            ("AUTH: off is for demo mode only", self.auth is Auth.OFF),
            ("CLIENTS_FILE: production mode needs the file of trusted clients", self.clients_file is None),
            ("PUBLIC_URL: production mode needs the public https address", not (self.public_url or "").startswith("https://")),
            ("CORS_ORIGINS: production mode needs a list of origins, not *", ANY_ORIGIN in self.allowed_origins),
        )
        for line, wrong in demo if self.demo else production:
            if wrong:
                raise SettingsError(PREFIX + line)
        return self


def web_address(value: str) -> str:
    """An absolute http or https URL with nothing after its path, its trailing slash removed; ValueError otherwise."""
    parts = urlsplit(value)
    plain = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment or parts.username or parts.password)
    if not plain or re.search(r"[\s\\\x00-\x1f]", value):
        raise ValueError("must be an absolute http or https URL without user, query or fragment")
    return value.rstrip("/")


def read_settings(**given: Any) -> Settings:
    """The settings in the process environment, but for what is given; SettingsError with one line where there are none that hold."""
    _refuse_unknown()
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_line(error)) from None


def _refuse_unknown() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"{unknown[0]}: there is no such variable; known are {', '.join(sorted(known))}")


def _line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = PREFIX + str(first["loc"][0]).upper()
    return f"{name}: {first['msg'].removeprefix('Value error, ')}"
