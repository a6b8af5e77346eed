// Refuses and takes what a list says: wrong.mjs LIST.

import { readFile } from 'node:fs/promises';
import { Arena, parse } from '../../bindings/wit/hosts/cedar-arena.mjs';

const REQUEST = { principal: 'User::"ann"', action: 'Action::"ask"', resource: 'User::"bob"' };

/** How many values the arena has of it. */
function values(kind, text) {
  const arena = new Arena();
  if (kind === 'at') arena.request({ ...REQUEST, context: {} }, parse(text));
  else if (kind === 'context') arena.request({ ...REQUEST, context: parse(text) });
  else if (kind === 'request') arena.request(parse(text));
  else arena.entities(parse(text));
  return arena.values.length;
}

function refused(what, make) {
  let made;
  try {
    made = make();
  } catch (error) {
    // An error of the helper says what is wrong; another would be one in it.
    if (/Cannot|not a function|not iterable/.test(error.message)) throw error;
    return;
  }
  throw new Error(`taken: ${what} ${made}`);
}

const cases = parse(await readFile(process.argv[2], 'utf8'));
for (const [kind, text] of cases.wrong) refused(`${kind} ${text}`, () => values(kind, text));
for (const [kind, text, want] of cases.right) {
  const found = values(kind, text);
  if (BigInt(found) !== want) throw new Error(`${found} values: ${kind} ${text}`);
}
// What is not read from a text.
for (const context of [{ count: 1n << 63n }, { count: 2 ** 53 }, { count: 1.5 }, { name: '\ud800' }, { name: undefined }, { name: null }]) {
  refused(`${Object.entries(context)}`, () => new Arena().request({ ...REQUEST, context }));
}
refused('at', () => new Arena().request({ ...REQUEST, context: {} }, 1n << 63n));
console.log(`${cases.wrong.length} refused, ${cases.right.length} taken`);
