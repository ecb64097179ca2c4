// What can be added to a chart with one choice: facts that a criterion rests on, and facts that raise a flag.

import { FINDINGS, LOINC, PRESENT, ABSENT, SNOMED, concept, site } from "./codes.js";

const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const STATUS = "http://terminology.hl7.org/CodeSystem";

const ANSWERS = { present: concept(SNOMED, PRESENT[SNOMED], "Present"), absent: concept(SNOMED, ABSENT[SNOMED], "Absent") };

const observation = (category, code, value) => (day) => ({
  resourceType: "Observation",
  status: "final",
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code,
  effectiveDateTime: day,
  ...value,
});

const finding = (category, code, text, answer = "present") =>
  observation(category, concept(FINDINGS, code, text), { valueCodeableConcept: ANSWERS[answer] });

const condition = (system, code, text) => (day) => ({
  resourceType: "Condition",
  clinicalStatus: { coding: [{ system: `${STATUS}/condition-clinical`, code: "active" }] },
  verificationStatus: { coding: [{ system: `${STATUS}/condition-ver-status`, code: "confirmed" }] },
  code: concept(system, code, text),
  onsetDateTime: day,
});

const fracture = (day, level) =>
  level.startsWith("T")
    ? condition(SNOMED, "203451004", "Fragility fracture, thoracic spine")(day)
    : condition(SNOMED, "203450003", "Fragility fracture, lumbar spine")(day);

const medicine = (code, text, days) => (day) => ({
  resourceType: "MedicationRequest",
  status: "active",
  intent: "order",
  medicationCodeableConcept: concept(SNOMED, code, text),
  authoredOn: day,
  dosageInstruction: [{ asNeededBoolean: false }],
  ...(days ? { dispenseRequest: { expectedSupplyDuration: { value: days, unit: "days" } } } : {}),
});

const dispensed = (code, text, days) => (day) => ({
  resourceType: "MedicationDispense",
  status: "completed",
  medicationCodeableConcept: concept(SNOMED, code, text),
  daysSupply: { value: days, unit: "days" },
  whenHandedOver: day,
});

const laboratory = (code, text, value, unit) =>
  observation("laboratory", concept(LOINC, code, text), {
    valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit },
  });

const allergy = (day) => ({
  resourceType: "AllergyIntolerance",
  clinicalStatus: { coding: [{ system: `${STATUS}/allergyintolerance-clinical`, code: "active" }] },
  verificationStatus: { coding: [{ system: `${STATUS}/allergyintolerance-verification`, code: "confirmed" }] },
  code: concept(FINDINGS, "pmma-allergy", "Allergy to bone cement (PMMA)"),
  recordedDate: day,
});

/** Two groups of [id, {label, make, ago, level?, raises?}]: `ago` is how many days back it is dated unless told otherwise. */
export const ADDITIONS = {
  Facts: {
    "pain-8": {
      label: "Pain score 8",
      ago: 0,
      make: observation("survey", concept(LOINC, "72514-3", "Pain score, 0 to 10"), { valueInteger: 8 }),
    },
    "pain-3": {
      label: "Pain score 3",
      ago: 0,
      make: observation("survey", concept(LOINC, "72514-3", "Pain score, 0 to 10"), { valueInteger: 3 }),
    },
    tender: { label: "Tender on percussion", ago: 2, level: true, make: finding("exam", "vertebral-tenderness", "Tender on percussion") },
    "not-tender": {
      label: "Not tender on percussion",
      ago: 2,
      level: true,
      make: finding("exam", "vertebral-tenderness", "Tender on percussion", "absent"),
    },
    oedema: { label: "MRI: marrow oedema", ago: 3, level: true, make: finding("imaging", "marrow-oedema", "Marrow oedema, STIR") },
    "no-oedema": {
      label: "MRI: no marrow oedema",
      ago: 3,
      level: true,
      make: finding("imaging", "marrow-oedema", "Marrow oedema, STIR", "absent"),
    },
    uptake: { label: "SPECT/CT: tracer uptake", ago: 3, level: true, make: finding("imaging", "tracer-uptake", "Tracer uptake, SPECT/CT") },
    fracture: { label: "Osteoporotic vertebral fracture", ago: 30, level: true, make: fracture },
    osteoporosis: { label: "Osteoporosis", ago: 700, make: condition(SNOMED, "64859006", "Osteoporosis") },
    codeine: { label: "Codeine, 28 days dispensed", ago: 27, make: dispensed("775354007", "Codeine 30 mg tablets", 28) },
    morphine: {
      label: "Morphine, 28 days dispensed",
      ago: 27,
      make: dispensed("773372004", "Morphine 10 mg modified-release tablets", 28),
    },
    uncontrolled: {
      label: "Statement: pain uncontrolled despite optimal analgesia",
      ago: 3,
      make: finding("exam", "uncontrolled-despite-optimal-analgesia", "Uncontrolled despite optimal analgesia"),
    },
  },
  "Safety flags": {
    warfarin: { label: "Warfarin", ago: 60, raises: "antithrombotic-therapy", make: medicine("777947006", "Warfarin 1 mg tablets") },
    inr: { label: "INR 2.6", ago: 2, raises: "coagulopathy", make: laboratory("6301-6", "INR", 2.6, "{INR}") },
    platelets: { label: "Platelets 40", ago: 2, raises: "coagulopathy", make: laboratory("777-3", "Platelets", 40, "10*9/L") },
    discitis: {
      label: "Discitis",
      ago: 5,
      raises: "spinal-infection",
      make: condition("http://hl7.org/fhir/sid/icd-10-cm", "M46.46", "Disc infection, lumbar"),
    },
    "cauda-equina": {
      label: "Cauda equina syndrome",
      ago: 1,
      raises: "neurological-compromise",
      make: condition(SNOMED, "192970008", "Cauda equina signs"),
    },
    myeloma: { label: "Myeloma", ago: 200, raises: "malignancy", make: condition(SNOMED, "109989006", "Myeloma") },
    retropulsion: {
      label: "MRI: fragment in the canal",
      ago: 3,
      level: true,
      raises: "posterior-wall-or-retropulsion",
      make: finding("imaging", "retropulsion", "Retropulsed fragment"),
    },
    "vertebra-plana": {
      label: "Vertebra plana",
      ago: 3,
      level: true,
      raises: "vertebra-plana",
      make: finding("imaging", "vertebra-plana", "Vertebra plana"),
    },
    "pmma-allergy": { label: "Allergy to bone cement", ago: 400, raises: "cement-allergy", make: allergy },
    pregnancy: { label: "Pregnancy", ago: 30, raises: "pregnancy", make: condition(SNOMED, "77386006", "Pregnancy") },
    "not-prone": {
      label: "Cannot lie prone",
      ago: 2,
      raises: "cardiopulmonary-or-positioning",
      make: finding("exam", "unable-to-lie-prone", "Unable to lie prone"),
    },
  },
};

export function additionOf(name) {
  return Object.values(ADDITIONS)
    .map((group) => group[name])
    .find(Boolean);
}

/** The resource, about that patient; `level` only where the addition has one. */
export function added(name, { id, patientId, day, level }) {
  const { make, level: levelled } = additionOf(name);
  const { resourceType, ...members } = make(day, level ?? "");
  const whose = { [resourceType === "AllergyIntolerance" ? "patient" : "subject"]: { reference: `Patient/${patientId}` } };
  const sited = levelled && level ? { bodySite: resourceType === "Condition" ? [site(level)] : site(level) } : {};
  return { resourceType, id, ...members, ...sited, ...whose };
}
