"""The answers of our assessment form (Questionnaire ta279-assessment) to facts, like any other resource's (docs/form.md).

A question whose linkId ends with a code of our CodeSystem `findings` asks for that finding. What the form says, it says as of the day
it was authored: a medicine still taken then is known to be taken until then, and an undated finding was seen by then.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from clinical.codes import NONE
from clinical.dates import PartialDate
from clinical.record import Allergy, BodySite, Condition, ImagingStudy, Medication, MedicationKind, Observation, Site, Source
from fhir_mapping.body_site import NO_SITE, body_site
from fhir_mapping.elements import Coding, Concept
from fhir_mapping.findings import Origin, fact, refused
from fhir_mapping.reading import Reading
from fhir_mapping.resources.imaging_study import MODALITIES
from fhir_mapping.resources.observation import Component
from fhir_mapping.resources.questionnaire_response import CANONICAL, Answer, Answers, QuestionnaireResponse, groups

COUNTED = frozenset({"completed", "amended"})
FINDINGS = f"{CANONICAL}/CodeSystem/findings"
FORM_CODES = f"{CANONICAL}/CodeSystem/assessment"
ANALGESICS = frozenset({"paracetamol", "nsaid", "weak-opioid", "strong-opioid", "gabapentinoid"})
"""Codes of FORM_CODES for a class of medicine, each the id of that class's value set."""
PAIN_SCORE = Coding(system="http://loinc.org", code="72514-3")
PAIN_TOP = 10
LAYPEOPLE = ("Patient/", "RelatedPerson/")
NOT_ANSWERED = Answer()

FormFact: TypeAlias = Allergy | Condition | ImagingStudy | Medication | Observation


def to_facts(response: QuestionnaireResponse, reference: str, source: Source, reading: Reading) -> list[FormFact] | str:
    """Every fact of a finished form, or why there is none: a draft, or filled in by somebody who does not examine."""
    if refusal := refused(response.status, COUNTED):
        return refusal
    if response.author is not None and any(person in (response.author.reference or "") for person in LAYPEOPLE):
        return "not-by-a-clinician"
    authored = reading.date(response.authored)
    if reading.is_future(authored):
        return "future-dated"
    form = _Form(reference, source, authored, reading)
    return [made for link_id, answers in groups(response) for made in form.facts_of(link_id, answers)] or "not-relevant"


class _Form(msgspec.Struct, frozen=True):
    """One response, its groups read one by one."""

    reference: str
    source: Source
    authored: PartialDate | None
    reading: Reading

    def facts_of(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """Of one group. One that we do not know says nothing."""
        read = _GROUPS.get(link_id)
        return read(self, link_id, answers) if read is not None else iter(())

    def fracture(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """A diagnosis, if its level is told."""
        site = self._site(answers.get(f"{link_id}.level"))
        if site.level is None:
            self.reading.count("incomplete-answer")
            return
        mechanism = answers.get(f"{link_id}.mechanism", NOT_ANSWERED).value_coding
        yield Condition(
            reference=self.reference,
            source=self.source,
            concepts=self._finding("vertebral-compression-fracture"),
            cause_concepts=self._concepts(mechanism),
            site=site,
            onset=self.reading.by_today(self._day(answers.get(f"{link_id}.onset"))),
            recorded=self.authored,
        )

    def observed(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """Findings of one group on its day at its level."""
        yield from self._observations(answers, self._seen_on(link_id, answers), self._site(answers.get(f"{link_id}.level")), NONE)

    def imaged(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """One study, and what it showed at one level."""
        modality = MODALITIES & self._concepts(answers.get(f"{link_id}.study", NOT_ANSWERED).value_coding)
        seen_on, site = self._seen_on(link_id, answers), self._site(answers.get(f"{link_id}.level"))
        if modality and not self._is_future(seen_on):
            yield ImagingStudy(reference=self.reference, source=self.source, modality=modality, date=seen_on)
        yield from self._observations(answers, seen_on, site, modality)

    def scored(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """Back pain from 0 to 10. `Now`, without a day of its own, is the day of the form."""
        score = answers.get(f"{link_id}.score", NOT_ANSWERED)
        when = self._day(answers.get(f"{link_id}.date")) or (self.authored if link_id == "pain.now" else None)
        if score.value_integer is None or self._is_future(when):
            return
        if not 0 <= score.value_integer <= PAIN_TOP:
            self.reading.count("out-of-range")
            return
        yield self._fact(score, self._concepts(PAIN_SCORE), when or self._by_authored(), BodySite(Site.SPINE), NONE)

    def taken(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """A class of analgesic, from when to when, as the clinician was told."""
        kind = answers.get(f"{link_id}.class", NOT_ANSWERED).value_coding
        start = self._day(answers.get(f"{link_id}.from"))
        if kind is None or kind.system != FORM_CODES or kind.code not in ANALGESICS or self._is_future(start):
            return
        yield Medication(
            reference=self.reference,
            source=self.source,
            kind=MedicationKind.STATEMENT,
            concepts=frozenset({kind.code}),
            start=start,
            stop=self._until(answers.get(f"{link_id}.to")),
            as_needed=bool(answers.get(f"{link_id}.as-needed", NOT_ANSWERED).value_boolean),
            stopped_for_intolerance=bool(answers.get(f"{link_id}.not-tolerated", NOT_ANSWERED).value_boolean),
        )

    def warned(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """An allergy to cement is one; the rest are findings of the day."""
        cement = f"{link_id}.pmma-allergy"
        if answers.get(cement, NOT_ANSWERED).value_boolean:
            allergy = self._finding("pmma-allergy")
            yield Allergy(reference=self.reference, source=self.source, concepts=allergy, recorded=self.authored)
        yield from self.stated(link_id, {name: answer for name, answer in answers.items() if name != cement})

    def stated(self, link_id: str, answers: Answers) -> Iterator[FormFact]:
        """What the clinician states on the day of the form."""
        yield from self._observations(answers, self.authored, NO_SITE, NONE)

    def _observations(self, answers: Answers, when: PartialDate | None, site: BodySite, modality: frozenset[str]) -> Iterator[FormFact]:
        if self._is_future(when):
            return
        for link_id, answer in answers.items():
            if concepts := self._finding(link_id.rpartition(".")[2]):
                yield self._fact(answer, concepts, when, site, modality)

    def _fact(
        self, answer: Answer, concepts: frozenset[str], when: PartialDate | None, site: BodySite, modality: frozenset[str]
    ) -> Observation:
        coding = answer.value_coding
        valued = Component(
            value_boolean=answer.value_boolean,
            value_integer=answer.value_integer,
            value_decimal=answer.value_decimal,
            value_codeable_concept=Concept(coding=[coding]) if coding is not None else None,
        )
        return fact(valued, concepts, site, Origin(self.reference, self.source, modality, when), self.reading.terminology)

    def _finding(self, code: str) -> frozenset[str]:
        return self.reading.terminology.concepts(FINDINGS, code)

    def _concepts(self, coding: Coding | None) -> frozenset[str]:
        if coding is None or not coding.system or not coding.code:
            return NONE
        return self.reading.terminology.concepts(coding.system, coding.code)

    def _site(self, level: Answer | None) -> BodySite:
        coding = level.value_coding if level is not None else None
        return body_site((Concept(coding=[coding]),), None, self.reading.terminology) if coding is not None else NO_SITE

    def _day(self, answer: Answer | None) -> PartialDate | None:
        return self.reading.date(answer.value_date) if answer is not None else None

    def _seen_on(self, link_id: str, answers: Answers) -> PartialDate | None:
        return self._day(answers.get(f"{link_id}.date")) or self._by_authored()

    def _by_authored(self) -> PartialDate | None:
        """It was so by the day of the form (G3)."""
        return PartialDate(None, self.authored.latest) if self.authored is not None else None

    def _until(self, answer: Answer | None) -> PartialDate | None:
        """Not beyond the day of the form: what came after, it does not know."""
        stop, authored = self._day(answer), self.authored
        if stop is None or (authored is not None and authored.certainly_before(stop)):
            return authored
        return stop

    def _is_future(self, when: PartialDate | None) -> bool:
        future = self.reading.is_future(when)
        self.reading.count("future-dated", int(future))
        return future


_GROUPS: Mapping[str, Callable[[_Form, str, Answers], Iterator[FormFact]]] = {
    "fracture": _Form.fracture,
    "examination": _Form.observed,
    "imaging": _Form.imaged,
    "pain.now": _Form.scored,
    "pain.earlier": _Form.scored,
    "pain": _Form.stated,
    "analgesia.medicine": _Form.taken,
    "analgesia": _Form.stated,
    "bone-density": _Form.observed,
    "safety": _Form.warned,
}
