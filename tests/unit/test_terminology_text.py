"""What free text hints at: only what it plainly says, of this patient, now."""

import pytest

from guidelines.ta279.terminology import text_hints
from guidelines.ta279.terminology_text import LONGEST_NAME

SAYS_FRACTURE = [
    "Vertebral fracture", "vertebral compression fracture", "VCF", "Multiple VCFs", "Compression fracture",
    "COMPRESSION FRACTURE OF L1", "compression # L1", "wedge # of D12", "Wedge fracture T8", "# L2", "#L1", "L1 #", "fracture of T12",
    "Fracture of T12.", "fx L3", "T12 and L1 fractures", "fractures of T12 and L1", "fracture T12-L1", "L-1 fracture",
    "Th11 fracture", "fracture of T 12", "# L2/3", "Fracture, L1 vertebra", "fracture of the second lumbar vertebra",
    "2nd lumbar vertebra fracture", "Fracture of vertebral body of T12", "osteoporotic collapse of T8", "collapsed vertebra",
    "Vertebral collapse", "fractured spine", "spinal fracture", "crush fracture L3", "burst fracture of L1", "lumbar spine fracture",
    "acute T12 wedge fracture, no neurological deficit", "Fracture L1 but no cord compression", "No fall. Compression fracture L1",
    "Fracture of spine without mention of cord injury", "80 year old with L1 fracture", "82 yr old, vertebral fracture",
    "Fragility fracture of lumbar vertebra", "fracture (L4)", "Rib fracture. L1 compression fracture", "C5 fracture",
]  # fmt: skip
SAYS_NONE = [
    "", "Low back pain", "Osteoporosis", "Fragility fracture", "Hip fracture", "Fracture of distal radius",
    "Fracture of tibial spine", "Anterior superior iliac spine avulsion fracture", "Compression fracture of tibial plateau",
    "Wedge fracture of calcaneus", "Crush fracture of finger", "Hip fracture under spinal anaesthesia",
    "wrist fracture and spinal stenosis", "wrist fracture and vertebral osteoporosis", "Lung collapse", "Collapse ?cause",
    "Collapsed at home, L1 tender", "Spinal cord compression", "Compression stockings", "T12 tenderness", "Item # 12",
    "T1 hyperintense lesion", "Fracture of T13", "fracture of L6", "fracture of T0", "No vertebral fracture",
    "no evidence of vertebral fracture", "Without vertebral fracture", "Not a compression fracture", "Denies compression fracture",
    "No rib, pelvic or vertebral fracture", "Vertebral fracture excluded", "vertebral fracture ruled out", "r/o vertebral fracture",
    "Vertebral fracture not seen", "Vertebral fracture: none", "Vertebral fracture: no", "Vertebral fracture? No",
    "Vertebral fracture unlikely", "vertebral fracture - negative", "Negative for compression fracture", "Old L1 fracture",
    "L1 fracture, old", "previous vertebral fracture", "Past vertebral fracture", "prior T12 compression fracture",
    "History of vertebral fracture", "H/o wedge fracture L1", "healed compression fracture", "chronic T12 wedge fracture",
    "Family history of vertebral fracture", "Mother had a vertebral fracture", "FH: spinal fracture", "At risk of vertebral fracture",
    "Vertebral fracture risk", "Screening for vertebral fracture", "Vertebral fracture prophylaxis", "Prevention of spinal fractures",
    "VCF s/p kyphoplasty", "old VCF", "No VCF",
]  # fmt: skip
SAYS_OPIOID = [
    "Codeine", "codeine phosphate 30mg tablets", "Co-codamol 30/500", "co-codamol 15mg/500mg tablets", "CO-CODAMOL",
    "dihydrocodeine 30 mg", "Tramadol 50mg capsules", "morphine sulfate MR 10 mg", "Oxycodone / naloxone MR",
    "Fentanyl 25 mcg/h patch", "buprenorphine 10 microgram/h", "tapentadol", "hydrocodone-acetaminophen 5-325", "HYDROmorphone 2 MG",
    "methadone 5 mg", "Meptazinol 200mg", "co-dydramol 10/500", "Morphine (nonformulary)",
]  # fmt: skip
SAYS_NO_OPIOID = [
    "", "Paracetamol 500mg", "Ibuprofen", "Co-codamol 8/500", "co-codamol 8mg/500mg tablets",
    "Paracetamol 500mg / codeine phosphate 8mg", "Codeine linctus", "codeine cough syrup", "promethazine with codeine",
    "non-opioid analgesic", "Nonopioid analgesic and codeine free", "Naloxone", "naltrexone", "opioid antagonist", "morphine antagonist",
    "buprenorphine/naloxone 8/2 film", "buprenorphine naloxone",
    "Apomorphine", "Codeine allergy", "no morphine", "methadone maintenance", "Tram accident",
    "Codan", "dextromethorphan", "methadonewithoutspace",
]  # fmt: skip
SAYS_CEMENT = [
    "PMMA", "pmma bone cement", "Bone cement", "BONE CEMENTS", "methylmethacrylate", "Methyl methacrylate", "methyl-methacrylate",
    "poly(methyl methacrylate)", "Polymethylmethacrylate", "acrylic bone cement", "Acrylic cement", "? bone cement",
    "DO NOT USE BONE CEMENT - anaphylaxis", "No known allergies except bone cement", "Bone cement allergy cannot be excluded",
    "bone cement not well tolerated", "Bone-cement", "bone  cement", "bone\u00a0cement", "NKDA - bone cement anaphylaxis",
    "PMMA (not penicillin) anaphylaxis", "Not to be given bone cement", "bone cement no rash",
    "bone cement, no rash", "No latex allergy, bone cement anaphylaxis", "no anaphylaxis. Bone cement rash", "none; PMMA",
    "No latex allergy but bone cement", "no rash\nPMMA", "bone cement not tolerated", "bone cement poorly tolerated",
    "No allergy to PMMA, allergic to bone cement", "Notable: PMMA", "Bone cement nonetheless", "latex excluded - bone cement",
]  # fmt: skip
SAYS_PERHAPS_CEMENT = [
    "No bone cement! cardiac arrest 2019", "Nil: bone cement", "NKA bone cement", "NKDA, not bone cement", "PMMA intraocular lens",
    "neither bone cement", "bone cement allergy unlikely", "No PMMA, no latex",
]  # fmt: skip
SAYS_NO_CEMENT = [
    "", "Latex", "cement", "Dental cement", "bone", "PMMAx", "No known allergies", "No allergy to bone cement", "no known PMMA allergy",
    "acrylic", "Acrylic nails", "methacrylate", "No known allergy to bone cement", "no allergy to PMMA or bone cement",
    "No allergy to bone cement (PMMA)", "No adverse drug reaction to bone cement", "Keine PMMA-Allergie", "Sin alergia a PMMA",
    "geen allergie voor PMMA", "Family history: bone cement allergy", "Mother allergic to bone cement", "bone cement well tolerated",
    "bone cement allergy: no.", "Not allergic to PMMA", "never reacted to bone cement",
    "without PMMA allergy", "Denies bone cement allergy", "denied PMMA allergy", "They deny a bone cement allergy",
    "negative for PMMA", "neither latex nor bone cement", "bone cement: no", "Bone cement - none", "bone cement: nil",
    "PMMA patch test negative", "bone cement allergy denied", "bone cement allergy excluded", "PMMA allergy ruled out",
    "bone cement tolerated",
]  # fmt: skip


@pytest.mark.parametrize("text", SAYS_CEMENT)
def test_bone_cement_named_in_words_is_a_hint(text: str) -> None:
    assert text_hints(text) == {"text-bone-cement"}


@pytest.mark.parametrize("text", SAYS_PERHAPS_CEMENT)
def test_bone_cement_in_words_that_leave_a_doubt_is_a_hint_of_its_own(text: str) -> None:
    assert text_hints(text) == {"text-bone-cement-perhaps"}


def test_of_several_mentions_the_plainest_counts() -> None:
    assert text_hints("No PMMA. Bone cement anaphylaxis") == {"text-bone-cement"}
    assert text_hints("No allergy to PMMA. No bone cement") == {"text-bone-cement-perhaps"}


@pytest.mark.parametrize("text", SAYS_NO_CEMENT)
def test_another_substance_or_a_plain_denial_is_no_hint_of_bone_cement(text: str) -> None:
    assert text_hints(text) == frozenset()


@pytest.mark.parametrize("text", SAYS_FRACTURE)
def test_a_plain_mention_of_a_broken_vertebra_is_a_hint(text: str) -> None:
    assert text_hints(text) == {"text-vertebral-fracture"}


@pytest.mark.parametrize("text", SAYS_NONE)
def test_no_hint_from_another_bone_another_time_another_person_or_a_denial(text: str) -> None:
    assert text_hints(text) == frozenset()


@pytest.mark.parametrize("text", SAYS_OPIOID)
def test_the_name_of_an_opioid_analgesic_is_a_hint(text: str) -> None:
    assert text_hints(text) == {"text-opioid"}


@pytest.mark.parametrize("text", SAYS_NO_OPIOID)
def test_no_hint_from_other_drugs_cough_products_and_antagonists(text: str) -> None:
    assert text_hints(text) == frozenset()


def test_both_hints_from_one_text() -> None:
    assert text_hints("morphine for L1 compression fracture") == {"text-opioid", "text-vertebral-fracture"}


def test_line_breaks_end_a_sentence() -> None:
    assert text_hints("No rib fracture\nL1 compression fracture") == {"text-vertebral-fracture"}


def test_a_narrative_is_not_a_name() -> None:
    name = "L1 compression fracture"
    assert text_hints(name.ljust(LONGEST_NAME)) == {"text-vertebral-fracture"}
    assert text_hints(name.ljust(LONGEST_NAME + 1)) == frozenset()
