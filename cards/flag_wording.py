"""Words for the fourteen flags of contract section 3: what each is called and what to do about it (guideline.md 3).

Advice differs where the same flag is a warning sign in one record and a reason to stop in another.
"""

from typing import NamedTuple

from clinical.assessment import Flag, Severity


class FlagWords(NamedTuple):
    """`title` opens a sentence that goes on "… recorded"; `advice` is for the detail, `act` closes the summary of a blocking alert."""

    title: str
    advice: str
    act: str = "See the advice."


class FlagLink(NamedTuple):
    label: str
    url: str


NG234 = FlagLink("NICE NG234: spinal metastases and metastatic spinal cord compression", "https://www.nice.org.uk/guidance/ng234")
NG234_FLAGS = frozenset(("malignancy", "neurological-compromise"))
CRITICAL_FLAGS = frozenset(("spinal-infection", "neurological-compromise"))

FLAGS = {
    "spinal-infection": FlagWords(
        "Spinal infection",
        "Seek spinal surgical and infection advice today. Infection can be mistaken for a fracture; evaluate again once it is excluded "
        "or treated.",
        "Seek spinal and infection advice today.",
    ),
    "systemic-infection": FlagWords(
        "Systemic infection",
        "Find and treat the source first; evaluate again when it has cleared.",
        "Treat it and evaluate again.",
    ),
    "neurological-compromise": FlagWords(
        "Neurological compromise",
        "Treat as an emergency: follow the local cauda equina or metastatic spinal cord compression (MSCC) pathway now. "
        "Where cancer is known or suspected, NICE NG234 applies.",
        "Follow the local cauda equina or MSCC pathway.",
    ),
    "malignancy": FlagWords(
        "Malignancy",
        "TA279 covers osteoporotic fractures only. Establish the cause of the fracture; for known or suspected spinal metastases follow "
        "NICE NG234 and the local MSCC pathway.",
        "Establish the cause of the fracture.",
    ),
    "coagulopathy": FlagWords(
        "Uncorrected coagulopathy",
        "Correct it by local protocol, repeat the test, then evaluate again.",
        "Correct it and repeat the test.",
    ),
    "antithrombotic-therapy": FlagWords(
        "Anticoagulant or antiplatelet",
        "If a referral is considered, plan with the specialist team whether and how to interrupt it, by local protocol. Do not stop it "
        "because of this card.",
    ),
    "posterior-wall-or-retropulsion": FlagWords(
        "Posterior wall defect or retropulsion",
        "Ask for a spinal surgical opinion on the imaging: several trials excluded such fractures.",
        "Ask for a spinal surgical opinion.",
    ),
    "cement-allergy": FlagWords(
        "Bone cement (PMMA) allergy",
        "Both procedures use bone cement, usually PMMA. Confirm the allergy with the person and an allergy service.",
        "Confirm the allergy.",
    ),
    "pregnancy": FlagWords(
        "Pregnancy",
        "Confirm it, and seek obstetric and specialist spinal advice first.",
        "Confirm it and seek obstetric advice.",
    ),
    "vertebra-plana": FlagWords(
        "Vertebra plana (severe collapse)",
        "Ask the specialist team whether the vertebra can be treated at all: some trials and payers exclude such collapse.",
    ),
    "multiple-levels": FlagWords(
        "Several levels",
        "Cement embolism was reported more often with three or more levels: settle with the specialist team which levels are painful.",
    ),
    "cardiopulmonary-or-positioning": FlagWords(
        "Cardiopulmonary or positioning risk",
        "Ask for an anaesthetic opinion: lying prone and sedation may not be tolerated, and positioning can break a rib or the sternum.",
    ),
    "previous-augmentation-at-level": FlagWords(
        "Augmentation before at this level",
        "New or worse pain after it: image again for a new fracture or infection and seek spinal advice.",
    ),
    "consent-or-capacity": FlagWords(
        "Consent or capacity in question",
        "Assess capacity for this decision and record consent, or a best-interests decision.",
    ),
}

AT_OTHER_SEVERITY = {
    ("systemic-infection", Severity.CAUTION): FlagWords(
        "Possible infection (CRP or temperature raised, or not readable)",
        "Look for an infection and repeat the measurement before any referral.",
    ),
    ("neurological-compromise", Severity.CAUTION): FlagWords(
        "Nerve root symptoms",
        "Examine for a deficit; the pain may come from the nerve root. New weakness, or a bladder or bowel change: local cauda equina or "
        "MSCC pathway.",
    ),
    ("malignancy", Severity.CAUTION): FlagWords(
        "Active cancer, cause of the fracture unproven",
        "TA279 covers osteoporotic fractures only: ask for a report that states the cause before any referral. Suspected metastases: "
        "NICE NG234.",
    ),
    ("coagulopathy", Severity.CAUTION): FlagWords(
        "INR or platelets borderline, or not readable",
        "Repeat the test before any referral and follow the local protocol.",
    ),
    ("pregnancy", Severity.CAUTION): FlagWords(
        "Pregnancy status without a known answer",
        "Ask, and record the answer, before any referral.",
    ),
    ("cement-allergy", Severity.CAUTION): FlagWords(
        "Contrast allergy, or bone cement named in words",
        "Ask what is meant, and tell the specialist team before any referral: contrast and bone cement may be used.",
    ),
    ("previous-augmentation-at-level", Severity.CAUTION): FlagWords(
        "Augmentation before at another level or one not recorded, or not said to be completed",
        "Think of a new fracture next to it, and confirm which level is painful.",
    ),
}

# Listed where the record shows no such flag: not recorded is not the same as absent.
CHECKS = {
    "spinal-infection": "spinal infection",
    "systemic-infection": "systemic infection",
    "neurological-compromise": "neurological deficit",
    "malignancy": "cancer",
    "coagulopathy": "INR and platelets",
    "antithrombotic-therapy": "anticoagulants and antiplatelets",
    "posterior-wall-or-retropulsion": "posterior wall",
    "cement-allergy": "allergy to bone cement or contrast",
    "pregnancy": "pregnancy",
    "vertebra-plana": "degree of collapse",
    "cardiopulmonary-or-positioning": "fitness to lie prone and be sedated",
    "previous-augmentation-at-level": "earlier augmentation",
    "consent-or-capacity": "consent and capacity",
}

COAGULOPATHY = "inrBlockAbove inrCautionFrom inrMaxAgeDays plateletBlockBelow plateletCautionBelow plateletMaxAgeDays"
FLAG_THRESHOLDS = {
    "systemic-infection": ("systemicInfectionMaxDays", "crpCautionAbove", "temperatureCautionFrom", "infectionMarkerMaxAgeDays"),
    "coagulopathy": tuple(COAGULOPATHY.split()),
    "antithrombotic-therapy": ("antithromboticLookbackDays",),
    "pregnancy": ("pregnancyMaxAgeDays",),
    "multiple-levels": ("levelsCautionFrom",),
}


def words_for(flag: Flag) -> FlagWords:
    """Words for any flag; one that this page does not know yet is still named, never hidden."""
    known = AT_OTHER_SEVERITY.get((flag.flag, flag.severity)) or FLAGS.get(flag.flag)
    return known or FlagWords(flag.flag.replace("-", " ").capitalize(), "Discuss it with the specialist team before any referral.")
