"""Adverse reactions as data: which procedure, what, how often it was reported, by whom (guideline.md 4)."""

from clinical.assessment import AdverseReaction, Reference, ReportedFrequency

VERTEBROPLASTY, KYPHOPLASTY = "vertebroplasty", "balloon-kyphoplasty"
BOTH = (VERTEBROPLASTY, KYPHOPLASTY)

ADVERSE_REACTIONS = (
    AdverseReaction("From needle insertion: local or systemic infection, bleeding, damage to neural or other structures", BOTH),
    AdverseReaction("Leakage of bone cement", BOTH),
    AdverseReaction("Displacement of bone marrow and other material by the cement", BOTH),
    AdverseReaction("Systemic reactions to the cement, such as hypotension and death", BOTH),
    AdverseReaction("Complications of anaesthesia and of positioning, such as additional fractures of a rib or the sternum", BOTH),
    AdverseReaction("Small risk of balloon rupture, which can leave balloon fragments in the vertebral body", (KYPHOPLASTY,)),
)

REPORTED_FREQUENCIES = (
    ReportedFrequency("Cement leakage on imaging, vertebroplasty", "54.7 % (22 studies)", "PubMed 28192270", (VERTEBROPLASTY,)),
    ReportedFrequency("Cement leakage on imaging, balloon kyphoplasty", "18.4 % (22 studies)", "PubMed 28192270", (KYPHOPLASTY,)),
    ReportedFrequency("Cement leakage on CT, trial, vertebroplasty", "164 of 201 levels (82 %)", "AJNR 2014;35:2227", (VERTEBROPLASTY,)),
    ReportedFrequency("Cement leakage on CT, trial, balloon kyphoplasty", "157 of 214 levels (73 %)", "AJNR 2014;35:2227", (KYPHOPLASTY,)),
    ReportedFrequency("Leak needing decompression", "4 of 3,175 people after vertebroplasty", "J Orthop Surg Res 2019", (VERTEBROPLASTY,)),
    ReportedFrequency("Pulmonary cement embolism on CT afterwards", "34 of 1,782 (1.9 %)", "J Orthop Surg Res 2021", BOTH),
    ReportedFrequency("Spinal infection", "18 of 5,749 (0.32 %) after vertebroplasty", "PMC6233540", (VERTEBROPLASTY,)),
    ReportedFrequency("New vertebral fracture, VERTOS II", "15 of 91 with, 21 of 85 without", "AJNR 2010;31:1447", (VERTEBROPLASTY,)),
    ReportedFrequency("Balloon rupture", "rare; no trustworthy rate", "NICE IPG166", (KYPHOPLASTY,)),
    ReportedFrequency("Death from the procedure", "rare; no reliable rate", "HTA 2014;18(17)", BOTH),
)

CONTESTED_EVIDENCE = (
    "NICE TA279 (2013) recommends both procedures as options, yet most sham-controlled trials found no benefit over sham"
    " (Cochrane 2018, ASBMR 2019). VAPOUR (early, severe pain) and VERTOS V (chronic pain with oedema) found one."
    " Talk through benefit, harm and uncertainty with the person."
)

LINKS = (
    Reference("NICE TA279 guidance", "https://www.nice.org.uk/guidance/ta279"),
    Reference("After a fracture: secondary prevention (NOGG)", "https://www.nogg.org.uk"),
    Reference("Fragility fracture risk (NICE CG146)", "https://www.nice.org.uk/guidance/cg146"),
    Reference("Spinal metastases and cord compression (NICE NG234)", "https://www.nice.org.uk/guidance/ng234"),
)
