"""What one reading of a record needs at hand: codes, calendar, birth date, and a count of what was set aside."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, tzinfo

from clinical.codes import Terminology
from clinical.dates import PartialDate
from fhir_mapping.elements import Period
from fhir_mapping.moments import is_no_end, moment, span

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

TextHints = Callable[[str], frozenset[str]]


class Reading:
    """One pass over one patient's resources, as of `today` in `zone`. `set_aside` counts, by reason, what was not used.

    `unread` are the types of resource of which one that may matter cannot be read, or is modified in its meaning by what we do not read.
    """

    def __init__(self, terminology: Terminology, text_hints: TextHints, zone: tzinfo, today: date) -> None:
        self.terminology = terminology
        self.text_hints = text_hints
        self.zone = zone
        self.today = today
        self.birth: PartialDate | None = None
        self.set_aside: Counter[str] = Counter()
        self.unread: set[str] = set()
        self._dates: dict[str, PartialDate | None] = {}

    def date(self, text: str | None) -> PartialDate | None:
        """The days a FHIR date may mean; one that is none is counted and gives None."""
        if text is None:
            return None
        when = self._dates.get(text)
        if when is None and text not in self._dates:
            when = self._dates[text] = moment(text, self.zone)
        if when is None:
            self.set_aside["invalid-date"] += 1
        return when

    def end(self, text: str | None) -> PartialDate | None:
        """The days on which a period may end; None where it has no end or one that cannot be read, which is counted."""
        return None if is_no_end(text) else self.date(text)

    def period(self, period: Period | None) -> PartialDate | None:
        """From start to end, open where a bound is missing or unreadable; a period that ends before it starts is counted, and None."""
        if period is None:
            return None
        start, end = self.date(period.start), self.end(period.end)
        when = span(start, end)
        if when is None and start is not None and end is not None:
            self.set_aside["invalid-date"] += 1
        return when

    def count(self, reason: str, times: int = 1) -> None:
        """So many resources were not used, and why."""
        if times:
            self.set_aside[reason] += times

    def cannot_read(self, resource_type: str, times: int = 1) -> None:
        """So many resources of this type are not what FHIR says: what they would have told is not known, and that it is not is told."""
        if times:
            self.count("undecodable", times)
            self.unread.add(resource_type)

    def is_future(self, when: PartialDate | None) -> bool:
        """Certainly after today (G3)."""
        return when is not None and when.earliest is not None and when.earliest > self.today

    def by_today(self, when: PartialDate | None) -> PartialDate | None:
        """The date, unless it is certainly after today: then it is counted, and what bears it has no date."""
        if not self.is_future(when):
            return when
        self.count("future-dated")
        return None

    def hints(self, *texts: str | None) -> frozenset[str]:
        """What free text mentions. The text itself goes no further."""
        return frozenset().union(*(self.text_hints(text) for text in texts if text))

    def name(self, resource_type: str, resource_id: str | None) -> str:
        """'Condition/c1', or 'Condition/unidentified' where the id is none that FHIR allows."""
        valid = resource_id is not None and _ID.fullmatch(resource_id) is not None
        return f"{resource_type}/{resource_id}" if valid else f"{resource_type}/unidentified"
