// The try-it page: makes the hook call an EHR would make about the chart that is open, and shows what an EHR would show, and why.

import { afterChange, ChartView } from "./chart_view.js";
import { cardView } from "./cards.js";
import { curl, hookCall, sentResources } from "./call.js";
import { LEVELS } from "./codes.js";
import { evaluationView } from "./criteria.js";
import { choices, element } from "./element.js";
import { referenceOf } from "./facts.js";
import { tellService } from "./feedback.js";
import { PROCEDURES, applied, draftOrder, told } from "./orders.js";
import { ask, askJson, at, callPath, rendered } from "./service.js";
import { bundleChart, chooseSample, sampleChart, tellStory, watchBundles } from "./sources.js";
import { changesText, verdictView } from "./verdict.js";
import { wireView } from "./wire.js";

const EVALUATION = "vertebral-augmentation-cds.evaluation";
const PAUSE = 200; // milliseconds without a further change before the service is asked again
const NO_CARD = "No card. On this chart the service has nothing to say, and stays out of the way.";
const NOT_EXPLAINED = "The answer carries no Evaluation: this service is set not to explain, so only the cards are shown.";

const byId = (id) => document.getElementById(id);
const controls = byId("controls");
const state = { services: [], opened: null, resources: [], drafts: [], before: undefined };
const chart = new ChartView({
  change: (reference, resource) => changed(afterChange(state.resources, reference, resource)),
  add: (resource) => changed([...state.resources, resource], referenceOf(resource)),
  putBack: () => changed(state.opened.resources),
});
let openings = 0;
let turn = 0;
let waiting;

const hook = () => controls.elements.hook.value;
const service = (name = hook()) => state.services.find((each) => each.hook === name);

/** Of several charts that are asked for in quick succession only the last is opened. */
async function open(opening, story) {
  const mine = ++openings;
  try {
    const opened = await opening;
    if (mine !== openings) return;
    Object.assign(state, { opened, resources: opened.resources, drafts: [], before: undefined });
  } catch (error) {
    if (mine === openings) tellProblem(error);
    return;
  }
  tellStory(story);
  chart.reset();
  await show();
}

function changed(resources, chosen) {
  state.resources = resources;
  if (chosen) chart.selected = chosen;
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
}

/** Asks and shows; an answer that comes after a later question was asked is not shown. */
async function show() {
  const mine = ++turn;
  try {
    const before = state.before === undefined ? await asOpened() : state.before;
    if (mine !== turn) return;
    if (state.before === undefined) begin(before);
    const answer = await answerTo(service(), byId("profile").value, state.resources);
    if (mine === turn) present(answer);
  } catch (error) {
    if (mine === turn) unanswered(error);
  }
}

/** The first answer about a chart is what changes are measured against, and says at which level an order is likely. */
function begin(before) {
  state.before = before;
  const level = (before?.fractures.find((each) => each.outcome === "met") ?? before?.fractures[0])?.level;
  byId("order-level").value = LEVELS.includes(level) ? level : "";
  newDraft();
}

/** No earlier verdict stays in sight beside a failure; a chart that has been shown can still be changed. */
function unanswered(error) {
  for (const id of ["verdict", "shown", "reasons", "messages"]) byId(id).hidden = true;
  for (const id of ["chart", "editor"]) byId(id).hidden = !chart.facts;
  tellProblem(error);
}

/** The Evaluation of the chart as it was opened, under this service's own thresholds; null where the service does not explain. */
async function asOpened() {
  const { evaluation } = await answerTo(service("patient-view"), "", state.opened.resources);
  return evaluation ?? null;
}

async function answerTo(asked, profile, resources) {
  const { sample, patient } = state.opened;
  const current = resources.find((each) => each.resourceType === "Patient") ?? patient;
  const call = hookCall(asked, { patient: current, resources }, state.drafts, sample ? at("demo/fhir") : undefined);
  const request = JSON.stringify(call);
  const path = callPath(asked.id, profile);
  const started = performance.now();
  const { text } = await ask(path, request);
  const took = Math.max(1, Math.round(performance.now() - started));
  const response = JSON.parse(text);
  const untouched = !profile && resources === state.opened.resources;
  const short = sample && untouched && asked.hook === "patient-view";
  return {
    call,
    took,
    untouched,
    response: text,
    cards: response.cards,
    details: await rendered(response.cards),
    evaluation: response.extension?.[EVALUATION],
    serviceId: asked.id,
    kilobytes: Math.ceil(request.length / 1000),
    curl: curl(at(path), call, short ? at(`demo/calls/${sample}`) : undefined),
  };
}

function present(answer) {
  const { opened, resources, before } = state;
  const { evaluation, cards, untouched } = answer;
  const today = evaluation?.evaluationDate ?? new Date().toISOString().slice(0, 10);
  byId("problem").hidden = true;
  for (const id of ["verdict", "chart", "shown", "editor", "reasons", "messages"]) byId(id).hidden = false;
  const choose = (reference) => {
    chart.choose(reference);
    byId("fact").focus();
  };
  byId("verdict").replaceChildren(
    ...(evaluation && before
      ? verdictView(evaluation, before, untouched ? opened.expected : undefined)
      : [element("p", { text: NOT_EXPLAINED })]),
  );
  chart.show({ opened, resources, sent: sentResources(answer.call), evaluation, today });
  const made = cards.map((card, index) => cardView(card, answer.details[index], answer.call.context.patientId, (given) => give(answer.serviceId, card, given)));
  byId("cards").replaceChildren(...(made.length ? made : [element("p", { class: "panel", text: NO_CARD })]));
  byId("why").replaceChildren(
    ...(evaluation ? evaluationView(evaluation, before, choose) : [element("p", { class: "panel", text: NOT_EXPLAINED })]),
  );
  byId("wire").replaceChildren(...wireView(answer));
  byId("status").textContent = spoken(cards, evaluation, before);
  document.body.dataset.shown = String(turn);
}

function spoken(cards, evaluation, before) {
  const changes = evaluation && before ? changesText(evaluation, before) : "";
  const told = cards.map((card) => `${card.indicator}: ${card.summary}`);
  return [changes, cards.length ? `${cards.length} ${cards.length === 1 ? "card" : "cards"}.` : "No card.", ...told]
    .filter(Boolean)
    .join(" ");
}

async function give(serviceId, card, given) {
  const { words, arrived } = await tellService(serviceId, card, given);
  if (arrived && given.suggestion) takeUp(given.suggestion);
  byId("status").textContent = words;
  return words;
}

/** A suggestion that was accepted changes the drafts; where the hook is about orders, the service is asked about those. */
function takeUp(suggestion) {
  setDrafts(applied(state.drafts, suggestion));
  const [code] = state.drafts.map((order) => order.code?.coding?.[0]?.code).filter(Boolean);
  const procedure = Object.keys(PROCEDURES).find((name) => PROCEDURES[name].code.coding[0].code === code);
  if (procedure) byId("procedure").value = procedure;
  if (hook() === "patient-view") return;
  byId("sent").focus();
  show();
}

function newDraft() {
  setDrafts([draftOrder(byId("procedure").value, byId("order-level").value, state.opened.patient.id)]);
}

function setDrafts(drafts) {
  state.drafts = drafts;
  byId("drafts").textContent = `Drafts: ${told(drafts).join("; ")}`;
}

function tellProblem(error) {
  byId("problem").textContent = error.message;
  byId("problem").hidden = false;
  byId("status").textContent = "";
}

function watchControls() {
  const sample = () => open(sampleChart());
  byId("patient").addEventListener("change", sample);
  watchBundles((text) => open(Promise.resolve(text).then(bundleChart), "A chart of your own."));
  for (const radio of controls.elements.hook) radio.addEventListener("change", hookChosen);
  byId("profile").addEventListener("change", show);
  for (const id of ["procedure", "order-level"]) byId(id).addEventListener("change", orderChosen);
  controls.addEventListener("submit", (event) => event.preventDefault());
  byId("procedure").append(
    ...choices(
      Object.entries(PROCEDURES).map(([name, { label }]) => [name, label]),
      "balloon-kyphoplasty",
    ),
  );
  byId("order-level").append(...choices([["", "not named"], ...LEVELS.map((level) => [level, level])], ""));
}

function hookChosen() {
  byId("order").hidden = hook() === "patient-view";
  show();
}

function orderChosen() {
  newDraft();
  show();
}

async function start() {
  watchControls();
  chooseSample(new URLSearchParams(location.search).get("patient"));
  try {
    state.services = (await askJson("cds-services")).services;
  } catch (error) {
    tellProblem(error);
    return;
  }
  await open(sampleChart());
}

start();
