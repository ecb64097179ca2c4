// What the page asks of the service. Addresses are relative to the page, so that the service may stand under any path.

/* global DOMPurify */

const base = new URL(".", document.baseURI);
export const at = (path) => new URL(path, base).href;

const PURE = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ["img", "style", "form", "input"],
  FORBID_ATTR: ["style"],
  RETURN_DOM_FRAGMENT: true,
};

/** {status, text}; throws an Error with the service's own words where it refuses. */
export async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body };
  const reply = await fetch(at(path), options);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`The service answered ${reply.status}. ${diagnostics(text)}`.trim());
  return { status: reply.status, text };
}

export async function askJson(path, body) {
  return JSON.parse((await ask(path, body)).text);
}

function diagnostics(text) {
  try {
    return JSON.parse(text)
      .issue.map((issue) => [issue.diagnostics, ...(issue.expression ?? [])].join(" "))
      .join(" ");
  } catch {
    return "";
  }
}

export const callPath = (serviceId, profile) => (profile ? `demo/profiles/${profile}/${serviceId}` : `cds-services/${serviceId}`);

/** The details of cards as fragments: rendered by the service with HTML switched off, and made safe here once more. */
export async function rendered(cards) {
  if (!cards.length) return [];
  const { html } = await askJson("demo/markdown", JSON.stringify({ texts: cards.map((card) => card.detail ?? "") }));
  return html.map((each) => DOMPurify.sanitize(each, PURE));
}

/** One item of feedback on a card (CDS Hooks 2.0.1, feedback); answers with {status, text}. */
export function sendFeedback(serviceId, item) {
  return ask(`cds-services/${serviceId}/feedback`, JSON.stringify({ feedback: [item] }));
}
