"""Why there is no answer that can be used."""

from hooks.retrieval import Trouble


class FhirRefusal(Exception):
    """`status` where the server gave one. The text is ours."""

    def __init__(self, trouble: Trouble, status: int | None = None) -> None:
        super().__init__(trouble.why)
        self.trouble = trouble
        self.status = status
