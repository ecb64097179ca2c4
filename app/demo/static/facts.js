// Resources as facts that can be drawn: of which kind, from which day to which, at which level, saying what.

import { ABSENT, FINDINGS, LOINC, PRESENT, SNOMED, hasCode, levelOf } from "./codes.js";
import { dayAfter } from "./words.js";

export const KINDS = {
  fractures: "Fractures",
  pain: "Pain scores",
  examination: "Examination",
  imaging: "Imaging",
  medicines: "Medicines",
  labs: "Labs",
  procedures: "Procedures",
  other: "Other",
};
const KIND_OF_CRITERION = {
  "compression-fracture": "fractures",
  "severe-pain": "pain",
  "examination-at-level": "examination",
  unhealed: "imaging",
  "optimal-pain-management": "medicines",
};
const PAIN = ["72514-3", "38214-3", "38208-5", "38221-8", "38213-5"];
const LABS = ["6301-6", "34714-6", "777-3", "26515-7", "1988-5", "30522-7"];

/** Facts in order of time. `cited` maps a reference to the criteria that rest on it. */
export function factsOf(resources, cited, today) {
  const facts = resources.map((resource) => factOf(resource, cited, today));
  return facts.sort((one, other) => (one.start < other.start ? -1 : 1));
}

export const referenceOf = ({ resourceType, id }) => `${resourceType}/${id}`;

function factOf(resource, cited, today) {
  const reference = referenceOf(resource);
  const criteria = cited.get(reference) ?? [];
  const [start, end] = period(resource, today);
  return {
    reference,
    resource,
    start,
    end,
    kind: kindOf(resource, criteria),
    cited: criteria.length > 0,
    level: levelOf(resource.bodySite),
    score: scoreOf(resource),
    presence: presenceOf(resource),
    name: nameOf(resource),
    said: [valueText(resource), elsewhere(resource.bodySite), statusText(resource)].filter(Boolean).join(", "),
  };
}

function kindOf(resource, criteria) {
  switch (resource.resourceType) {
    case "Condition":
      return criteria.includes("compression-fracture") || isSpinalFracture(resource) ? "fractures" : "other";
    case "Observation":
      return kindOfObservation(resource, criteria);
    case "DiagnosticReport":
      return hasCode(resource.category, "http://terminology.hl7.org/CodeSystem/v2-0074", "LAB") ? "labs" : "imaging";
    case "ImagingStudy":
      return "imaging";
    case "Procedure":
      return "procedures";
    case "QuestionnaireResponse":
      return "examination";
    default:
      return resource.resourceType.startsWith("Medication") ? "medicines" : "other";
  }
}

function isSpinalFracture({ code, bodySite }) {
  const text = `${code?.text ?? ""}`;
  return /fracture|collapse/i.test(text) && (levelOf(bodySite) !== "" || /spin|vertebr|lumbar|thoracic/i.test(text));
}

function kindOfObservation(resource, criteria) {
  const category = (resource.category ?? []).flatMap((each) => each.coding ?? []).map((coding) => coding.code);
  if (isScore(resource)) return "pain";
  if (hasCode(resource.code, LOINC, ...LABS) || category.includes("laboratory")) return "labs";
  if (hasCode(resource.code, FINDINGS, "vertebral-tenderness") || category.includes("exam")) return "examination";
  if (category.includes("imaging")) return "imaging";
  return KIND_OF_CRITERION[criteria.find((each) => each in KIND_OF_CRITERION)] ?? "other";
}

const isScore = ({ code }) => hasCode(code, LOINC, ...PAIN) || hasCode(code, SNOMED, "1284857008");

/** First and last day; "" where there is none. What goes on lasts until today. */
function period(resource, today) {
  const start =
    resource.onsetDateTime ??
    resource.onsetPeriod?.start ??
    resource.effectiveDateTime ??
    resource.effectivePeriod?.start ??
    resource.authoredOn ??
    resource.whenHandedOver ??
    resource.started ??
    resource.performedDateTime ??
    resource.performedPeriod?.start ??
    resource.recordedDate ??
    resource.authored ??
    resource.issued ??
    "";
  return [String(start), lastDay(resource, String(start), today)];
}

function lastDay(resource, start, today) {
  if (!resource.resourceType.startsWith("Medication") || !start) return start;
  const supplied = resource.daysSupply?.value ?? resource.dispenseRequest?.expectedSupplyDuration?.value;
  const ended = resource.effectivePeriod?.end ?? resource.dispenseRequest?.validityPeriod?.end;
  if (ended) return ended;
  if (supplied && start.length >= 10) return [dayAfter(start, supplied - 1), today].sort()[0];
  return resource.status === "active" && resource.resourceType !== "MedicationAdministration" ? today : start;
}

/** Of a pain score: the number; undefined elsewhere. */
function scoreOf(resource) {
  return isScore(resource) ? (resource.valueInteger ?? resource.valueQuantity?.value) : undefined;
}

/** true, false, or undefined where the resource says neither. */
function presenceOf({ valueBoolean, valueCodeableConcept }) {
  if (typeof valueBoolean === "boolean") return valueBoolean;
  const says = (answers) => Object.entries(answers).some(([system, code]) => hasCode(valueCodeableConcept, system, code));
  if (says(PRESENT)) return true;
  return says(ABSENT) ? false : undefined;
}

function nameOf(resource) {
  const concept = resource.code ?? resource.medicationCodeableConcept ?? resource.contained?.[0]?.code ?? resource.procedureCode?.[0];
  const named = concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code ?? resource.modality?.[0]?.code;
  return String(named ?? resource.resourceType.replace(/([a-z])([A-Z])/g, "$1 $2"));
}

function valueText(thing) {
  const quantity = thing.valueQuantity && `${thing.valueQuantity.value} ${thing.valueQuantity.unit ?? ""}`.trim();
  const yes = thing.valueBoolean === undefined ? undefined : thing.valueBoolean ? "yes" : "no";
  const own = quantity ?? thing.valueInteger ?? thing.valueCodeableConcept?.text ?? yes ?? thing.valueString ?? "";
  const parts = (thing.component ?? []).map((part) => `${part.code?.text ?? ""} ${valueText(part)}`.trim());
  return [String(own), ...parts].filter(Boolean).join(", ");
}

/** A site that names no vertebra, in its own words: "Right knee". */
function elsewhere(bodySite) {
  return levelOf(bodySite)
    ? ""
    : [bodySite ?? []]
        .flat()
        .map((site) => site.text ?? "")
        .join(", ");
}

const QUIET_STATUSES = ["active", "final", "completed", "confirmed", "available"];

function statusText({ verificationStatus, clinicalStatus, status }) {
  const said = [verificationStatus?.coding?.[0]?.code, clinicalStatus?.coding?.[0]?.code, status];
  return said.filter((word) => typeof word === "string" && !QUIET_STATUSES.includes(word)).join(", ");
}

/** Reference to criteria, from an Evaluation. Flags cite, too. */
export function citedBy(evaluation) {
  const cited = new Map();
  const note = (reference, by) => cited.set(reference, [...(cited.get(reference) ?? []), by]);
  for (const fracture of evaluation?.fractures ?? []) {
    for (const finding of fracture.criteria) for (const { reference } of finding.evidence ?? []) note(reference, finding.criterion);
  }
  for (const flag of evaluation?.flags ?? []) for (const { reference } of flag.evidence ?? []) note(reference, flag.flag);
  return cited;
}
