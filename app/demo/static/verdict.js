// The verdict at a glance, always in sight: the outcome, nine signs for each fracture, and what has changed since the chart was opened.

import { changedCriteria } from "./criteria.js";
import { element } from "./element.js";
import { CRITERIA, OUTCOMES, OUTCOME_STATUS, SIGNS, STATUSES, sentence } from "./words.js";

/** `documented` is the outcome that a sample documents, told where nothing has been touched. */
export function verdictView(evaluation, before, documented) {
  const status = OUTCOME_STATUS[evaluation.outcome] ?? "none";
  const scope = evaluation.outOfScope ? `: ${sentence(evaluation.outOfScope).toLowerCase()}` : "";
  return [
    element(
      "p",
      { class: `outcome ${status}` },
      element("b", { "aria-hidden": "true", text: SIGNS[status] ?? "–" }),
      element("strong", { text: OUTCOMES[evaluation.outcome] + scope }),
    ),
    ...evaluation.fractures.map(strip),
    element("p", { class: "changes", text: changesText(evaluation, before, documented) }),
  ];
}

function strip({ level, outcome, criteria }) {
  const signs = criteria.map(({ criterion, status }) =>
    element("span", { class: `sign ${status}`, title: `${CRITERIA[criterion]}: ${STATUSES[status]}`, text: SIGNS[status] }),
  );
  const count = criteria.filter(({ status }) => status === "met").length;
  const told = `${level ?? "Level not recorded"}: ${count} of ${criteria.length} criteria met, ${STATUSES[outcome].toLowerCase()}`;
  return element(
    "p",
    { class: "strip", role: "img", "aria-label": told },
    element("b", { text: level ?? "level?" }),
    element("span", { class: "signs" }, ...signs),
    `${count}/${criteria.length}`,
  );
}

/** What is different from the chart as it was opened, in one line. */
export function changesText(evaluation, before, documented) {
  const changes = changedCriteria(evaluation, before).map(
    ({ criterion, level, from, to }) =>
      `${CRITERIA[criterion]}${level ? ` (${level})` : ""}: ${STATUSES[from].toLowerCase()} → ${STATUSES[to].toLowerCase()}`,
  );
  const flags = new Set((before.flags ?? []).map(({ flag }) => flag));
  changes.push(
    ...(evaluation.flags ?? []).filter(({ flag }) => !flags.has(flag)).map(({ flag }) => `New flag: ${sentence(flag).toLowerCase()}`),
  );
  const levels = (each) => each.fractures.map(({ level }) => level ?? "?").join(", ") || "none";
  if (levels(evaluation) !== levels(before)) changes.push(`Fractures: ${levels(before)} → ${levels(evaluation)}`);
  if (changes.length) return `Changed: ${changes.join("; ")}.`;
  if (evaluation.outcome !== before.outcome) return `Changed from: ${OUTCOMES[before.outcome].toLowerCase()}.`;
  if (!documented) return "No criterion has changed.";
  return evaluation.outcome === documented
    ? "This is the outcome documented for this patient."
    : `The documented outcome is another: ${documented}.`;
}
