"""What was answered, what became of it, who asked for whom; the key that patients' ids are hashed with; what is done now and then."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

JOBS = ("readiness", "replay", "retention")


def upgrade() -> None:
    _add_calls()
    _add_decisions()
    _add_feedback()
    _add_audit()
    secret = op.create_table("secret", _name(), _text("value", 64))
    op.bulk_insert(secret, [{"name": "audit-key", "value": secrets.token_hex(32)}])
    job = op.create_table("job", _name(), sa.Column("due", sa.BigInteger, nullable=False))
    op.bulk_insert(job, [{"name": name, "due": 0} for name in JOBS])


def _json() -> sa.JSON[Any]:
    return sa.JSON().with_variant(JSONB(), "postgresql")


def _name() -> sa.Column[str]:
    return sa.Column("name", sa.String(40), primary_key=True)


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _add_calls() -> None:
    op.create_table(
        "call",
        _number(),
        _moment("at"),
        _text("client", 200),
        _text("service", 100),
        _text("hook", 40),
        _text("outcome", 40),
        sa.Column("cards", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Float, nullable=False),
        sa.Column("data_gaps", _json(), nullable=False),
        _text("logic_version", 40),
    )
    op.create_index("call_at", "call", ["at"])


def _add_decisions() -> None:
    op.create_table(
        "decision",
        sa.Column("card", sa.String(36), primary_key=True),
        _moment("at"),
        _text("client", 200),
        _text("service", 100),
        _text("hook", 40),
        _text("topic", 100),
        _text("indicator", 10),
        _text("outcome", 40),
        sa.Column("fractures", _json(), nullable=False),
        sa.Column("flags", _json(), nullable=False),
        sa.Column("suggestions", sa.Integer, nullable=False),
        _text("logic_version", 40),
        _text("rules_hash", 64),
        _text("profile", 200),
        sa.Column("thresholds", _json(), nullable=False),
    )
    op.create_index("decision_at", "decision", ["at"])


def _add_feedback() -> None:
    op.create_table(
        "feedback",
        _number(),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        _moment("received"),
        _text("client", 200),
        _text("service", 100),
        _text("card", 255),
        _text("outcome", 20),
        _moment("outcome_at", nullable=True),
        sa.Column("suggestions", _json(), nullable=False),
        _text("reason_code", 200, nullable=True),
        _text("reason_system", 255, nullable=True),
        sa.Column("comment", sa.Text, nullable=True),
    )
    op.create_index("feedback_received", "feedback", ["received"])
    op.create_index("feedback_client", "feedback", ["client", "received"])
    op.create_index("feedback_card", "feedback", ["card"])
    op.execute(
        "CREATE VIEW card_feedback AS SELECT feedback.*, decision.card IS NOT NULL AS matched, decision.at AS answered, decision.hook, "
        "decision.topic, decision.indicator, decision.outcome AS decided, decision.logic_version, decision.rules_hash, decision.profile "
        "FROM feedback LEFT JOIN decision ON decision.card = feedback.card AND decision.client = feedback.client"
    )


def _add_audit() -> None:
    op.create_table(
        "audit",
        _number(),
        _moment("at"),
        _text("event", 40),
        _text("client", 200),
        _text("issuer", 255),
        _text("tenant", 255),
        _text("user", 255),
        _text("hook", 40),
        _text("hook_instance", 64),
        _text("patient", 64),
        sa.Column("kinds", _json(), nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])
