// The hook call that an EHR would make about a chart (CDS Hooks 2.0.1): its prefetch made from the templates in discovery.

const USER = "Practitioner/demo";

/** `drafts` are the draft orders; patient-view brings none. */
export function hookCall(service, chart, drafts, fhirServer) {
  return {
    hook: service.hook,
    hookInstance: crypto.randomUUID(),
    ...(fhirServer ? { fhirServer } : {}),
    context: { userId: USER, patientId: chart.patient.id, ...orderContext(service.hook, drafts) },
    prefetch: prefetchOf(chart, service.prefetch),
  };
}

function orderContext(hook, drafts) {
  if (hook === "patient-view") return {};
  const draftOrders = { resourceType: "Bundle", type: "collection", entry: drafts.map((resource) => ({ resource })) };
  const selections = drafts.map((order) => `${order.resourceType}/${order.id}`);
  return hook === "order-select" ? { selections, draftOrders } : { draftOrders };
}

/** The resource read, or a searchset Bundle, per prefetch key. Everything of a type counts as this patient's: the service checks that. */
export function prefetchOf(chart, templates) {
  return Object.fromEntries(Object.entries(templates).map(([key, template]) => [key, resolved(template, chart)]));
}

function resolved(template, { patient, resources }) {
  const [path, query] = template.split("?");
  if (query === undefined) return path.startsWith("Patient/") ? patient : null;
  const asked = new URLSearchParams(query);
  const [codes, questionnaire] = [asked.get("code")?.split(","), asked.get("questionnaire")];
  const found = resources.filter(
    (resource) =>
      resource.resourceType === path &&
      (!codes || hasToken(resource.code, codes)) &&
      (!questionnaire || String(resource.questionnaire).split("|")[0] === questionnaire),
  );
  return searchset(found);
}

function hasToken(code, tokens) {
  return (code?.coding ?? []).some((coding) => tokens.includes(`${coding.system}|${coding.code}`));
}

function searchset(found) {
  const bundle = { resourceType: "Bundle", type: "searchset", total: found.length };
  return found.length ? { ...bundle, entry: found.map((resource) => ({ resource, search: { mode: "match" } })) } : bundle;
}

/** Every resource that was sent, the Patient apart. */
export function sentResources(call) {
  return Object.values(call.prefetch)
    .flatMap((value) => (value?.resourceType === "Bundle" ? (value.entry ?? []).map((entry) => entry.resource) : [value]))
    .filter((resource) => resource && resource.resourceType !== "Patient");
}

/** The call as a command that can be pasted into a shell: short where the service has the chart, whole where it has not. */
export function curl(address, call, sampleCall) {
  if (sampleCall) return `curl -s ${sampleCall} |\n  curl -s -H 'Content-Type: application/json' --data-binary @- \\\n    ${address}`;
  return `curl -s -H 'Content-Type: application/json' --data-binary @- \\\n  ${address} <<'END'\n${JSON.stringify(call, null, 1)}\nEND`;
}
