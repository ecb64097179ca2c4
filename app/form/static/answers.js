// The answers on the page as the items of a FHIR R4 QuestionnaireResponse. A group without an answer is not there.

export class Incomplete extends Error {
  constructor(question) {
    super("Something needed in a part that was filled in is missing.");
    this.question = question;
  }
}

/** Items of a QuestionnaireResponse, in the order of the page; Incomplete where a part was begun and something needed in it is missing. */
export function itemsIn(container) {
  return partsOf(container).flatMap((part) => (part.dataset.type === "group" ? groupItem(part) : questionItem(part)));
}

/** Another copy of a repeatable group, empty, with ids and names of its own. */
export function another(group, number) {
  const copy = group.cloneNode(true);
  for (const element of copy.querySelectorAll("[id], [for], [name]")) {
    for (const attribute of ["id", "for", "name"]) {
      if (element.hasAttribute(attribute)) element.setAttribute(attribute, element.getAttribute(attribute).replace(/\d+$/, number));
    }
  }
  for (const control of copy.querySelectorAll("input, select")) {
    control.removeAttribute("aria-invalid");
    if (control.type === "radio") control.checked = control.value === "";
    else control.value = "";
  }
  return copy;
}

function partsOf(container) {
  return [...container.querySelectorAll("[data-link]")].filter((part) => part.parentElement.closest("[data-link], form") === container);
}

function groupItem(group) {
  const item = itemsIn(group);
  if (!item.length) return [];
  const missing = partsOf(group).find((part) => "required" in part.dataset && answerOf(part) === null);
  if (missing) throw new Incomplete(missing);
  return [{ linkId: group.dataset.link, item }];
}

function questionItem(question) {
  const answer = answerOf(question);
  return answer === null ? [] : [{ linkId: question.dataset.link, answer: [answer] }];
}

function answerOf(question) {
  const control = question.querySelector("input:checked, select, input:not([type=radio])");
  if (control.validity && !control.validity.valid) throw new Incomplete(question);
  return control.value === "" ? null : ANSWERS[question.dataset.type](control.value);
}

const ANSWERS = {
  boolean: (value) => ({ valueBoolean: value === "true" }),
  integer: (value) => ({ valueInteger: Number(value) }),
  decimal: (value) => ({ valueDecimal: Number(value) }),
  date: (value) => ({ valueDate: value }),
  choice: (value) => {
    const bar = value.lastIndexOf("|");
    return { valueCoding: { system: value.slice(0, bar), code: value.slice(bar + 1) } };
  },
};
