// Draft orders of an augmentation, for the hooks that are about orders.

import { FINDINGS, OPCS, SNOMED, concept, site } from "./codes.js";

export const PROCEDURES = {
  vertebroplasty: { label: "Vertebroplasty", code: concept(OPCS, "V44.4", "Vertebroplasty") },
  "balloon-kyphoplasty": { label: "Balloon kyphoplasty", code: concept(SNOMED, "426243004", "Balloon kyphoplasty") },
  "kyphoplasty-with-stent": {
    label: "Balloon kyphoplasty with a stent",
    code: concept(FINDINGS, "kyphoplasty-with-stent", "Balloon kyphoplasty with a stent"),
  },
};

export function draftOrder(procedure, level, patientId) {
  return {
    resourceType: "ServiceRequest",
    id: "draft-1",
    status: "draft",
    intent: "order",
    subject: { reference: `Patient/${patientId}` },
    code: PROCEDURES[procedure].code,
    ...(level ? { bodySite: [site(level)] } : {}),
  };
}

/** The drafts after a suggestion was taken up, as an EHR applies its actions (CDS Hooks 2.0.1, Action). */
export function applied(drafts, suggestion) {
  return (suggestion.actions ?? []).reduce(afterAction, drafts);
}

function afterAction(drafts, { type, resource, resourceId }) {
  const gone = [resourceId ?? []].flat();
  if (type === "delete") return drafts.filter((order) => !gone.includes(`${order.resourceType}/${order.id}`));
  const others = drafts.filter((order) => `${order.resourceType}/${order.id}` !== `${resource.resourceType}/${resource.id}`);
  return [...others, resource];
}

/** "Balloon kyphoplasty, L1" for each draft. */
export function told(drafts) {
  return drafts.map((order) => [order.code?.text, ...(order.bodySite ?? []).map((each) => each.text)].filter(Boolean).join(", "));
}
