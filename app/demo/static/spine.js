// The spine from the side, T1 to L5, the person looking to the left. A fractured vertebra is a wedge, coloured, patterned and labelled
// by what the guideline says of it; the others are quiet.

import { LEVELS } from "./codes.js";
import { drawn, element } from "./element.js";
import { SIGNS, STATUSES } from "./words.js";

const WIDTH = 178;
const MIDDLE = 104;
const LABEL_RIGHT = 50;
const CAUDAL = LEVELS.indexOf("T12");

/** <figure> for these fractures of an Evaluation. */
export function spineFigure(fractures) {
  const outcomes = new Map(
    fractures.filter(({ level }) => LEVELS.includes(level)).map(({ level, outcome }) => [level, worst(fractures, level, outcome)]),
  );
  const bodies = vertebrae();
  const height = bodies.at(-1).y + 26;
  const drawing = drawn(
    "svg",
    { class: "spine", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": toldInWords(outcomes) },
    drawn("defs", {}, hatch("unknown"), hatch("not-met")),
    ...bodies.map((body) => vertebra(body, outcomes.get(body.level))),
  );
  return element("figure", { class: "spine-figure" }, drawing, legend());
}

/** Two episodes at one level: the one that is met is shown, else the one that may be. */
function worst(fractures, level, outcome) {
  const all = fractures.filter((each) => each.level === level).map((each) => each.outcome);
  return ["met", "unknown", "not-met"].find((each) => all.includes(each)) ?? outcome;
}

function toldInWords(outcomes) {
  if (!outcomes.size) return "Spine from T1 to L5 without a fracture to assess";
  return `Spine from T1 to L5. ${[...outcomes].map(([level, outcome]) => `${level}: ${STATUSES[outcome].toLowerCase()}`).join(". ")}.`;
}

/** Where each vertebra lies: growing downwards, along the chest's backward and the loin's forward curve. */
function vertebrae() {
  let y = 4;
  const placed = LEVELS.map((level, index) => {
    const [tall, wide] = [17 + index * 0.75, 30 + index * 1.6];
    y += tall / 2 + 2;
    const body = { level, x: MIDDLE + curve(index), y, tall, wide };
    y += tall / 2 + 2.5 + index * 0.1;
    return body;
  });
  return placed.map((body, index) => {
    const [above, below] = [placed[index - 1] ?? body, placed[index + 1] ?? body];
    const lean = (-Math.atan2(below.x - above.x, below.y - above.y) * 180) / Math.PI;
    return { ...body, lean };
  });
}

function curve(index) {
  return index <= CAUDAL ? 14 * Math.sin((Math.PI * index) / CAUDAL) : -12 * Math.sin((Math.PI * (index - CAUDAL)) / 6.5);
}

function vertebra({ level, x, y, tall, wide, lean }, outcome) {
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${lean.toFixed(1)})`;
  const fill = outcome === "unknown" || outcome === "not-met" ? `url(#hatch-${outcome})` : null;
  const group = drawn(
    "g",
    { class: `vertebra ${outcome ?? "quiet"}`, transform: place },
    drawn("path", { class: "process", d: process(wide) }),
    drawn("path", { class: "ground", d: outline(wide, tall, Boolean(outcome)) }),
    drawn("path", { class: "body", d: outline(wide, tall, Boolean(outcome)), fill }),
  );
  return drawn("g", {}, group, ...label(level, y, x - wide / 2, outcome));
}

/** The front (left) edge of a wedge is lower than its back. */
function outline(wide, tall, wedge) {
  const [side, half] = [wide / 2, tall / 2];
  const front = wedge ? half - tall * 0.42 : -half;
  const top = wedge ? `M${-side} ${-front} L${side} ${-half}` : `M${-side} ${-half} Q0 ${1.6 - half} ${side} ${-half}`;
  return `${top} Q${side - 2.5} 0 ${side} ${half} Q0 ${half - 1.6} ${-side} ${half} Q${2 - side} ${wedge ? half / 2 : 0} ${-side} ${wedge ? -front : -half} Z`;
}

function process(wide) {
  return `M${wide / 2 + 3} -3 q9 0 22 9 q1 5 -4 4 q-9 -6 -18 -6 z`;
}

function label(level, y, left, outcome) {
  if (!outcome) return [drawn("text", { class: "level", x: LABEL_RIGHT, y: y + 3.5, "text-anchor": "end", text: level })];
  return [
    drawn("line", { class: `pointer ${outcome}`, x1: LABEL_RIGHT + 5, y1: y, x2: left - 3, y2: y }),
    drawn("rect", { class: `flag ${outcome}`, x: 2, y: y - 10, width: LABEL_RIGHT + 3, height: 20, rx: 10 }),
    drawn("text", {
      class: `level ${outcome}`,
      x: LABEL_RIGHT / 2 + 4,
      y: y + 4,
      "text-anchor": "middle",
      text: `${level} ${SIGNS[outcome]}`,
    }),
  ];
}

function hatch(outcome) {
  const line = outcome === "unknown" ? "M-1 7 L7 -1" : "M-1 7 L7 -1 M-1 -1 L7 7";
  const attributes = { id: `hatch-${outcome}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" };
  return drawn("pattern", attributes, drawn("path", { class: `hatch ${outcome}`, d: line }));
}

function legend() {
  const swatches = Object.entries(STATUSES).map(([status, words]) => {
    const fill = status === "met" ? null : `url(#hatch-${status})`;
    const sample = drawn(
      "svg",
      { class: "swatch", viewBox: "0 0 18 14", "aria-hidden": "true" },
      drawn("g", { class: `vertebra ${status}` }, drawn("rect", { class: "body", x: 1, y: 1, width: 16, height: 12, rx: 2, fill })),
    );
    return element("li", {}, sample, `${SIGNS[status]} ${words}`);
  });
  return element("ul", { class: "legend", "aria-label": "Legend" }, ...swatches);
}
