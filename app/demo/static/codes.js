// The few codes with which the page writes facts, and the vertebrae by which it reads them.

export const SNOMED = "http://snomed.info/sct";
export const LOINC = "http://loinc.org";
export const OPCS = "https://fhir.hl7.org.uk/Id/opcs-4";
export const FINDINGS = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings";

export const VERTEBRAE = {
  T1: "64864005",
  T2: "53733008",
  T3: "1626008",
  T4: "73071006",
  T5: "56401006",
  T6: "45296009",
  T7: "62487009",
  T8: "11068009",
  T9: "82687006",
  T10: "7610001",
  T11: "12989004",
  T12: "23215003",
  L1: "66794005",
  L2: "14293000",
  L3: "36470004",
  L4: "11994002",
  L5: "49668003",
};
export const LEVELS = Object.keys(VERTEBRAE);

export const PRESENT = { [SNOMED]: "52101004", [LOINC]: "LA9633-4" };
export const ABSENT = { [SNOMED]: "2667000", [LOINC]: "LA9634-2" };

export function concept(system, code, text) {
  return { coding: [{ system, code }], text };
}

export const site = (level) => concept(SNOMED, VERTEBRAE[level], level);

/** The vertebra that a body site names, by code or in so many words; "" where it names none, or more than one. */
export function levelOf(bodySite) {
  const found = [bodySite ?? []].flat().map((each) => byCode(each) || byText(each.text ?? ""));
  return found.length === 1 ? found[0] : "";
}

function byCode({ coding = [] }) {
  const codes = coding.map((each) => each.code);
  return LEVELS.find((level) => codes.includes(VERTEBRAE[level])) ?? "";
}

function byText(text) {
  const found = [...text.matchAll(/\b(Th|T|D|L)(1[0-2]|[1-9])\b/g)].map(([, region, number]) => (region === "L" ? "L" : "T") + number);
  return found.length === 1 && LEVELS.includes(found[0]) ? found[0] : "";
}

export function hasCode(concepts, system, ...codes) {
  const codings = [concepts ?? []].flat().flatMap((each) => each.coding ?? []);
  return codings.some((coding) => coding.system === system && codes.includes(coding.code));
}
