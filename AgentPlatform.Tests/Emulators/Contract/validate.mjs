// Holds recorded answers and webhooks against GitHub's published descriptions.
//   node validate.mjs DIRECTORY <records.json
// DIRECTORY is what eng/install-github-descriptions.sh installs. The records are an array of
//   {"method", "path", "status", "body"}   an answer of the REST API, its path without the base
//   {"event", "action", "body"}            a webhook's payload
// Prints one line of JSON for each record: {"index", "name", "errors"}.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2];
const require = createRequire(join(directory, 'package.json'));
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const rest = withNulls(JSON.parse(readFileSync(join(directory, 'rest.json'), 'utf8')));
const webhooks = JSON.parse(readFileSync(join(directory, 'webhooks.json'), 'utf8'));

const ajv = addFormats(new Ajv({ strict: false, allErrors: true, logger: false }));
ajv.addSchema(rest, 'rest').addSchema(webhooks, 'webhooks');
const compiled = new Map();

const operations = Object.entries(rest.paths).map(([template, operation]) => ({
  operation,
  template,
  literals: template.split('/').filter(segment => !segment.startsWith('{')).length,
  pattern: new RegExp('^' + template.split('/').map(segment => segment === '{path}' || segment === '{ref}' || segment === '{basehead}' || segment === '{branch}'
    ? '.+' : segment.startsWith('{') ? '[^/]+' : segment.replace(/[.+]/g, '\\$&')).join('/') + '$'),
}));

JSON.parse(readFileSync(0, 'utf8')).forEach((record, index) => {
  const { name, pointer, missing } = record.event ? webhook(record) : answer(record);
  const errors = missing ? [missing] : pointer ? check(pointer, record.body) : [];
  console.log(JSON.stringify({ index, name, errors }));
});

function answer({ method, path, status }) {
  const found = operations
    .filter(candidate => candidate.pattern.test(path) && candidate.operation[method.toLowerCase()])
    .sort((one, other) => other.literals - one.literals)[0];
  const name = `${method} ${found?.template ?? path} ${status}`;
  if (!found) {
    return { name, missing: 'there is no such operation' };
  }
  const base = `/paths/${escape(found.template)}/${method.toLowerCase()}/responses/${status}`;
  const response = found.operation[method.toLowerCase()].responses[status];
  if (response) {
    const [at, actual] = follow(base, response);
    const type = Object.keys(actual.content ?? {}).find(candidate => candidate === 'application/json') ?? Object.keys(actual.content ?? {})[0];
    return { name, pointer: type && `rest#${at}/content/${escape(type)}/schema` };
  }
  // Errors that any operation may give are described once.
  const general = { 400: 'basic-error', 401: 'basic-error', 403: 'basic-error', 404: 'basic-error', 422: 'validation-error', 429: 'basic-error', 500: 'basic-error', 502: 'basic-error', 503: 'basic-error' }[status];
  return general ? { name, pointer: `rest#/components/schemas/${general}` } : { name, missing: `the description knows no status ${status}` };
}

function webhook({ event, action }) {
  const key = [event, action].filter(Boolean).join('-').replaceAll('_', '-');
  const operation = webhooks.webhooks[key];
  return operation
    ? { name: `webhook ${key}`, pointer: `webhooks#/webhooks/${escape(key)}/post/requestBody/content/application~1json/schema` }
    : { name: `webhook ${key}`, missing: 'there is no such webhook' };
}

function follow(at, response) {
  return response.$ref ? [response.$ref.slice(1), response.$ref.slice(2).split('/').reduce((node, part) => node[part], rest)] : [at, response];
}

function check(pointer, body) {
  if (!compiled.has(pointer)) {
    compiled.set(pointer, ajv.compile({ $ref: pointer }));
  }
  const validate = compiled.get(pointer);
  return validate(body) ? [] : validate.errors.map(error => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
}

function escape(part) {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

// OpenAPI 3.0 says "nullable" beside a type; JSON schema wants null among the types, and among the values of an enum.
function withNulls(node) {
  if (Array.isArray(node)) {
    return node.map(withNulls);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  // One place of the description demands a user that is an enterprise as well, where all others want either.
  if (node.allOf?.length === 2 && node.allOf[0].title === 'Simple User' && node.allOf[1].title === 'Enterprise') {
    const { allOf, ...others } = node;
    return withNulls({ ...others, anyOf: allOf });
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withNulls(value)]));
  if (copy.nullable !== true) {
    return copy;
  }
  const { nullable, ...schema } = copy;
  return { anyOf: [schema, { type: 'null' }] };
}
