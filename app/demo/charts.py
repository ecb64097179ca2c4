"""The samples as they stand today, made once a day."""

from collections.abc import Callable, Iterator
from datetime import date

from app.demo.samples import Sample, load_samples
from app.demo.templates import Resource


class Charts:
    """Every sample patient, dated relative to what `today` answers when asked."""

    def __init__(self, today: Callable[[], date]) -> None:
        self.today = today
        self._made_on: date | None = None
        self._samples: list[Sample] = []

    def samples(self) -> list[Sample]:
        today = self.today()
        if today != self._made_on:
            self._samples, self._made_on = load_samples(today), today
        return self._samples

    def sample(self, sample_id: str) -> Sample | None:
        return next((sample for sample in self.samples() if sample.id == sample_id), None)

    def resources(self) -> Iterator[Resource]:
        return (resource for sample in self.samples() for resource in sample.resources)
