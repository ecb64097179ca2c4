"""Why a call is not answered with cards. The shell turns each into a status and an OperationOutcome.

CallError
├── BadCall            the request is not what the specification says it must be, or speaks of another patient
└── DataUnavailable    required data came neither with the call nor from the FHIR server (S-54)

The words say what is wrong and where. They never hold a value from the request.
"""


class CallError(Exception):
    """`message` is a sentence of ours; `path` is where in the request, `context.patientId`, empty for the whole of it."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class BadCall(CallError):
    """The request cannot be read, lacks a member, contradicts itself, or names a second patient."""


class DataUnavailable(CallError):
    """What the criteria cannot do without: no answer is better than an answer that looks like reassurance.

    `transient`: the same call may be answered in a moment.
    """

    def __init__(self, key: str, resource_type: str, why: str, *, transient: bool = False) -> None:
        super().__init__(f"{resource_type} data are required and {why}.", f"prefetch.{key}")
        self.transient = transient
