// Cards as a health record shows them: indicator, summary, detail, what can be done, and what a person may answer.

import { button, choices, element, folded } from "./element.js";
import { launch } from "./launching.js";
import { INDICATORS } from "./words.js";

const ICONS = { info: "i", warning: "!", critical: "‼" };
const opened = new Set(); // topics whose detail a person has opened

/** One card. `detail` is a safe fragment; `patient` an id, for apps that are launched; `answer({outcome, suggestion, reason})` resolves to words about what came of it. */
export function cardView(card, detail, patient, answer) {
  const body = element("div", { class: "card-body" }, sourceView(card.source), detailView(card, detail), linksView(card.links, patient));
  const foot = element("div", { class: "answers" });
  const made = element(
    "article",
    { class: `card ${card.indicator}`, "data-topic": card.source.topic?.code ?? "" },
    element(
      "span",
      { class: `tag ${card.indicator}` },
      element("b", { text: ICONS[card.indicator] ?? "", "aria-hidden": "true" }),
      INDICATORS[card.indicator] ?? card.indicator,
    ),
    element("h3", { text: card.summary }),
    body,
    foot,
  );
  foot.append(...answersView(card, (given) => answered(made, body, foot, answer(given))));
  return made;
}

function sourceView(source) {
  const label = source.url ? linkTo(source.url, source.label) : document.createTextNode(source.label);
  return element("p", { class: "source quiet" }, "Source: ", label);
}

function linkTo(url, label) {
  const link = element("a", { text: label });
  if (/^https?:/.test(url)) leadsAway(link, url);
  return link;
}

function leadsAway(link, url) {
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

function detailView(card, fragment) {
  const detail = element("div", { class: "detail" }, fragment);
  for (const link of detail.querySelectorAll("a[href]")) leadsAway(link, link.getAttribute("href"));
  for (const table of detail.querySelectorAll("table")) scrollable(table);
  const topic = card.source.topic?.code ?? card.summary;
  const more = button("", () => show(!opened.has(topic)), { class: "more" });
  function show(whole) {
    if (whole) opened.add(topic);
    else opened.delete(topic);
    detail.classList.toggle("short", !whole);
    more.setAttribute("aria-expanded", String(whole));
    more.textContent = whole ? "Show less" : "Show the whole card";
  }
  detail.addEventListener("focusin", () => show(true));
  show(opened.has(topic));
  return element("div", {}, detail, more);
}

function scrollable(table) {
  const frame = element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Table in the card" });
  table.replaceWith(frame);
  frame.append(table);
}

/** Apps at once in sight, for they are something to do; pages to read are folded away. */
function linksView(links = [], patient) {
  const apps = links.filter((link) => link.type === "smart").map((link) => launchButton(link, patient));
  const pages = links.filter((link) => link.type !== "smart").map((link) => element("li", {}, linkTo(link.url, link.label)));
  return element("div", {}, ...apps, folded(`Links (${pages.length})`, element("ul", {}, ...pages)));
}

function launchButton(link, patient) {
  const made = button(link.label, () => launch(link.url, patient).catch((error) => made.after(` ${error.message}`)));
  return made;
}

function answersView(card, give) {
  const accepts = (card.suggestions ?? []).map((suggestion) =>
    button(suggestion.label, () => give({ outcome: "accepted", suggestion }), { class: "accept", title: told(suggestion) }),
  );
  const dismiss = button("Dismiss", () => give({ outcome: "overridden" }), { class: "dismiss" });
  const reasons = card.overrideReasons ?? [];
  if (!reasons.length) return [...accepts, dismiss];
  const select = element(
    "select",
    { "aria-label": `Reason to override: ${card.summary}` },
    ...choices([["", "Override because…"], ...reasons.map((each) => [each.code, each.display])], ""),
  );
  const override = button("Override", () => give({ outcome: "overridden", reason: reasons.find((each) => each.code === select.value) }), {
    class: "override",
  });
  override.disabled = true;
  select.addEventListener("change", () => (override.disabled = !select.value));
  return [...accepts, element("div", { class: "setting-aside" }, select, override, dismiss)];
}

const told = (suggestion) => (suggestion.actions ?? []).map((action) => action.description).join(". ");

/** The card steps back once a person has answered it, and says what was sent. */
async function answered(card, body, foot, words) {
  const again = button("Show the card again", () => {
    body.hidden = !body.hidden;
    again.textContent = body.hidden ? "Show the card again" : "Hide the card";
  });
  const line = element("p", { class: "sent", text: "Sending." });
  card.classList.add("done");
  body.hidden = true;
  foot.replaceChildren(line, again);
  again.focus();
  line.textContent = await words;
}
