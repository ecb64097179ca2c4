"""The samples as they stand today, made once a day, with the forms that were filled in for them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from app.demo.kept_forms import KeptForms
from app.demo.samples import Sample, load_samples
from app.demo.templates import Resource


class Charts:
    """Every sample patient, dated relative to what `today` answers when asked; `forms` are those kept by this process."""

    def __init__(self, today: Callable[[], date]) -> None:
        self.today = today
        self.forms = KeptForms()
        self._made_on: date | None = None
        self._samples: list[Sample] = []

    def samples(self) -> list[Sample]:
        today = self.today()
        if today != self._made_on:
            self._samples, self._made_on = load_samples(today), today
        return [replace(sample, resources=[*sample.resources, *self.forms.of(sample.id)]) for sample in self._samples]

    def sample(self, sample_id: str) -> Sample | None:
        return next((sample for sample in self.samples() if sample.id == sample_id), None)

    def resources(self) -> Iterator[Resource]:
        return (resource for sample in self.samples() for resource in sample.resources)
