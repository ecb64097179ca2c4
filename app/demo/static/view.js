// What is on the page once a chart is open: banner, cards, criteria, flags, chart, and the messages themselves.

import { launch } from "./launching.js";

const INDICATORS = { info: "Information", warning: "Warning", critical: "Critical" };
const STATUSES = { met: "✓ Met", unknown: "? Not known", "not-met": "✕ Not met" };
const OUTCOMES = {
  "criteria-met": "The criteria are met",
  "information-needed": "Something is missing",
  "criteria-not-met": "The criteria are not met",
  blocked: "A safety flag comes first",
  "no-evaluable-fracture": "There is no fracture to assess",
  "out-of-scope": "Outside the guideline's scope",
};
const CRITERIA = {
  osteoporotic: "Osteoporotic",
  "compression-fracture": "Compression fracture at a known level",
  recent: "Recent",
  unhealed: "Unhealed",
  "severe-pain": "Severe pain",
  "ongoing-pain": "Ongoing pain",
  "optimal-pain-management": "Despite optimal pain management",
  "examination-at-level": "Examination finds the pain at that level",
  "imaging-at-level": "Imaging confirms that level",
};
const EVALUATION = "vertebral-augmentation-cds.evaluation";

/** element("p", {class, text, ...attributes}, ...children): text is text, never markup. */
export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function answerView({ patient, request, response, details, took, curl }, expected) {
  const call = JSON.parse(request);
  const answered = JSON.parse(response);
  const evaluation = answered.extension?.[EVALUATION];
  return [
    banner(call.prefetch.patient),
    element("h2", { text: "What the health record shows" }),
    ...cardsView(answered.cards, details, patient),
    ...(evaluation ? evaluationView(evaluation, expected) : []),
    element("h2", { text: "What was read and sent" }),
    chartView(call.prefetch),
    wireView(request, response, took, curl),
  ];
}

function banner(patient) {
  const name = patient.name[0];
  return element(
    "div",
    { class: "banner" },
    element("strong", { text: `${name.family.toUpperCase()}, ${name.given.join(" ")}` }),
    element("span", { text: `Born ${day(patient.birthDate)} (${age(patient.birthDate)} years)` }),
    element("span", { text: patient.gender }),
    element("span", { text: patient.identifier[0].value }),
  );
}

function age(born) {
  const [then, now] = [new Date(born), new Date()];
  const before = now.getMonth() < then.getMonth() || (now.getMonth() === then.getMonth() && now.getDate() < then.getDate());
  return now.getFullYear() - then.getFullYear() - (before ? 1 : 0);
}

/** "2026-10-03T10:00:00Z" is "3 Oct 2026"; "2026-10" is "Oct 2026"; what is no date stays as it is. */
function day(iso) {
  const parts = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso ?? "");
  if (!parts) return iso ?? "";
  const month = parts[2] ? ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][parts[2] - 1] : "";
  return [parts[3] ? String(Number(parts[3])) : "", month, parts[1]].filter(Boolean).join(" ");
}

function cardsView(cards, details, patient) {
  if (!cards.length) {
    return [element("p", { class: "panel", text: "No card. On this chart the service has nothing to say, and stays out of the way." })];
  }
  return cards.map((card, index) => cardView(card, details[index], patient));
}

function cardView(card, html, patient) {
  const detail = element("div", { class: "detail" });
  detail.innerHTML = html; // rendered by the service from Markdown, HTML switched off
  for (const link of detail.querySelectorAll("a")) away(link);
  for (const table of detail.querySelectorAll("table")) scrollable(table);
  return element(
    "article",
    { class: `card ${card.indicator}` },
    element("span", { class: `tag ${card.indicator}`, text: INDICATORS[card.indicator] ?? card.indicator }),
    element("h3", { text: card.summary }),
    sourceView(card.source),
    detail,
    offersView(card, patient),
  );
}

function sourceView(source) {
  const label = source.url ? linkTo(source.url, source.label) : document.createTextNode(source.label);
  return element("p", { class: "source quiet" }, "Source: ", label);
}

function linkTo(url, label) {
  const link = element("a", { text: label });
  if (/^https?:/.test(url)) away(link, url);
  return link;
}

function away(link, url) {
  if (url) link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

function scrollable(table) {
  const frame = element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Table" });
  table.replaceWith(frame);
  frame.append(table);
}

function launchButton(link, patient) {
  const button = element("button", { type: "button", text: link.label });
  button.addEventListener("click", () => launch(link.url, patient).catch((error) => button.after(` ${error.message}`)));
  return button;
}

function offersView(card, patient) {
  const suggestions = (card.suggestions ?? []).map((each) => element("li", { text: `Suggestion: ${each.label}` }));
  const opening = (link) => (link.type === "smart" ? launchButton(link, patient) : linkTo(link.url, link.label));
  const links = (card.links ?? []).map((each) => element("li", {}, opening(each)));
  const reasons = (card.overrideReasons ?? []).map((each) => element("li", { text: each.display }));
  return element(
    "div",
    { class: "offers" },
    suggestions.length + links.length ? element("ul", {}, ...suggestions, ...links) : null,
    reasons.length ? folded(`Reasons offered for setting the card aside (${reasons.length})`, element("ul", {}, ...reasons)) : null,
  );
}

function folded(title, ...inside) {
  return element("details", {}, element("summary", { text: title }), ...inside);
}

function evaluationView(evaluation, expected) {
  const outcome = OUTCOMES[evaluation.outcome] ?? evaluation.outcome;
  const same = evaluation.outcome === expected;
  const documented = same ? "This is the outcome documented for this patient." : `The documented outcome is another: ${expected}.`;
  return [
    element("h2", { text: "Why" }),
    element("p", { class: same ? "panel" : "panel problem" }, element("strong", { text: `${outcome}. ` }), documented),
    ...evaluation.fractures.map(fractureView),
    listView("Flags", (evaluation.flags ?? []).map(flagLine)),
    listView("Not read", (evaluation.dataGaps ?? []).map((gap) => `${gap.resourceType}: ${gap.reason}`)),
    thresholdsView(evaluation),
  ].filter(Boolean);
}

function fractureView(fracture) {
  const onset = fracture.onset ? `, onset ${onsetText(fracture.onset)}` : "";
  const head = ["Criterion", "Status", "Why", "Evidence"].map((text) => element("th", { scope: "col", text }));
  const table = element(
    "table",
    { class: "criteria" },
    element("caption", {}, `Fracture at ${fracture.level ?? "a level not recorded"}${onset}: `, tag(fracture.outcome)),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...fracture.criteria.map(criterionRow)),
  );
  return element("div", { class: "panel" }, table);
}

function onsetText({ earliest, latest }) {
  if (!earliest) return `on or before ${day(latest)}`;
  return earliest === latest || !latest ? day(earliest) : `${day(earliest)} to ${day(latest)}`;
}

function tag(status) {
  return element("span", { class: `tag ${status}`, text: STATUSES[status] ?? status });
}

function criterionRow(finding) {
  const why = [element("p", { text: finding.reason })];
  if (finding.needed) why.push(element("p", {}, element("strong", { text: "Needed: " }), finding.needed));
  if (finding.cautions?.length) why.push(element("p", { class: "where", text: `Caution: ${finding.cautions.join(", ")}` }));
  return element(
    "tr",
    {},
    element("th", { scope: "row", text: CRITERIA[finding.criterion] ?? finding.criterion }),
    element("td", {}, tag(finding.status)),
    element("td", {}, ...why),
    element("td", {}, ...(finding.evidence ?? []).map(evidenceLine)),
  );
}

function evidenceLine({ value, date, reference }) {
  const told = [value, date?.split("/").filter(Boolean).map(day).join(" to ")].filter(Boolean).join(", ");
  return element("p", {}, told, told ? element("br") : null, element("span", { class: "where", text: reference }));
}

function flagLine({ flag, severity, level, evidence }) {
  const where = (evidence ?? []).map((each) => each.reference).join(", ");
  return `${flag.replaceAll("-", " ")}${level ? ` (${level})` : ""}: ${severity}${where ? `; ${where}` : ""}`;
}

function listView(title, lines) {
  if (!lines.length) return null;
  return element(
    "div",
    { class: "panel" },
    element("p", {}, element("strong", { text: title })),
    element("ul", {}, ...lines.map((text) => element("li", { text }))),
  );
}

function thresholdsView({ profile, thresholds }) {
  const lines = Object.entries(thresholds).map(([name, value]) => element("li", {}, element("code", { text: name }), ` ${value}`));
  return folded(`Local thresholds, profile ${profile} (NICE sets no numbers)`, element("ul", {}, ...lines));
}

function chartView(prefetch) {
  const resources = Object.values(prefetch)
    .flatMap((value) => (value?.resourceType === "Bundle" ? (value.entry ?? []).map((entry) => entry.resource) : [value]))
    .filter((resource) => resource && resource.resourceType !== "Patient");
  const lines = resources.map(chartLine).sort((one, other) => (one.date < other.date ? 1 : -1));
  const rows = lines.map(({ date, kind, text }) =>
    element("tr", {}, element("td", { text: day(date) }), element("td", { text: kind }), element("td", { text })),
  );
  const head = ["Date", "Entry", "What it says"].map((text) => element("th", { scope: "col", text }));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  return folded(`The chart as it was sent (${rows.length} entries)`, element("div", { class: "scroll" }, table));
}

function chartLine(resource) {
  const date =
    resource.onsetDateTime ?? resource.onsetPeriod?.start ?? resource.effectiveDateTime ?? resource.effectivePeriod?.start ??
    resource.authoredOn ?? resource.whenHandedOver ?? resource.started ?? resource.performedDateTime ?? resource.recordedDate ?? "";
  const kind = resource.resourceType.replace(/([a-z])([A-Z])/g, "$1 $2");
  return { date, kind, text: [chartName(resource), siteText(resource), valueText(resource), statusText(resource)].filter(Boolean).join(" · ") };
}

function chartName(resource) {
  const concept = resource.code ?? resource.medicationCodeableConcept ?? resource.contained?.[0]?.code ?? resource.procedureCode?.[0];
  return concept?.text ?? concept?.coding?.[0]?.code ?? resource.modality?.[0]?.code ?? "";
}

function siteText({ bodySite }) {
  const site = Array.isArray(bodySite) ? bodySite[0] : bodySite;
  return site?.text ?? "";
}

function valueText(thing) {
  const quantity = thing.valueQuantity && `${thing.valueQuantity.value} ${thing.valueQuantity.unit ?? ""}`.trim();
  const yes = thing.valueBoolean === undefined ? undefined : thing.valueBoolean ? "yes" : "no";
  const own = quantity ?? thing.valueInteger ?? thing.valueCodeableConcept?.text ?? yes ?? thing.valueString ?? thing.conclusion ?? "";
  const parts = (thing.component ?? []).map((part) => `${part.code.text} ${valueText(part)}`);
  return [String(own), ...parts].filter(Boolean).join(", ");
}

function statusText({ verificationStatus, clinicalStatus, status }) {
  const said = [verificationStatus?.coding[0].code, clinicalStatus?.coding[0].code, status];
  return said.filter((word) => ["entered-in-error", "refuted", "resolved", "preliminary"].includes(word)).join(", ");
}

function wireView(request, response, took, curl) {
  return folded(
    "The messages: request and response",
    element("div", { class: "row" }, copyButton("Copy as curl", curl), element("span", { class: "quiet", text: `Answered in ${took} ms` })),
    element("pre", { tabindex: "0", "aria-label": "curl command" }, element("code", { text: curl })),
    element("p", { text: "Request" }),
    element("pre", { tabindex: "0", "aria-label": "Request" }, element("code", { text: pretty(request) })),
    element("p", { text: "Response" }),
    element("pre", { tabindex: "0", "aria-label": "Response" }, element("code", { text: pretty(response) })),
  );
}

const pretty = (json) => JSON.stringify(JSON.parse(json), null, 2);

function copyButton(label, text) {
  const button = element("button", { type: "button", text: label });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select the text below to copy it";
    }
    setTimeout(() => (button.textContent = label), 2500);
  });
  return button;
}
