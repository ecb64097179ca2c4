// The chart's side of the page: whose it is, spine and timeline, and the panel that changes a fact.

import { differences } from "./changes.js";
import { element, folded } from "./element.js";
import { additionForm, changeList, factFields, factOptions } from "./editor.js";
import { citedBy, factsOf, referenceOf } from "./facts.js";
import { spineFigure } from "./spine.js";
import { timelineLanes } from "./timeline.js";
import { age, day } from "./words.js";

const byId = (id) => document.getElementById(id);
const select = byId("fact");
const lanes = byId("timeline");

/** `change(reference, resource)` and `add(resource)` are told what a person does to the chart, `putBack()` that it shall be as it was. */
export class ChartView {
  constructor({ change, add, putBack }) {
    this.change = change;
    this.addition = additionForm(() => this.context(), add);
    byId("adding").replaceChildren(folded("Add a fact, or raise a flag", this.addition.form));
    select.addEventListener("change", () => this.choose(select.value));
    byId("put-back").addEventListener("click", putBack);
    new ResizeObserver(() => this.facts && lanes.clientWidth && this.drawTimeline()).observe(lanes);
  }

  /** A chart is opened: nothing is chosen. */
  reset() {
    this.selected = undefined;
    this.facts = undefined;
  }

  /** `resources` are those that were sent. */
  show({ opened, resources, sent, evaluation, today }) {
    const isNew = !this.facts;
    Object.assign(this, { opened, resources, evaluation, today });
    this.facts = factsOf(sent, citedBy(evaluation), today);
    byId("banner").replaceChildren(...banner(opened.patient, today));
    byId("spine").replaceChildren(spineFigure(evaluation?.fractures ?? []));
    if (!this.fact()) this.selected = this.firstChoice();
    this.drawTimeline();
    this.listFacts();
    if (isNew) this.addition.offer();
    this.listChanges();
    if (isNew || !byId("fact-fields").contains(document.activeElement)) this.drawFields();
  }

  fact() {
    return this.facts.find(({ reference }) => reference === this.selected);
  }

  /** The newest pain score: the fact that people change first. */
  firstChoice() {
    return (this.facts.findLast(({ kind, cited }) => kind === "pain" && cited) ?? this.facts.at(-1))?.reference;
  }

  context() {
    const level = this.evaluation?.fractures.find((fracture) => fracture.level)?.level ?? "L1";
    return { patientId: this.opened.patient.id, level, today: this.today };
  }

  choose(reference) {
    if (!this.facts.some((fact) => fact.reference === reference)) return;
    this.selected = reference;
    this.drawTimeline();
    this.listFacts();
    this.drawFields();
  }

  /** A mark was pressed: what can be changed about it comes into sight. */
  press(reference) {
    this.choose(reference);
    byId("editor").scrollIntoView({ block: "nearest" });
  }

  drawTimeline() {
    const focused = lanes.contains(document.activeElement) ? document.activeElement.dataset.reference : undefined;
    const wide = lanes.clientWidth > 560;
    lanes.classList.toggle("wide", wide);
    const { facts, evaluation, today, selected } = this;
    const width = lanes.clientWidth - (wide ? 112 : 0);
    lanes.replaceChildren(...timelineLanes({ facts, evaluation, today, width, selected, choose: (reference) => this.press(reference) }));
    if (focused) lanes.querySelector(`[data-reference="${CSS.escape(focused)}"]`)?.focus();
  }

  listFacts() {
    select.replaceChildren(...factOptions(this.facts, this.selected));
  }

  drawFields() {
    const fact = this.fact();
    byId("fact-fields").replaceChildren(...(fact ? factFields(fact, this.change) : []));
  }

  listChanges() {
    const changed = differences(this.opened.resources, this.resources);
    const title = (resource) => {
      const [fact] = factsOf([resource], new Map(), this.today);
      return [fact.name, fact.said, fact.level, day(fact.start)].filter(Boolean).join(", ");
    };
    byId("changes").hidden = !changed.length;
    const undo = ({ reference, before }) => this.change(reference, before ?? null);
    byId("change-list").replaceChildren(...changeList(changed, title, undo));
  }
}

function banner(patient, today) {
  const name = patient.name?.[0] ?? {};
  const called = [name.family?.toUpperCase(), (name.given ?? []).join(" ")].filter(Boolean).join(", ") || name.text || "No name";
  const born = patient.birthDate ? `Born ${day(patient.birthDate)} (${age(patient.birthDate, today)} years)` : "";
  const told = [born, patient.gender, patient.identifier?.[0]?.value].filter(Boolean);
  return [element("strong", { text: called }), ...told.map((text) => element("span", { text }))];
}

/** The list of resources after one was changed (a resource), taken out (null) or put in (one that was not there). */
export function afterChange(resources, reference, resource) {
  const place = resources.findIndex((each) => referenceOf(each) === reference);
  if (place < 0) return resource ? [...resources, resource] : resources;
  return resources.flatMap((each, index) => (index === place ? (resource ?? []) : [each]));
}
