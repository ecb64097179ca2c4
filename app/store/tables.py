"""The tables as they are asked. How they came about stands in the migrations; that both agree is tested."""

import sqlalchemy as sa

metadata = sa.MetaData()

replay = sa.Table(
    "replay",
    metadata,
    sa.Column("issuer", sa.String(255), primary_key=True),
    sa.Column("jti_hash", sa.String(64), primary_key=True),
    sa.Column("expires", sa.BigInteger, nullable=False),  # seconds since 1970
    sa.Index("replay_expires", "expires"),
)
