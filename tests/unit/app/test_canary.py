"""The canary notices a card that changed, a card that is gone and a service that fails."""

from datetime import date

import msgspec
import pytest

from app.canary import Canary
from app.main import build_house
from app.settings import Mode, Settings
from cards.from_assessment import CardOptions
from hooks.patient_view.service import PatientViewService


class Ailing(PatientViewService):
    """The real service until something is wrong with it: what it then does is told by `illness`."""

    illness = ""

    def answer(self, body: bytes, today: date) -> bytes:
        if self.illness == "fails":
            raise ZeroDivisionError
        answer = msgspec.json.decode(super().answer(body, today))
        if self.illness == "silent":
            answer["cards"] = []
        if self.illness == "says otherwise":
            answer["cards"][0]["detail"] = answer["cards"][0]["detail"].replace("without stenting", "with stenting")
        if self.illness == "is another card":
            answer["cards"][0]["uuid"] = "another"
        return msgspec.json.encode(answer)


@pytest.mark.parametrize(
    ("illness", "sings"), [("", True), ("is another card", True), ("fails", False), ("silent", False), ("says otherwise", False)]
)
def test_it_sings_as_long_as_what_a_clinician_reads_is_the_same(illness: str, sings: bool) -> None:
    house = build_house(Settings.model_construct(mode=Mode.DEMO))
    ailing = Ailing(house.assessor, CardOptions(), explain=False)
    canary = Canary(ailing)
    ailing.illness = illness
    assert canary.sings() is sings
