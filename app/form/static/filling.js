// Filling in the form, whoever the patient is and wherever the answers go: copies of parts, what is missing, saving.
// Text from a server enters the page as text.

import { another, Incomplete, itemsIn } from "./answers.js";

const form = document.getElementById("assessment");
const problem = document.getElementById("problem");
const result = document.getElementById("result");
const status = document.getElementById("status");
let copies = 1;

export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** The body of an answer; Error with what a server says of its refusal. */
export async function asked(address, options) {
  const reply = await fetch(address, options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${reply.status} from ${new URL(reply.url).pathname}. ${diagnostics(text)}`);
  return text;
}

function diagnostics(text) {
  try {
    return JSON.parse(text).issue.map((issue) => issue.diagnostics ?? issue.details?.text ?? issue.code).join(" ");
  } catch {
    return "";
  }
}

/** A finished QuestionnaireResponse about that patient, of this moment. */
export function response(patient, item, members = {}) {
  return {
    resourceType: "QuestionnaireResponse",
    questionnaire: form.dataset.questionnaire,
    status: "completed",
    subject: { reference: `Patient/${patient}` },
    authored: new Date().toISOString(),
    ...members,
    item,
  };
}

/** `save(items)` promises what is then shown: {said, nodes}. */
export function filledIn(save) {
  form.addEventListener("submit", (event) => submitted(event, save));
  form.addEventListener("click", added);
}

export function complain(text, question) {
  problem.textContent = text;
  problem.hidden = false;
  const control = question?.querySelector("input, select");
  control?.setAttribute("aria-invalid", "true");
  (control ?? problem).focus();
}

async function submitted(event, save) {
  event.preventDefault();
  problem.hidden = true;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  const submit = form.querySelector("button[type=submit]");
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

function show({ said, nodes }) {
  result.replaceChildren(...nodes);
  status.textContent = said;
  result.focus();
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
