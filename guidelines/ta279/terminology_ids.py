"""The ids of our value sets: what a fact's `concepts` may hold. A file that is missing, or one too many, refuses to start."""

FRACTURES = (
    "osteoporotic-vertebral-fracture", "osteoporotic-fracture-site-unspecified", "vertebral-compression-fracture", "vertebral-fracture",
    "fracture-site-unspecified", "compression-fracture-site-unspecified",
    "burst-vertebral-fracture", "vertebral-fracture-other-cause", "fracture-other-cause-site-unspecified", "neoplastic-vertebral-fracture",
    "neoplastic-fracture-site-unspecified", "out-of-scope-vertebral-fracture", "history-of-vertebral-fracture",
)  # fmt: skip
CONDITIONS = (
    "osteoporosis", "spinal-malignancy", "active-malignancy", "inactive-malignancy", "spinal-infection", "osteomyelitis-site-unspecified",
    "systemic-infection", "neurological-compromise", "radiculopathy", "coagulopathy", "thrombocytopenia", "long-term-antithrombotic",
    "consent-or-capacity", "pregnancy", "cardiopulmonary-or-positioning", "back-pain", "low-energy-mechanism", "high-energy-mechanism",
)  # fmt: skip
MEASURED = (
    "dxa-t-score", "pain-nrs", "pain-vas", "pain-faces", "pain-reported", "pain-score-scale-unstated", "pain-location", "inr", "platelets",
    "crp", "temperature", "pregnancy-status", "asa-class",
)  # fmt: skip
VALUES = (
    "present", "absent", "pregnant", "not-pregnant", "asa-4-or-5", "severity-severe", "severity-moderate", "severity-mild",
    "status-reason-intolerance",
)  # fmt: skip
OWN_FINDINGS = (
    "vertebral-tenderness", "marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss",
    "acute-vertebral-fracture", "healed-vertebral-fracture", "retropulsion", "vertebra-plana", "uncontrolled-despite-optimal-analgesia",
    "persistent-back-pain", "unable-to-lie-prone",
)  # fmt: skip
MEDICATION = (
    "paracetamol", "nsaid", "weak-opioid", "strong-opioid", "gabapentinoid", "calcitonin", "anticoagulant", "antiplatelet",
)  # fmt: skip
ALLERGIES = ("opioid-agent", "opioid-intolerance", "pmma-allergy", "iodinated-contrast-allergy")
PROCEDURES = ("vertebroplasty", "balloon-kyphoplasty", "kyphoplasty-with-stent")
BODY_SITES = ("vertebra", "spine-site", "hip-site", "out-of-scope-site")
IMAGING = ("mri-study", "ct-study", "radiograph-study", "bone-scan-study", "spect-study")

VALUE_SETS = frozenset({
    *FRACTURES, *CONDITIONS, *MEASURED, *VALUES, *OWN_FINDINGS, *MEDICATION, *ALLERGIES, *PROCEDURES, *BODY_SITES, *IMAGING,
})  # fmt: skip
FILLED_BY_OVERLAY_ONLY = frozenset({"consent-or-capacity"})
