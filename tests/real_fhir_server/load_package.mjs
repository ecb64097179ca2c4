// Loads a FHIR package as FHIR tools do, with the loader of SUSHI: from an NPM registry into a cache, and from there by canonical address.
// Arguments: the registry's address, a folder for the cache, the package's name and version, and what to look up in it. Prints JSON.
import { BasePackageLoader, BuildDotFhirDotOrgClient, createSQLJSPackageDB, DiskBasedPackageCache, NPMRegistryClient } from 'fhir-package-loader';

const [registry, cache, name, version, ...wanted] = process.argv.slice(2);
const log = (level, message) => console.error(`${level}: ${message}`);
const database = await createSQLJSPackageDB();
const packages = new BasePackageLoader(
  database,
  new DiskBasedPackageCache(cache, { log }),
  new NPMRegistryClient(registry, { log }),
  new BuildDotFhirDotOrgClient({ log }),
  { log },
);

const status = await packages.loadPackage(name, version);
const found = Object.fromEntries(wanted.map((url) => [url, packages.findResourceJSON(url)]));
console.log(JSON.stringify({ status, manifest: packages.findPackageJSON(name, version), all: packages.findResourceInfos('*'), found }));
