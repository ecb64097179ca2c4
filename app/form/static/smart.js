// SMART App Launch 2: what both sides of the redirect need. `ehr` is what the service says of the EHR, from its own configuration:
// {clientId, fhir, key, origins}. Nothing is sent to an origin that is not among them; the page's policy holds to that as well.

export const ehr = document.getElementById("launch").dataset;
export const redirectAddress = () => new URL("redirect", location.href).href.split(/[?#]/)[0];

const origins = ehr.origins.split(" ");

/** The EHR's authorization server, in its own words; Error where it is elsewhere than configured. */
export async function discovered() {
  const reply = await fetch(`${ehr.fhir}/.well-known/smart-configuration`, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`The health record's SMART configuration cannot be read: ${reply.status}.`);
  const smart = await reply.json();
  for (const address of [smart.authorization_endpoint, smart.token_endpoint]) {
    if (!origins.includes(originOf(address))) throw new Error("The health record authorizes at an address that is not configured here.");
  }
  return smart;
}

function originOf(address) {
  try {
    return new URL(address).origin;
  } catch {
    return "";
  }
}

/** 256 random bits, as a PKCE verifier wants them. */
export function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The PKCE challenge of a verifier (RFC 7636, S256). */
export async function challenge(verifier) {
  if (!crypto.subtle) throw new Error("This page must be opened by https.");
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
