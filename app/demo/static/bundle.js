// A FHIR R4 Bundle as a chart: one patient and that patient's resources, each with an id.

/** {patient, resources}; the Patient is the first of the resources. Throws an Error whose words a person can act on. */
export function readBundle(text) {
  const bundle = parsed(text);
  if (bundle?.resourceType !== "Bundle" || !Array.isArray(bundle.entry)) throw new Error("This is no FHIR Bundle with entries.");
  const entries = bundle.entry.filter((entry) => typeof entry?.resource?.resourceType === "string");
  const named = entries.map(({ fullUrl, resource }, index) => ({ fullUrl, resource: { id: idFor(fullUrl, index), ...resource } }));
  const known = new Map(named.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
  return chartOf(named.map(({ resource }) => relinked(resource, known)));
}

export function chartOf(resources) {
  const patients = resources.filter((resource) => resource.resourceType === "Patient");
  if (patients.length !== 1) throw new Error(`The Bundle must hold one Patient. It holds ${patients.length}.`);
  return { patient: patients[0], resources: [patients[0], ...resources.filter((resource) => resource !== patients[0])] };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("This is not JSON.");
  }
}

function idFor(fullUrl, index) {
  const last = String(fullUrl ?? "")
    .split(/[/:]/)
    .pop();
  return /^[A-Za-z0-9.-]{1,64}$/.test(last) ? last : `entry-${index + 1}`;
}

/** References to an entry's fullUrl become references by type and id, as on a server that took the Bundle in. */
function relinked(node, known) {
  if (Array.isArray(node)) return node.map((item) => relinked(item, known));
  if (node === null || typeof node !== "object") return node;
  const members = Object.entries(node).map(([name, value]) => [
    name,
    name === "reference" && known.has(value) ? known.get(value) : relinked(value, known),
  ]);
  return Object.fromEntries(members);
}
