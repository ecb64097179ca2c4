// The assessment form: fill in for a sample patient, save to the demo's FHIR server, ask the service again.
// Text from the service enters the page as text.

import { another, Incomplete, itemsIn } from "./answers.js";

const SERVICE = "cds-services/vertebral-augmentation-patient-view";
const EVALUATION = "vertebral-augmentation-cds.evaluation";
const STATUSES = { met: "✓ met", unknown: "? not known", "not-met": "✕ not met" };
const form = document.getElementById("assessment");
const patients = document.getElementById("patient");
const story = document.getElementById("story");
const problem = document.getElementById("problem");
const result = document.getElementById("result");
const status = document.getElementById("status");
const submit = form.querySelector("button[type=submit]");
let copies = 1;

async function asked(path, body, type = "application/json") {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": type }, body };
  const reply = await fetch(path, options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${reply.status} from ${path}: ${diagnostics(text)}`);
  return text;
}

function diagnostics(text) {
  try {
    return JSON.parse(text).issue.map((issue) => issue.diagnostics).join(" ");
  } catch {
    return "";
  }
}

function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

async function listPatients() {
  const samples = JSON.parse(await asked("demo/charts"));
  patients.replaceChildren(...samples.map((sample) => element("option", { value: sample.id, text: sample.title, "data-story": sample.story })));
  const wanted = new URLSearchParams(location.search).get("patient");
  if (samples.some((sample) => sample.id === wanted)) patients.value = wanted;
  tellStory();
}

function tellStory() {
  story.textContent = patients.selectedOptions[0]?.dataset.story ?? "";
}

function response(item) {
  return {
    resourceType: "QuestionnaireResponse",
    questionnaire: form.dataset.questionnaire,
    status: "completed",
    subject: { reference: `Patient/${patients.value}` },
    authored: new Date().toISOString(),
    item,
  };
}

async function save(item) {
  const kept = JSON.parse(await asked("demo/fhir/QuestionnaireResponse", JSON.stringify(response(item)), "application/fhir+json"));
  const call = await asked(`demo/calls/${encodeURIComponent(patients.value)}`);
  return { kept, answer: JSON.parse(await asked(SERVICE, call)) };
}

function show({ kept, answer }) {
  const evaluation = answer.extension?.[EVALUATION];
  const cards = answer.cards.map((card) => element("li", { text: `${card.indicator}: ${card.summary}` }));
  const page = `./?patient=${encodeURIComponent(patients.value)}`;
  result.replaceChildren(
    element("h2", { text: "Saved. The service now says" }),
    cards.length ? element("ul", {}, ...cards) : element("p", { text: "No card." }),
    ...(evaluation ? evaluation.fractures.map(criteria) : []),
    element("p", {}, element("a", { href: page, text: "Open this chart and read the cards" })),
    json("The QuestionnaireResponse as kept", kept),
    json("The Evaluation", evaluation ?? null),
  );
  status.textContent = `Saved. ${answer.cards.map((card) => card.summary).join(" ")}`;
  result.focus();
}

function criteria(fracture) {
  const rows = fracture.criteria.map((each) =>
    element("tr", {}, element("th", { scope: "row", text: each.criterion }), element("td", { class: each.status, text: STATUSES[each.status] }), element("td", { text: each.reason })),
  );
  return element("table", {}, element("caption", { text: `Fracture: ${fracture.level ?? "level not recorded"}` }), element("tbody", {}, ...rows));
}

function json(title, value) {
  return element("details", {}, element("summary", { text: title }), element("pre", { tabindex: "0", text: JSON.stringify(value, null, 2) }));
}

function complain(text, question) {
  problem.textContent = text;
  problem.hidden = false;
  const control = question?.querySelector("input, select");
  control?.setAttribute("aria-invalid", "true");
  (control ?? problem).focus();
}

async function submitted(event) {
  event.preventDefault();
  problem.hidden = true;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  submit.disabled = true;
  try {
    const item = itemsIn(form);
    if (item.length) show(await save(item));
    else complain("Nothing is filled in yet.");
  } catch (error) {
    complain(error.message, error instanceof Incomplete ? error.question : undefined);
  } finally {
    submit.disabled = false;
  }
}

function added(event) {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  const groups = button.parentElement.querySelectorAll(`:scope > [data-link="${button.dataset.add}"]`);
  copies += 1;
  const copy = another(groups[groups.length - 1], copies);
  button.before(copy);
  copy.querySelector("input, select").focus();
}

form.addEventListener("submit", submitted);
form.addEventListener("click", added);
patients.addEventListener("change", tellStory);
listPatients().catch((error) => complain(error.message));
