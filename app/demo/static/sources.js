// Where a chart comes from: a sample patient, or a Bundle that is dropped, chosen or pasted.

import { chartOf, readBundle } from "./bundle.js";
import { askJson } from "./service.js";

const byId = (id) => document.getElementById(id);
const patients = byId("patient");

/** {sample, expected, patient, resources} of the sample that is chosen; the page's address then leads to it. */
export async function sampleChart() {
  const { value, dataset } = patients.selectedOptions[0];
  const bundle = await askJson(`demo/charts/${encodeURIComponent(value)}`);
  history.replaceState(null, "", `?patient=${encodeURIComponent(value)}`);
  return { sample: value, expected: dataset.expected, ...chartOf(bundle.entry.map((entry) => entry.resource)) };
}

export function tellStory(text = patients.selectedOptions[0]?.dataset.story ?? "") {
  byId("story").textContent = text;
}

/** Chooses a sample by its id, where there is such a one. */
export function chooseSample(id) {
  if ([...patients.options].some((option) => option.value === id)) patients.value = id;
}

/** `open(text)` is told the text of a Bundle, however it came. */
export function watchBundles(open) {
  byId("use-pasted").addEventListener("click", () => open(byId("pasted").value));
  byId("file").addEventListener("change", async ({ target }) => target.files.length && open(await target.files[0].text()));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      document.body.classList.toggle("dropping", kind === "dragover");
    });
  }
  document.addEventListener("drop", async ({ dataTransfer }) => dataTransfer.files.length && open(await dataTransfer.files[0].text()));
}

/** No sample is chosen then. */
export function bundleChart(text) {
  const chart = readBundle(text);
  patients.selectedIndex = -1;
  return { sample: undefined, expected: undefined, ...chart };
}
