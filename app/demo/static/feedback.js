// What a person did with a card, told to the service as a health record tells it, and listed with what it answered.

import { element, folded } from "./element.js";
import { sendFeedback } from "./service.js";

const DONE = { accepted: "Accepted", overridden: "Overridden" };
const list = document.getElementById("sent-list");

/** Sends one item and answers with words; the list below the cards shows the item and the answer. */
export async function tellService(serviceId, card, { outcome, suggestion, reason }) {
  const item = {
    card: card.uuid,
    outcome,
    ...(suggestion ? { acceptedSuggestions: [{ id: suggestion.uuid }] } : {}),
    ...(reason ? { overrideReason: { reason: { code: reason.code, system: reason.system } } } : {}),
    outcomeTimestamp: new Date().toISOString(),
  };
  const what = outcome === "overridden" && !reason ? "Dismissed" : DONE[outcome];
  const told = [what, suggestion?.label ?? reason?.display].filter(Boolean).join(": ");
  const [answer, arrived] = await outcomeOf(sendFeedback(serviceId, item));
  note(told, card.summary, answer, { feedback: [item] });
  return { words: `${told}. ${answer}`, arrived };
}

async function outcomeOf(sending) {
  try {
    const { status, text } = await sending;
    return [`The service took it: ${status} ${text}`, true];
  } catch (error) {
    return [`It did not arrive. ${error.message}`, false];
  }
}

function note(told, summary, answer, sent) {
  const json = element(
    "pre",
    { tabindex: "0", role: "region", "aria-label": "Feedback as JSON" },
    element("code", { text: JSON.stringify(sent, null, 2) }),
  );
  list.append(
    element(
      "li",
      {},
      element("strong", { text: told }),
      element("p", { class: "quiet", text: summary }),
      element("p", { text: answer }),
      folded("As JSON", json),
    ),
  );
  document.getElementById("sent").hidden = false;
}
