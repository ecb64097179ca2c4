// Back from the EHR: the code for a token, the patient whose record is open, the form, and its answers saved to that record.
// The token stays in this script's memory: it is written nowhere and goes nowhere but to the EHR.

import { asked, complain, element, filledIn, response } from "./filling.js";
import { discovered, ehr, redirectAddress } from "./smart.js";

const CLINICIANS = ["Practitioner", "PractitionerRole"];
const OTHERS = ["Patient", "RelatedPerson"];
const form = document.getElementById("assessment");
const person = document.getElementById("person");

async function opened() {
  const back = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname); // the code is used up; it need not stay in the history
  const verifier = sessionStorage.getItem(back.get("state"));
  sessionStorage.removeItem(back.get("state"));
  if (verifier === null) throw new Error("This form was not launched in this window. Launch it again from the health record.");
  if (back.has("error")) throw new Error(`The health record did not allow it (${back.get("error")}).`);
  const token = await exchanged(back.get("code"), verifier);
  if (!token.patient) throw new Error("The health record did not say whose record is open. Open a patient's record, and launch the form from there.");
  const author = userOf(token.id_token);
  if (OTHERS.includes(author?.split("/")[0])) throw new Error("This form is for clinicians: it asks what an examination and imaging found.");
  const authorization = { Authorization: `Bearer ${token.access_token}` };
  const address = `${ehr.fhir}/Patient/${encodeURIComponent(token.patient)}`;
  const patient = JSON.parse(await asked(address, { headers: { ...authorization, Accept: "application/fhir+json" } }));
  if (patient.resourceType !== "Patient" || patient.id !== token.patient) throw new Error("The health record gave another patient than the one whose record is open.");
  person.replaceChildren(...banner(patient));
  filledIn((item) => save(authorization, response(token.patient, item, author ? { author: { reference: author } } : {})));
  form.hidden = person.hidden = false;
}

async function exchanged(code, verifier) {
  const { token_endpoint } = await discovered();
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectAddress(), client_id: ehr.clientId, code_verifier: verifier };
  const reply = await fetch(token_endpoint, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) });
  if (!reply.ok) throw new Error(`The health record gave no access (${reply.status}). Launch the form again from there.`);
  return reply.json();
}

/** Who is signed in, as Practitioner/1. The token came straight from the EHR's own address, so its signature adds nothing. */
function userOf(idToken) {
  if (!idToken) return undefined;
  const payload = JSON.parse(atob(idToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  const reference = (payload.fhirUser ?? "").split("/").slice(-2);
  return [...CLINICIANS, ...OTHERS].includes(reference[0]) ? reference.join("/") : undefined;
}

function banner(patient) {
  const name = patient.name?.[0] ?? {};
  const told = name.text ?? [...(name.given ?? []), name.family].filter(Boolean).join(" ");
  const known = (patient.identifier ?? []).map((identifier) => identifier.value).filter(Boolean);
  return [
    element("strong", { text: told || "No name recorded" }),
    element("span", { text: `, born ${patient.birthDate ?? "on a day not recorded"}${known.length ? `, ${known.join(", ")}` : ""}` }),
  ];
}

async function save(authorization, filled) {
  const headers = { ...authorization, "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
  await asked(`${ehr.fhir}/QuestionnaireResponse`, { method: "POST", headers, body: JSON.stringify(filled) });
  form.hidden = true;
  const said = "Saved to the health record.";
  const next = "When the record is opened again, the answers count like any other entry in it. To correct them, launch the form again.";
  return { said, nodes: [element("h2", { text: said }), element("p", { text: next })] };
}

opened().catch((error) => complain(error.message));
