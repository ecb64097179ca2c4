"""All that is kept, as one thing: opened before the service answers, running while it does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from app.settings import Settings
from app.store import records
from app.store.database import Database
from app.store.feedback import FeedbackStore
from app.store.pseudonyms import Pseudonyms
from app.store.replay import ReplayStore
from app.store.retention import Retention
from app.store.writer import Writer
from app.trust.caller import Caller
from hooks.answer import Answer
from hooks.registry import CDSService

log = logging.getLogger(__name__)

MOST_FEEDBACK_A_DAY = 20_000  # of one client


class Store:
    """SettingsError where the database cannot be used. `rules_hash` is kept with each decision."""

    def __init__(self, settings: Settings, rules_hash: str) -> None:
        self._rules_hash = rules_hash
        self.database = Database(settings.database_url)
        key = settings.audit_key.get_secret_value() if settings.audit_key else self.database.generated_key
        self.replay = ReplayStore(self.database)
        self.feedback = FeedbackStore(self.database, comments=settings.feedback_comments, most_a_day=MOST_FEEDBACK_A_DAY)
        self._retention = Retention(self.database, self.replay, days=settings.retention_days, audit_days=settings.audit_days)
        self._writer = Writer(self.database, partial(records.rows, pseudonyms=Pseudonyms(key), rules_hash=rules_hash))

    @property
    def dropped(self) -> int:
        """Records of calls that were lost since start: no place, or no database."""
        return self._writer.dropped

    def count_dropped(self, count: Callable[[int], object]) -> None:
        """`count` is told of each loss."""
        self._writer.count_dropped(count)

    def answered(self, service: CDSService, caller: Caller, answer: Answer, seconds: float) -> None:
        """A Notice: does not wait."""
        self._writer.put(records.of_answer(service, caller, answer, seconds))

    def failed(self, service: CDSService, caller: Caller, error: Exception, seconds: float) -> None:
        """The same of a call that got no cards but an error."""
        self._writer.put(records.of_failure(service, caller, error, seconds))

    async def trouble(self) -> str:
        """Why nothing can be kept now; empty where it can."""
        code = await self.database.trouble()
        return code and f"the store cannot be written ({code})"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """At the end of the block what waits is written, and the database closed."""
        log.info("answers are given by the rules %s", self._rules_hash)
        self._writer.start()
        retention = asyncio.create_task(self._retention.run())
        try:
            yield
        finally:
            retention.cancel()
            await self._writer.stop()
            await asyncio.wait([retention])
            await self.database.close()
