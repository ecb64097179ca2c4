// The messages themselves: the request, the response, and the command that sends the one and shows the other.

import { button, element } from "./element.js";

const SHOWN_AT_MOST = 200_000;

export function wireView({ call, response, curl, took, kilobytes }) {
  return [
    element("p", { class: "quiet", text: `Answered in ${took} ms. The request has ${kilobytes} kB.` }),
    message("Command", curl, "Copy as curl"),
    message("Request", JSON.stringify(call, null, 2), "Copy the request"),
    message("Response", JSON.stringify(JSON.parse(response), null, 2), "Copy the response"),
  ];
}

function message(title, text, copyLabel) {
  const shown = text.length > SHOWN_AT_MOST ? `${text.slice(0, SHOWN_AT_MOST)}\n… the rest is copied, not shown` : text;
  const code = element("pre", { tabindex: "0", role: "region", "aria-label": title }, element("code", { text: shown }));
  return element(
    "section",
    { class: "message" },
    element("div", { class: "row" }, element("h3", { text: title }), copyButton(copyLabel, text)),
    code,
  );
}

function copyButton(label, text) {
  const made = button(label, async () => {
    made.textContent = await copied(text);
    setTimeout(() => (made.textContent = label), 2500);
  });
  return made;
}

/** A page that is not on localhost or https may not write to the clipboard. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Select the text to copy it";
  }
}
