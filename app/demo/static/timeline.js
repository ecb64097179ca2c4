// The chart's facts on a line of time, one lane for each kind. Shaded is how far back a fact of that kind still counts.

import { drawn, element } from "./element.js";
import { KINDS } from "./facts.js";
import { day, dayAfter, daysBetween, shortDay } from "./words.js";

const LONGEST = 125;
const SHORTEST = 45;
const EARLIER_ROOM = 0.2;
const ROW = 28;
const PAIN_HEIGHT = 96;
const MOST_IN_A_LANE = 24;
const WINDOWS = { fractures: "recentMaxDays", pain: "painMaxAgeDays", examination: "examMaxAgeDays", imaging: "imagingMaxAgeDays" };

const pen = document.createElement("canvas").getContext("2d");
pen.font = `600 13px ${getComputedStyle(document.body).fontFamily}`;

/** Lanes as elements. `width` is that of a track in pixels; `choose` is told the reference of a fact that is picked. */
export function timelineLanes({ facts, evaluation, today, width, selected, choose }) {
  const scale = scaleOf(facts, evaluation, today);
  const context = { scale, width, selected, choose, thresholds: evaluation?.thresholds ?? {}, today };
  const lanes = Object.entries(KINDS).map(([kind, title]) =>
    lane(
      kind,
      title,
      facts.filter((fact) => fact.kind === kind),
      context,
    ),
  );
  return [...lanes.filter(Boolean), axis(scale, today)];
}

function scaleOf(facts, evaluation, today) {
  const onsets = (evaluation?.fractures ?? [])
    .map(({ onset }) => onset?.latest)
    .filter(Boolean)
    .map((onset) => daysBetween(onset, today) + 6);
  const back = Math.max(SHORTEST, ...onsets.filter((days) => days <= LONGEST));
  const first = dayAfter(today, -back);
  const isEarlier = (fact) => whole(fact.end) < first;
  const room = facts.some((fact) => isEarlier(fact) && isDrawnEarlier(fact)) ? EARLIER_ROOM : 0.015;
  const at = (iso) => Math.min(1, Math.max(room, room + (0.985 - room) * (daysBetween(first, whole(iso)) / back)));
  return { first, back, room, at, isEarlier };
}

const isDrawnEarlier = (fact) => fact.cited || fact.kind === "fractures";

/** A partial date as its first day; no date is the beginning of time. */
function whole(iso) {
  return /^\d{4}/.test(iso) ? `${iso.slice(0, 10)}-01-01`.slice(0, 10) : "0001-01-01";
}

function lane(kind, title, facts, context) {
  const shown = facts.filter((fact) => !context.scale.isEarlier(fact) || isDrawnEarlier(fact)).slice(-MOST_IN_A_LANE);
  if (!shown.length) return null;
  const hidden = facts.length - shown.length;
  const track = element("div", { class: "track" });
  const days = context.thresholds[WINDOWS[kind]];
  track.append(...shading(days, context));
  track.append(...(kind === "pain" ? scores(shown, context, track) : entries(shown, context, track)));
  const beside = [days === undefined ? "" : `within ${days} days`, hidden ? `+${hidden} earlier` : ""].filter(Boolean).join(", ");
  const name = element("h4", { text: `${title} ` }, element("span", { class: "quiet", text: beside }));
  return element("div", { class: `lane ${kind}` }, name, track);
}

/** What is shaded: the days from which a fact of that kind still counts, under the thresholds in force. */
function shading(days, { scale, today }) {
  if (days === undefined) return [];
  return [placed(element("div", { class: "window" }), scale.at(dayAfter(today, -days)))];
}

const percent = (fraction) => `${(fraction * 100).toFixed(2)}%`;

function placed(made, fraction) {
  made.style.left = percent(fraction);
  return made;
}

/** Marks and bars, in as many rows as it takes for none to cover another. */
function entries(facts, context, track) {
  const rows = [];
  const made = facts.map((fact) => {
    const spot = spotOf(fact, context);
    let row = rows.findIndex((taken) => taken.every(([from, to]) => spot.to < from - 6 || spot.from > to + 6));
    if (row < 0) row = rows.push([]) - 1;
    rows[row].push([spot.from, spot.to]);
    return mark(fact, spot, row, context);
  });
  track.style.height = `${rows.length * ROW + 6}px`;
  return made;
}

/** In pixels: where its point or bar begins and ends, where it and its words do, and on which side the words are. */
function spotOf(fact, { scale, width }) {
  const early = scale.isEarlier(fact);
  const [begin, end] = early ? [6, 6] : [scale.at(fact.start) * width, scale.at(fact.end) * width];
  const text = wordsOf(fact, early);
  const whole = pen.measureText(text).width + 4;
  if (end - begin > whole + 12) return { begin, end, from: begin, to: end, side: "inside", text, room: end - begin - 12 };
  const [rightRoom, leftRoom] = [width - end - 14, begin - 14];
  const side = rightRoom >= Math.min(whole, leftRoom) ? "right" : "left";
  const room = Math.min(whole, side === "right" ? rightRoom : leftRoom);
  const [from, to] = side === "right" ? [begin - 7, end + room + 14] : [begin - room - 14, end + 7];
  return { begin, end, from, to, side, text, room };
}

function wordsOf(fact, early) {
  const level = fact.level && !fact.name.includes(fact.level) ? `${fact.level}: ` : "";
  const absent = fact.presence === false ? "absent" : "";
  const value = fact.kind === "labs" ? fact.said : "";
  return (
    level + [[fact.name, value].filter(Boolean).join(" "), absent, early ? day(fact.start.slice(0, 7)) : ""].filter(Boolean).join(", ")
  );
}

function mark(fact, spot, row, context) {
  const shape = spot.end - spot.begin > 8 ? "bar" : "point";
  const made = picked(fact, `mark ${shape} ${spot.side}`, context);
  made.style.top = `${row * ROW + 4}px`;
  if (spot.side === "left") made.style.right = `${Math.max(0, context.width - spot.end - (shape === "point" ? 7 : 0))}px`;
  else made.style.left = `${spot.begin - (shape === "point" ? 7 : 0)}px`;
  const dot = element("span", { class: "dot" });
  if (shape === "bar") dot.style.width = `${spot.end - spot.begin}px`;
  const words = element("span", { class: "words", text: spot.text });
  words.style.maxWidth = `${spot.room}px`;
  made.append(...(spot.side === "left" ? [words, dot] : [dot, words]));
  return made;
}

function picked(fact, style, { selected, choose }) {
  const classes = [style, fact.cited ? "cited" : "", fact.presence === false ? "absent" : ""].filter(Boolean).join(" ");
  const told = [KINDS[fact.kind], fact.name, fact.said, fact.level, day(fact.start) || "no date", fact.cited ? "evidence" : ""]
    .filter(Boolean)
    .join(", ");
  const made = element("button", { type: "button", class: classes, "aria-label": told, title: told, "data-reference": fact.reference });
  made.setAttribute("aria-pressed", String(fact.reference === selected));
  made.addEventListener("click", () => choose(fact.reference));
  return made;
}

/** Pain scores by height, joined in order of time, with the score from which pain counts as severe. */
function scores(facts, context, track) {
  const { scale, thresholds } = context;
  const numbered = facts.filter((fact) => typeof fact.score === "number");
  const height = (score) => 8 + (84 * Math.min(10, Math.max(0, outOfTen(score)))) / 10;
  const spots = numbered.map((fact) => ({ fact, x: scale.isEarlier(fact) ? 0.02 : scale.at(fact.start), y: height(fact.score) }));
  track.style.height = `${PAIN_HEIGHT}px`;
  const back = spots.filter(({ fact }) => fact.cited);
  const line = back.map(({ x, y }) => `${(x * 100).toFixed(2)},${(100 - y).toFixed(2)}`).join(" ");
  const joined = drawn(
    "svg",
    { class: "joined", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    drawn("polyline", { points: line }),
  );
  return [joined, ...severe(thresholds.painSevereMin, height), ...spots.map((spot) => scoreMark(spot, context))];
}

/** A score of 0 to 100 (millimetres on a line) takes the place of the same out of 10. */
const outOfTen = (score) => (score > 10 ? score / 10 : score);

function severe(threshold, height) {
  if (threshold === undefined) return [];
  const line = element("div", { class: "threshold" }, element("span", { text: `severe from ${threshold}` }));
  line.style.bottom = `${height(threshold)}%`;
  return [line];
}

function scoreMark({ fact, x, y }, context) {
  const made = picked(fact, "mark score", context);
  made.textContent = String(fact.score);
  made.style.left = percent(x);
  made.style.bottom = `${y}%`;
  return made;
}

function axis(scale, today) {
  const step = scale.back > 80 ? 28 : 14;
  const ticks = [];
  for (let days = 0; days < scale.back - 3; days += step) {
    const iso = dayAfter(today, -days);
    ticks.push(placed(element("span", { class: "tick", text: days ? shortDay(iso) : "today" }), scale.at(iso)));
  }
  if (scale.room === EARLIER_ROOM) ticks.push(placed(element("span", { class: "tick earlier", text: "earlier" }), 0));
  return element("div", { class: "lane axis", "aria-hidden": "true" }, element("span"), element("div", { class: "track" }, ...ticks));
}
