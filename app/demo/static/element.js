// Making elements. Text is text, never markup; attributes are attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** element("p", {class, text, ...attributes}, ...children). Children that are null are left out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for a part of a drawing. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, { text, ...attributes }, children) {
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function button(text, onClick, attributes = {}) {
  const made = element("button", { type: "button", text, ...attributes });
  made.addEventListener("click", onClick);
  return made;
}

export function folded(title, ...inside) {
  return element("details", {}, element("summary", { text: title }), ...inside);
}

/** <option>s for [value, label] pairs. */
export function choices(pairs, chosen) {
  return pairs.map(([value, label]) => {
    const option = element("option", { value, text: label });
    option.selected = value === chosen;
    return option;
  });
}

/** A labelled control; `id` joins the two. */
export function field(label, control, id) {
  control.id = id;
  return element("div", { class: "field" }, element("label", { for: id, text: label }), control);
}
