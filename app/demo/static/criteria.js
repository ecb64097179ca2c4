// Why: each fracture with the nine criteria as a table, the flags, what was not read, and the thresholds in force.

import { button, element, folded } from "./element.js";
import { CRITERIA, SIGNS, STATUSES, day, fractureName, sentence } from "./words.js";

/** `before` is the Evaluation of the chart as it was opened; `choose` is told the reference of a fact that is picked. */
export function evaluationView(evaluation, before, choose) {
  return [
    ...evaluation.fractures.map((fracture) => fractureView(fracture, counterpart(fracture, evaluation, before), choose)),
    flagsView(evaluation.flags ?? [], before?.flags ?? [], choose),
    listView(
      "Not read",
      (evaluation.dataGaps ?? []).map((gap) => `${sentence(gap.resourceType)}: ${gap.reason}`),
    ),
    thresholdsView(evaluation, before),
  ].filter(Boolean);
}

/** The same fracture before: of the same level and place among those; undefined where it was not there. */
function counterpart(fracture, { fractures }, before) {
  if (!before) return undefined;
  const same = (each) => each.level === fracture.level;
  return before.fractures.filter(same)[fractures.filter(same).indexOf(fracture)];
}

/** [{criterion, level, from, to}] between two Evaluations, for fractures that are in both. */
export function changedCriteria(evaluation, before) {
  return evaluation.fractures.flatMap((fracture) => {
    const then = counterpart(fracture, evaluation, before);
    if (!then) return [];
    return fracture.criteria
      .map(({ criterion, status }, index) => ({ criterion, level: fracture.level, from: then.criteria[index].status, to: status }))
      .filter(({ from, to }) => from !== to);
  });
}

function fractureView(fracture, before, choose) {
  const head = ["Criterion", "Status", "Why, and what would settle it", "Evidence"];
  const rows = fracture.criteria.map((finding, index) => criterionRow(finding, before?.criteria[index], choose));
  const table = element(
    "table",
    { class: "criteria", role: "table" },
    element("caption", {}, `${fractureName(fracture)}${onsetText(fracture.onset)} `, tag(fracture.outcome)),
    element(
      "thead",
      { role: "rowgroup" },
      element("tr", { role: "row" }, ...head.map((text) => element("th", { scope: "col", role: "columnheader", text }))),
    ),
    element("tbody", { role: "rowgroup" }, ...rows),
  );
  return element("div", { class: "panel fracture" }, table);
}

function onsetText(onset) {
  if (!onset) return "";
  const { earliest, latest } = onset;
  if (!earliest) return `, onset on or before ${day(latest)}`;
  return earliest === latest || !latest ? `, onset ${day(earliest)}` : `, onset ${day(earliest)} to ${day(latest)}`;
}

export function tag(status) {
  return element(
    "span",
    { class: `tag ${status}` },
    element("b", { "aria-hidden": "true", text: SIGNS[status] ?? "" }),
    STATUSES[status] ?? status,
  );
}

function criterionRow(finding, before, choose) {
  const changed = before && before.status !== finding.status;
  const why = [element("p", { text: finding.reason })];
  if (finding.needed) why.push(element("p", { class: "needed" }, element("strong", { text: "To settle it: " }), finding.needed));
  if (finding.cautions?.length) why.push(element("p", { class: "where", text: `Caution: ${finding.cautions.map(sentence).join(", ")}` }));
  return element(
    "tr",
    { class: `${finding.status}${changed ? " changed" : ""}`, role: "row", "data-criterion": finding.criterion },
    element("th", { scope: "row", role: "rowheader", text: CRITERIA[finding.criterion] ?? sentence(finding.criterion) }),
    element(
      "td",
      { role: "cell" },
      tag(finding.status),
      changed ? element("p", { class: "was", text: `was ${STATUSES[before.status].toLowerCase()}` }) : null,
    ),
    element("td", { role: "cell" }, ...why),
    element("td", { role: "cell" }, ...(finding.evidence ?? []).map((each) => evidenceLine(each, choose))),
  );
}

function evidenceLine({ value, date, reference }, choose) {
  const told = [value, date?.split("/").filter(Boolean).map(day).join(" to ")].filter(Boolean).join(", ");
  const shown = button(reference, () => choose(reference), { class: "reference" });
  return element("p", { class: "evidence" }, told, " ", shown);
}

function flagsView(flags, before, choose) {
  if (!flags.length) return null;
  const known = new Set(before.map(({ flag }) => flag));
  const lines = flags.map(({ flag, severity, level, evidence }) =>
    element(
      "li",
      { "data-flag": flag },
      element("span", { class: `tag ${severity}`, text: sentence(severity) }),
      ` ${sentence(flag)}${level ? ` (${level})` : ""}${known.has(flag) ? "" : ", new"} `,
      ...(evidence ?? []).map(({ reference }) => button(reference, () => choose(reference), { class: "reference" })),
    ),
  );
  return element("div", { class: "panel flags" }, element("h3", { text: "Flags" }), element("ul", {}, ...lines));
}

function listView(title, lines) {
  if (!lines.length) return null;
  return element(
    "div",
    { class: "panel" },
    element("h3", { text: title }),
    element("ul", {}, ...lines.map((text) => element("li", { text }))),
  );
}

function thresholdsView({ profile, thresholds }, before) {
  const lines = Object.entries(thresholds).map(([name, value]) => {
    const was = before && before.thresholds[name] !== value ? `, ${before.thresholds[name]} in ${before.profile}` : "";
    return element("li", { class: was ? "changed" : "" }, element("code", { text: name }), ` ${value}${was}`);
  });
  return folded(`Local thresholds, profile ${profile} (NICE sets no numbers)`, element("ul", { class: "thresholds" }, ...lines));
}
