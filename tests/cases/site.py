"""One site's way of writing things down: its codes and its calendar, passed to every maker of resources."""

from dataclasses import dataclass

from tests.cases.resource import Fact, Resource
from tests.cases.when import Calendar
from tests.cases.words import Words

PATIENT = {"reference": "Patient/patient"}


@dataclass(frozen=True)
class Site:
    words: Words
    calendar: Calendar

    def resource(self, kind: str, fact: Fact, status: str | None = None, subject: str = "subject") -> Resource:
        """The part that every resource about the patient shares."""
        made: Resource = {"resourceType": kind, "id": fact.id, subject: PATIENT}
        if status is not None:
            made["status"] = status
        return made

    def put_sites(self, resource: Resource, fact: Fact, several: bool) -> None:
        """Write `at:` to bodySite: a list of concepts where the resource allows several, else one."""
        at = fact.get("at")
        if at is None:
            return
        places = at if isinstance(at, list) else [at]
        sites = [self.words.site(str(each)) for each in places]
        resource["bodySite"] = sites if several else sites[0]

    def put_note(self, resource: Resource, fact: Fact) -> None:
        if note := fact.text("note"):
            resource["note"] = [{"text": note}]
