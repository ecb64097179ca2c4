"""What stops a mapping. Messages name a resource type and where it came from, never a value."""

from clinical.record import Source


class MappingError(Exception):
    """The input cannot become this patient's record."""


class AnotherPatient(MappingError):
    """A resource names somebody else (contract 6.10). `resource_type` is a type this room knows, else 'Resource'."""

    def __init__(self, resource_type: str, source: Source) -> None:
        super().__init__(f"{resource_type} ({source}) names another patient")
        self.resource_type = resource_type
        self.source = source


class MemberTwice(MappingError):
    """A resource that would be read has two members of one name: readers differ on which of them counts."""

    def __init__(self, resource_type: str, source: Source) -> None:
        super().__init__(f"{resource_type} ({source}) has a member twice")
        self.resource_type = resource_type
        self.source = source


class PatientUnusable(MappingError):
    """No Patient resource, one without an id, or one that says it must not be read as it stands."""


class InvalidBundle(MappingError):
    """Not a Bundle of one patient (contract 6.12)."""
