// Opens a card's SMART link as a health record does: names the launch, and hands the app that name and its own address.

export async function launch(url, patient) {
  const iss = new URL("demo/fhir", document.baseURI).href;
  const body = JSON.stringify({ launchUrl: url, parameters: { patient } });
  const reply = await fetch(`${iss}/_services/smart/Launch`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!reply.ok) throw new Error(`${reply.status}: the app could not be launched.`);
  const { launch_id } = await reply.json();
  window.open(`${url}?${new URLSearchParams({ iss, launch: launch_id })}`, "_blank", "noopener");
}
