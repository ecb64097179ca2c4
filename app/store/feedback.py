"""Feedback, kept for good before it is answered: append-only, the same item once."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.errors import TooMuchFeedback
from app.store.database import Database
from app.store.feedback_items import Item, read_item
from app.store.tables import feedback
from app.store.text import bounded

log = logging.getLogger(__name__)


class FeedbackStore:
    """`unusable` counts items since start that did not say which card or what became of it. `comments`: whether users' words are kept."""

    def __init__(self, database: Database, *, comments: bool, most_a_day: int) -> None:
        self.unusable = 0
        self._database = database
        self._comments = comments
        self._most_a_day = most_a_day

    async def keep(self, client: str, service: str, values: Sequence[Any]) -> None:
        """Kept when this returns; StoreUnavailable where it is not: then all may be sent again. TooMuchFeedback beyond a day's bound."""
        items = [item for item in map(read_item, values) if item is not None]
        self._count_unusable(len(values) - len(items))
        if not items:
            return
        rows = self._rows(bounded(client, 200), service, items)
        async with self._database.transaction() as connection:
            await connection.execute(self._database.insert_new(feedback), rows)
            if (await connection.execute(self._of_a_day(client))).scalar_one() > self._most_a_day:
                raise TooMuchFeedback

    def _rows(self, client: str, service: str, items: Iterable[Item]) -> list[dict[str, Any]]:
        received = datetime.now(UTC)
        return [
            {
                "digest": item.digest(client),
                "received": received,
                "client": client,
                "service": service,
                "card": item.card,
                "outcome": item.outcome,
                "outcome_at": item.moment,
                "suggestions": list(item.suggestions),
                "reason_code": item.reason_code or None,
                "reason_system": item.reason_system or None,
                "comment": item.comment or None if self._comments else None,
            }
            for item in items
        ]

    def _of_a_day(self, client: str) -> sa.Select[int]:
        since = datetime.now(UTC) - timedelta(days=1)
        return sa.select(sa.func.count()).where(feedback.c.client == client, feedback.c.received > since)

    def _count_unusable(self, count: int) -> None:
        self.unusable += count
        if count:
            log.info("feedback that names no card or no outcome was left out: %d items", count, extra={"event": "feedback-unusable"})
