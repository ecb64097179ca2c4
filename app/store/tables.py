"""The tables as they are asked. How they came about stands in the migrations; a test holds both to each other."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC, which SQLite keeps without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Json = sa.JSON().with_variant(JSONB(), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

replay = sa.Table(
    "replay",
    metadata,
    sa.Column("issuer", sa.String(255), primary_key=True),
    sa.Column("jti_hash", sa.String(64), primary_key=True),
    sa.Column("expires", sa.BigInteger, nullable=False),  # seconds since 1970
    sa.Index("replay_expires", "expires"),
)

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("service", sa.String(100), nullable=False),
    sa.Column("hook", sa.String(40), nullable=False),
    sa.Column("outcome", sa.String(40), nullable=False),  # the Evaluation's; or app.store.records: what else became of it
    sa.Column("cards", sa.Integer, nullable=False),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("data_gaps", Json, nullable=False),  # ["ImagingStudy: not-supported"]
    sa.Column("logic_version", sa.String(40), nullable=False),
    sa.Index("call_at", "at"),
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("card", sa.String(36), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("service", sa.String(100), nullable=False),
    sa.Column("hook", sa.String(40), nullable=False),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("indicator", sa.String(10), nullable=False),
    sa.Column("outcome", sa.String(40), nullable=False),
    sa.Column("fractures", Json, nullable=False),  # [{"outcome": "met", "criteria": {"recent": {"status": "met", "reason": "…"}}}]
    sa.Column("flags", Json, nullable=False),  # [{"flag": "coagulopathy", "severity": "blocking"}]
    sa.Column("suggestions", sa.Integer, nullable=False),
    sa.Column("logic_version", sa.String(40), nullable=False),
    sa.Column("rules_hash", sa.String(64), nullable=False),
    sa.Column("profile", sa.String(200), nullable=False),
    sa.Column("thresholds", Json, nullable=False),
    sa.Index("decision_at", "at"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # of all that makes two items the same
    sa.Column("received", Moment, nullable=False),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("service", sa.String(100), nullable=False),
    sa.Column("card", sa.String(255), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("outcome_at", Moment),
    sa.Column("suggestions", Json, nullable=False),  # ids of those accepted
    sa.Column("reason_code", sa.String(200)),
    sa.Column("reason_system", sa.String(255)),
    sa.Column("comment", sa.Text),
    sa.Index("feedback_received", "received"),
    sa.Index("feedback_client", "client", "received"),
    sa.Index("feedback_card", "card"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("issuer", sa.String(255), nullable=False),
    sa.Column("tenant", sa.String(255), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("hook", sa.String(40), nullable=False),
    sa.Column("hook_instance", sa.String(64), nullable=False),
    sa.Column("patient", sa.String(64), nullable=False),  # keyed hash; empty where the call was refused before anybody was named
    sa.Column("kinds", Json, nullable=False),  # {"Condition": 3}
    sa.Index("audit_at", "at"),
)

secret = sa.Table(
    "secret",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("due", sa.BigInteger, nullable=False),  # seconds since 1970; whoever moves it on has the job
)

card_feedback = sa.Table(  # a view: feedback, each with the decision on its card where the same client was given it
    "card_feedback",
    sa.MetaData(),
    *(sa.Column(column.name, column.type) for column in feedback.columns),
    sa.Column("matched", sa.Boolean),
    sa.Column("answered", Moment),
    sa.Column("hook", sa.String(40)),
    sa.Column("topic", sa.String(100)),
    sa.Column("indicator", sa.String(10)),
    sa.Column("decided", sa.String(40)),  # the Evaluation's outcome
    sa.Column("logic_version", sa.String(40)),
    sa.Column("rules_hash", sa.String(64)),
    sa.Column("profile", sa.String(200)),
)
