"""Why something could not be had, in words of ours, and what it means for the Evaluation (contract 3, dataGaps).

Nothing here holds text or values that a server or a request sent.
"""

from collections.abc import Mapping

from hooks.retrieval import Trouble

UNTRUSTED = Trouble(why="the FHIR server is not among the trusted ones")
NO_TOKEN = Trouble(why="no access token that can be used came with the call")
OFTEN_FAILED = Trouble(why="the FHIR server has just failed several times and is not asked for a few seconds", gap="failed", transient=True)

UNREACHABLE = Trouble(why="the FHIR server cannot be reached", gap="failed", transient=True)
NOT_CERTIFIED = Trouble(why="the FHIR server cannot prove who it is (TLS)", gap="failed")
LATE = Trouble(why="the FHIR server did not answer in time", gap="failed", transient=True)
BUSY = Trouble(why="the FHIR server asks to be called less often", gap="failed", transient=True)
SERVER_FAILED = Trouble(why="the FHIR server failed", gap="failed", transient=True)
TOO_LARGE = Trouble(why="the FHIR server sent more than is read", gap="truncated")
UNREADABLE = Trouble(why="the FHIR server sent what cannot be read as the answer to a search", gap="failed")
SEARCH_FAILED = Trouble(why="the FHIR server sent an error for an answer", gap="failed")
NO_MORE_PAGES = Trouble(why="the FHIR server has more pages than are read, or says they are elsewhere", gap="truncated")
REFUSED = Trouble(why="the FHIR server refused access to this type", gap="not-authorised")
NOT_SERVED = Trouble(why="the FHIR server does not serve this type, or not by this search", gap="not-supported")
NOT_THERE = Trouble(why="the FHIR server has no such Patient", gap="failed")
REDIRECTED = Trouble(why="the FHIR server sent the call elsewhere, where it is not made", gap="failed")

RETRIED = frozenset({500, 502, 503})
NO_POST = frozenset({404, 405, 415, 501})
"""Statuses of a server, or of one proxy before it, that takes no search by POST."""

_KNOWN_VERSIONS: Mapping[str, str] = {"0.4": "DSTU2", "1.0": "DSTU2", "3.0": "STU3", "5.0": "R5", "6.0": "R6"}
_BY_STATUS: Mapping[int, Trouble] = {401: REFUSED, 403: REFUSED, 408: LATE, 429: BUSY, 504: LATE}

_RESULTS: Mapping[Trouble | None, str] = {
    None: "complete",
    **{trouble: name.lower().replace("_", "-") for name, trouble in list(globals().items()) if isinstance(trouble, Trouble)},
}


def result_of(trouble: Trouble | None) -> str:
    """One word for what came of asking: `UNREACHABLE` is `unreachable`; what has no name here is another FHIR version's."""
    return _RESULTS.get(trouble, "other-version")


def other_version(version: str) -> Trouble:
    """`version` is major and minor."""
    name = _KNOWN_VERSIONS.get(version)
    return Trouble(why=f"the FHIR server is of version {name} and not R4" if name else "the FHIR server is not of version R4", gap="failed")


def of_status(status: int, *, is_read: bool) -> Trouble:
    """What a status other than 200 means, for the read of a Patient or a search."""
    if 300 <= status < 400:
        return REDIRECTED
    if status in (400, 404, 405, 410, 501):
        return NOT_THERE if is_read else NOT_SERVED
    return _BY_STATUS.get(status, SERVER_FAILED if status >= 500 else UNREADABLE)
