// Launched by an EHR: asks it to authorize the form, and keeps for the way back only the state and the PKCE verifier, in this tab.

import { challenge, discovered, ehr, random, redirectAddress } from "./smart.js";

const NEEDED = { "permission-v2": "launch patient/Patient.r patient/QuestionnaireResponse.c" };
const NEEDED_BEFORE = "launch patient/Patient.read patient/QuestionnaireResponse.write";
const WHO = { "sso-openid-connect": "openid fhirUser" };
const problem = document.getElementById("problem");

async function launch() {
  const smart = await discovered();
  const verifier = random();
  const state = `${ehr.key}.${random()}`;
  const address = new URL(smart.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: ehr.clientId,
    redirect_uri: redirectAddress(),
    launch: new URLSearchParams(location.search).get("launch"),
    scope: scopes(smart.capabilities ?? []),
    state,
    aud: ehr.fhir,
    code_challenge: await challenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  sessionStorage.setItem(state, verifier);
  location.replace(address);
}

/** No more than is needed, in the spelling that the EHR knows; who fills it in, where the EHR can tell. */
function scopes(capabilities) {
  const told = (by) => Object.keys(by).filter((name) => capabilities.includes(name)).map((name) => by[name]);
  return [told(NEEDED)[0] ?? NEEDED_BEFORE, ...told(WHO)].join(" ");
}

launch().catch((error) => {
  document.querySelector("[role=status]").hidden = true;
  problem.textContent = error.message;
  problem.hidden = false;
});
