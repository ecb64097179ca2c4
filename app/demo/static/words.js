// What things are called on the page.

export const INDICATORS = { info: "Information", warning: "Warning", critical: "Critical" };
export const STATUSES = { met: "Met", unknown: "Not known", "not-met": "Not met" };
export const SIGNS = { met: "✓", unknown: "?", "not-met": "✕", blocked: "!" };
export const OUTCOMES = {
  "criteria-met": "The criteria are met",
  "information-needed": "Something is missing",
  "criteria-not-met": "The criteria are not met",
  blocked: "A safety flag comes first",
  "no-evaluable-fracture": "There is no fracture to assess",
  "out-of-scope": "Outside the guideline's scope",
};
export const OUTCOME_STATUS = { "criteria-met": "met", "information-needed": "unknown", "criteria-not-met": "not-met", blocked: "blocked" };
export const CRITERIA = {
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
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2026-10-03T10:00:00Z" is "3 Oct 2026"; "2026-10" is "Oct 2026"; what is no date stays as it is. */
export function day(iso) {
  const parts = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso ?? "");
  if (!parts) return String(iso ?? "");
  const [, year, month, date] = parts;
  return [date ? String(Number(date)) : "", month ? MONTHS[month - 1] : "", year].filter(Boolean).join(" ");
}

/** "3 Oct": for an axis, where the year is plain. */
export function shortDay(iso) {
  return day(iso).split(" ").slice(0, 2).join(" ");
}

/** Whole years between two days. */
export function age(born, today) {
  return Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5, 10) < born.slice(5, 10) ? 1 : 0);
}

export function daysBetween(earlier, later) {
  return Math.round((Date.parse(later.slice(0, 10)) - Date.parse(earlier.slice(0, 10))) / 86_400_000);
}

/** The day that lies so many days after another; before it, where the number is negative. */
export function dayAfter(iso, days) {
  return new Date(Date.parse(iso.slice(0, 10)) + days * 86_400_000).toISOString().slice(0, 10);
}

export const sentence = (words) => words.replaceAll("-", " ").replace(/^./, (first) => first.toUpperCase());

export const fractureName = ({ level }) => (level ? `Fracture at ${level}` : "Fracture, level not recorded");
