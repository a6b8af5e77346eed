// Decides the kit with components: kit.mjs KIT FOLDER, where FOLDER has POLICIES-RULE/policy.js, transpiled by jco.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Arena, parse } from '../../bindings/wit/hosts/cedar-arena.mjs';

const ERRORS = { 'entity-missing': 1, overflow: 2, extension: 3 };

const duties = duties => duties.map(({ name, argument }) => argument === undefined ? name : `${name}=${argument}`).join(';');

function line(decision) {
  const erring = decision.erring.map(({ policy, error, place }) => `${policy}:${ERRORS[error]}:${place.start}-${place.end}`);
  const { at, horizon } = decision;
  let until = at === undefined || horizon === undefined ? '-' : at + horizon;
  if (until !== '-' && until >= 1n << 63n) until = '-';
  const fields = {
    determining: decision.determining.join(';'),
    erring: erring.join(';'),
    observed: decision.observed.join(';'),
    expired: decision.expired.join(';'),
    obligations: duties(decision.obligations),
    advice: duties(decision.advice),
    remaining: horizon ?? 'never',
    until,
  };
  return [decision.verdict, decision.reason, ...Object.entries(fields).map(field => field.join('='))].join('\t');
}

/** Decides all that is asked by these entities at once, each alone, and all by a store. */
function check(authorizer, entities, asked) {
  const arena = new Arena();
  const given = arena.entities(entities);
  const requests = asked.map(({ request }) => arena.request(parse(request)));
  const answers = authorizer.decideBatch(arena.values, given, requests);
  const store = authorizer.EntityStore.open(arena.values, given);
  const kept = store.decideBatch(arena.values, requests);
  asked.forEach(({ name, want }, index) => {
    const alone = authorizer.decide(arena.values, given, requests[index]);
    const listed = [answers[index], kept[index]].map(({ tag, val }) => tag === 'ok' ? line(val) : `${tag} ${JSON.stringify(val)}`);
    for (const found of [...listed, line(alone), line(store.decide(arena.values, requests[index]))]) {
      if (found !== want) throw new Error(`${name}:\n  found ${found}\n  want  ${want}`);
    }
  });
  return asked.length;
}

const [kit, folder] = process.argv.slice(2);
let [authorizer, entities, asked, compared, current] = [undefined, [], [], 0, {}];
for (const text of (await readFile(kit, 'utf8')).split('\n')) {
  const [word, ...rest] = text.split('\t');
  if (['policies', 'entities', ''].includes(word) && asked.length) {
    compared += check(authorizer, entities, asked);
    asked = [];
  }
  if (word === 'policies') {
    ({ authorizer } = await import(pathToFileURL(resolve(folder, rest.join('-'), 'policy.js'))));
    entities = [];
  } else if (word === 'entities') entities = parse(rest.join('\t'));
  else if (word === 'request') current = { name: rest[0], request: rest.slice(1).join('\t') };
  else if (word === 'want') asked.push({ ...current, want: rest.join('\t') });
  else if (word && !word.startsWith('#')) throw new Error(`the kit has no "${word}"`);
}
console.log(`${compared} decisions compared`);
