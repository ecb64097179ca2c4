"""Headers of every page for people: its own style and script, nothing inline, nothing from elsewhere, and nothing kept."""

from collections.abc import Iterable, Mapping

from app.outcomes import NO_STORE


def guarded(connects: Iterable[str] = ("'self'",), framed_by: Iterable[str] = (), style: str = "'self'") -> Mapping[str, str]:
    """`connects`: the origins its script may ask; `framed_by`: the origins that may show it in a frame, else nobody."""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src {style}; connect-src {_sources(connects)}; img-src data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {_sources(framed_by)}"
    )
    return {**NO_STORE, "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}


def _sources(origins: Iterable[str]) -> str:
    return " ".join(origins) or "'none'"
