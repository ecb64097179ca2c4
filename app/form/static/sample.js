// The form for a sample patient: save to the demo's FHIR server, ask the service again.

import { asked, complain, element, filledIn, response } from "./filling.js";

const SERVICE = "cds-services/vertebral-augmentation-patient-view";
const EVALUATION = "vertebral-augmentation-cds.evaluation";
const STATUSES = { met: "✓ met", unknown: "? not known", "not-met": "✕ not met" };
const patients = document.getElementById("patient");
const story = document.getElementById("story");

async function json(path, body, type = "application/json") {
  return JSON.parse(await asked(path, body && { method: "POST", headers: { "Content-Type": type }, body }));
}

async function listPatients() {
  const samples = await json("demo/charts");
  patients.replaceChildren(...samples.map((sample) => element("option", { value: sample.id, text: sample.title, "data-story": sample.story })));
  const wanted = new URLSearchParams(location.search).get("patient");
  if (samples.some((sample) => sample.id === wanted)) patients.value = wanted;
  tellStory();
}

function tellStory() {
  story.textContent = patients.selectedOptions[0]?.dataset.story ?? "";
}

async function save(item) {
  const form = JSON.stringify(response(patients.value, item));
  const kept = await json("demo/fhir/QuestionnaireResponse", form, "application/fhir+json");
  const call = await asked(`demo/calls/${encodeURIComponent(patients.value)}`);
  const answer = await json(SERVICE, call);
  return { said: `Saved. ${answer.cards.map((card) => card.summary).join(" ")}`, nodes: told(kept, answer) };
}

function told(kept, answer) {
  const evaluation = answer.extension?.[EVALUATION];
  const cards = answer.cards.map((card) => element("li", { text: `${card.indicator}: ${card.summary}` }));
  const page = `./?patient=${encodeURIComponent(patients.value)}`;
  return [
    element("h2", { text: "Saved. The service now says" }),
    cards.length ? element("ul", {}, ...cards) : element("p", { text: "No card." }),
    ...(evaluation ? evaluation.fractures.map(criteria) : []),
    element("p", {}, element("a", { href: page, text: "Open this chart and read the cards" })),
    folded("The QuestionnaireResponse as kept", kept),
    folded("The Evaluation", evaluation ?? null),
  ];
}

function criteria(fracture) {
  const rows = fracture.criteria.map((each) =>
    element("tr", {}, element("th", { scope: "row", text: each.criterion }), element("td", { class: each.status, text: STATUSES[each.status] }), element("td", { text: each.reason })),
  );
  return element("table", {}, element("caption", { text: `Fracture: ${fracture.level ?? "level not recorded"}` }), element("tbody", {}, ...rows));
}

function folded(title, value) {
  return element("details", {}, element("summary", { text: title }), element("pre", { tabindex: "0", text: JSON.stringify(value, null, 2) }));
}

patients.addEventListener("change", tellStory);
filledIn(save);
listPatients().catch((error) => complain(error.message));
