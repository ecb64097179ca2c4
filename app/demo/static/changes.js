// Changing one fact of a chart. Each function takes a resource and gives a new one.

import { ABSENT, PRESENT, site } from "./codes.js";
import { referenceOf } from "./facts.js";

const DAY_OF = {
  Condition: "onsetDateTime",
  Observation: "effectiveDateTime",
  DiagnosticReport: "effectiveDateTime",
  ImagingStudy: "started",
  MedicationRequest: "authoredOn",
  MedicationDispense: "whenHandedOver",
  MedicationAdministration: "effectiveDateTime",
  Procedure: "performedDateTime",
  AllergyIntolerance: "recordedDate",
};
const MANY_SITES = ["Condition", "Procedure"];

/** Which of its sides can be changed here. */
export function changeable({ resource, score, presence, kind }) {
  const levelled = ["Condition", "Observation", "Procedure"].includes(resource.resourceType) && !resource.component;
  return {
    day: resource.resourceType in DAY_OF || resource.resourceType === "MedicationStatement",
    level: levelled && ["fractures", "examination", "imaging", "procedures"].includes(kind),
    score: score !== undefined,
    presence: presence !== undefined,
    value: score === undefined && typeof resource.valueQuantity?.value === "number",
  };
}

export function onDay(resource, day) {
  if (resource.resourceType === "MedicationStatement") {
    const { effectiveDateTime, ...others } = resource;
    return { ...others, effectivePeriod: { ...resource.effectivePeriod, start: day } };
  }
  const name = DAY_OF[resource.resourceType];
  const stem = name.replace(/DateTime$/, "");
  const others = Object.entries(resource).filter(([member]) => stem === name || !member.startsWith(stem));
  return { ...Object.fromEntries(others), [name]: day };
}

export function atLevel(resource, level) {
  const { bodySite, ...others } = resource;
  if (!level) return others;
  return { ...others, bodySite: MANY_SITES.includes(resource.resourceType) ? [site(level)] : site(level) };
}

export function scored(resource, score) {
  if (resource.valueQuantity) return { ...resource, valueQuantity: { ...resource.valueQuantity, value: score } };
  const { valueInteger, ...others } = resource;
  return Number.isInteger(score) ? { ...others, valueInteger: score } : { ...others, valueQuantity: { value: score } };
}

export function measured(resource, value) {
  return { ...resource, valueQuantity: { ...resource.valueQuantity, value } };
}

export function said(resource, present) {
  if (typeof resource.valueBoolean === "boolean") return { ...resource, valueBoolean: present };
  const { system } = resource.valueCodeableConcept.coding[0];
  const code = (present ? PRESENT : ABSENT)[system];
  return { ...resource, valueCodeableConcept: { coding: [{ system, code }], text: present ? "Present" : "Absent" } };
}

/** What differs between two lists of resources: [{reference, what, before, after}]; `what` is changed, added or removed. */
export function differences(before, after) {
  const [old, now] = [before, after].map((resources) => new Map(resources.map((each) => [referenceOf(each), each])));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((reference) => ({ reference, before: old.get(reference), after: now.get(reference) }))
    .filter((pair) => JSON.stringify(pair.before) !== JSON.stringify(pair.after))
    .map((pair) => ({ ...pair, what: !pair.before ? "added" : !pair.after ? "removed" : "changed" }));
}
