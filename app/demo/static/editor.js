// The panel with which a fact of the chart is changed, taken out, or put in.

import { ADDITIONS, additionOf, added } from "./additions.js";
import * as changes from "./changes.js";
import { LEVELS } from "./codes.js";
import { button, choices, element, field } from "./element.js";
import { KINDS } from "./facts.js";
import { day, dayAfter } from "./words.js";

const NO_LEVEL = ["", "not recorded"];
const LEVEL_CHOICES = LEVELS.map((level) => [level, level]);
let made = 0;

/** <optgroup>s of facts by kind, evidence marked. */
export function factOptions(facts, selected) {
  return Object.entries(KINDS)
    .map(([kind, title]) => [title, facts.filter((fact) => fact.kind === kind)])
    .filter(([, inside]) => inside.length)
    .map(([title, inside]) => {
      const pairs = inside.map((fact) => [fact.reference, `${fact.cited ? "● " : ""}${factTitle(fact)}`]);
      return element("optgroup", { label: title }, ...choices(pairs, selected));
    });
}

function factTitle({ name, said, level, start }) {
  return [name, said, name.includes(level) ? "" : level, day(start)].filter(Boolean).join(", ");
}

/** Controls for one fact. `change(reference, resource)` takes the new resource, or null to remove it. */
export function factFields(fact, change) {
  const can = changes.changeable(fact);
  const put = (resource) => change(fact.reference, resource);
  const { resource } = fact;
  return [
    can.score
      ? numberField("Score", "fact-score", fact.score, { min: 0, max: 10, step: 1 }, (score) => put(changes.scored(resource, score)))
      : null,
    can.value
      ? numberField(
          `Value (${resource.valueQuantity.unit ?? "no unit"})`,
          "fact-value",
          resource.valueQuantity.value,
          { step: "any" },
          (value) => put(changes.measured(resource, value)),
        )
      : null,
    can.presence ? presenceField(fact.presence, (present) => put(changes.said(resource, present))) : null,
    can.day ? dayField(fact, (iso) => put(changes.onDay(resource, iso))) : null,
    can.level
      ? levelField("Level", "fact-level", fact.level, [NO_LEVEL, ...LEVEL_CHOICES], (level) => put(changes.atLevel(resource, level)))
      : null,
    button("Remove from the chart", () => put(null), { class: "remove" }),
  ].filter(Boolean);
}

function numberField(label, id, value, limits, put) {
  const input = element("input", { type: "number", inputmode: "decimal", value, ...limits });
  input.addEventListener("input", () => {
    if (input.value !== "" && Number.isFinite(input.valueAsNumber)) put(input.valueAsNumber);
  });
  return field(label, input, id);
}

function dayField(fact, put) {
  const label = fact.kind === "fractures" ? "Onset" : "Date";
  const input = element("input", { type: "date", value: /^\d{4}-\d\d-\d\d/.test(fact.start) ? fact.start.slice(0, 10) : "" });
  input.addEventListener("input", () => {
    if (input.value) put(input.value);
  });
  return field(label, input, "fact-date");
}

function levelField(label, id, level, pairs, put) {
  const select = element("select", {}, ...choices(pairs, level));
  select.addEventListener("change", () => put(select.value));
  return field(label, select, id);
}

function presenceField(present, put) {
  const select = element(
    "select",
    {},
    ...choices(
      [
        ["yes", "Present"],
        ["no", "Absent"],
      ],
      present ? "yes" : "no",
    ),
  );
  select.addEventListener("change", () => put(select.value === "yes"));
  return field("Finding", select, "fact-presence");
}

/** The form that adds a fact. `context()` tells {patientId, level, today}; `add(resource)` takes what was made. */
export function additionForm(context, add) {
  const groups = Object.entries(ADDITIONS).map(([title, group]) =>
    element(
      "optgroup",
      { label: title },
      ...choices(
        Object.entries(group).map(([name, { label }]) => [name, label]),
        "oedema",
      ),
    ),
  );
  const what = element("select", {}, ...groups);
  const when = element("input", { type: "date", required: "" });
  const where = element("select", {}, ...choices(LEVEL_CHOICES, "L1"));
  const whereField = field("Level", where, "add-level");
  const whatField = field("Fact or flag", what, "add-what");
  whatField.classList.add("wide-field");
  const form = element(
    "form",
    { class: "fields" },
    whatField,
    field("Date", when, "add-date"),
    whereField,
    element("button", { text: "Add to the chart" }),
  );
  function offer() {
    const { today, level } = context();
    when.value = dayAfter(today, -additionOf(what.value).ago);
    where.value = level;
    whereField.hidden = !additionOf(what.value).level;
  }
  what.addEventListener("change", offer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    made += 1;
    add(added(what.value, { id: `added-${made}`, patientId: context().patientId, day: when.value, level: where.value }));
  });
  return { form, offer };
}

/** What was changed, each with a way back. `title` names a resource. */
export function changeList(differences, title, undo) {
  return differences.map((each) =>
    element(
      "li",
      {},
      element("span", { text: `${each.what}: ${title(each.after ?? each.before)}` }),
      button("Undo", () => undo(each), { "aria-label": `Undo: ${each.what} ${title(each.after ?? each.before)}` }),
    ),
  );
}
