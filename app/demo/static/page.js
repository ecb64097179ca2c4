// The try-it page: asks for the hook call an EHR would send, sends it, and shows what an EHR would show.
// Text from the service enters the page as text; a card's Markdown is rendered by the service, with HTML switched off.

import { answerView, element } from "./view.js";

const SERVICE = "vertebral-augmentation-patient-view";
const form = document.getElementById("chooser");
const patients = document.getElementById("patient");
const story = document.getElementById("story");
const status = document.getElementById("status");
const answer = document.getElementById("answer");
const button = form.querySelector("button");

// Addresses are relative to this page, so that the service may stand under any path.
const base = new URL(".", document.baseURI);
const at = (path) => new URL(path, base).href;

function tellStory() {
  story.textContent = patients.selectedOptions[0]?.dataset.story ?? "";
}

async function askFor(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body };
  const reply = await fetch(at(path), options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${reply.status} from ${path}. ${diagnostics(text)}`);
  return text;
}

function diagnostics(text) {
  try {
    return JSON.parse(text).issue.map((issue) => issue.diagnostics).join(" ");
  } catch {
    return "";
  }
}

async function rendered(cards) {
  if (!cards.length) return [];
  const texts = cards.map((card) => card.detail ?? "");
  return JSON.parse(await askFor("demo/markdown", JSON.stringify({ texts }))).html;
}

async function openChart(patient) {
  const started = performance.now();
  const request = await askFor(`demo/calls/${encodeURIComponent(patient)}`);
  const asked = performance.now();
  const response = await askFor(`cds-services/${SERVICE}`, request);
  const took = Math.max(1, Math.round(performance.now() - asked));
  const { cards } = JSON.parse(response);
  const details = await rendered(cards);
  return { patient, request, response, details, took, chartTook: Math.round(asked - started), curl: curl(patient) };
}

function curl(patient) {
  return (
    `curl -s ${at(`demo/calls/${patient}`)} |\n` +
    `  curl -s -H 'Content-Type: application/json' --data-binary @- \\\n` +
    `    ${at(`cds-services/${SERVICE}`)}`
  );
}

function say(cards) {
  if (!cards.length) return "The service answered without a card.";
  const told = cards.map((card) => `${card.indicator}: ${card.summary}`);
  return `${cards.length} ${cards.length === 1 ? "card" : "cards"}. ${told.join(" ")}`;
}

async function show() {
  const chosen = patients.selectedOptions[0];
  button.disabled = true;
  status.textContent = "Opening the chart.";
  try {
    const opened = await openChart(chosen.value);
    answer.replaceChildren(...answerView(opened, chosen.dataset.expected));
    status.textContent = say(JSON.parse(opened.response).cards);
    history.replaceState(null, "", `?patient=${encodeURIComponent(chosen.value)}`);
  } catch (error) {
    answer.replaceChildren(element("p", { class: "problem", text: `The chart could not be opened: ${error.message}` }));
    status.textContent = "The chart could not be opened.";
  } finally {
    button.disabled = false;
  }
}

patients.addEventListener("change", tellStory);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

const asked = new URLSearchParams(location.search).get("patient");
const listed = [...patients.options].some((option) => option.value === asked);
if (listed) patients.value = asked;
tellStory();
if (listed) show();
