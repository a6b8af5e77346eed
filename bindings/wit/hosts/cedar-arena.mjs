// Cedar's JSON as the arena that components of `trapkey:policy` take, for components transpiled by jco.
//
//   import { authorizer } from './out/policy.js';
//   const arena = new Arena();
//   const entities = arena.entities(parse(await readFile('entities.json', 'utf8')));
//   const request = arena.request(parse(await readFile('request.json', 'utf8')));
//   const decision = authorizer.decide(arena.values, entities, request);   // throws a failure: then deny

const DATETIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{3}))?(?:Z|([+-]\d\d)(\d\d)))?$/;
const DECIMAL = /^(-?)(\d+)\.(\d{1,4})$/;
const DURATION = /^(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS = [86_400_000n, 3_600_000n, 60_000n, 1_000n, 1n];
const UID = /^((?:\w+::)*\w+)::"([^"\\]*)"$/;

/** Marks numbers in text; no string of ours starts with it. */
const MARK = '\u{f8ff}';

/** JSON with whole numbers as BigInt: a number of JavaScript holds 53 bits, one of Cedar 64. */
export function parse(text) {
  if (text.includes(MARK) || text.toLowerCase().includes('\\uf8ff')) throw new TypeError(`the text has U+F8FF`);
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, token => token[0] === '"' ? token : `"${MARK}${token}"`);
  return JSON.parse(marked, (_, value) => typeof value === 'string' && value[0] === MARK ? BigInt(value.slice(1)) : value);
}

/** Values; each refers to earlier ones alone. */
export class Arena {
  values = [];

  /** A list of Cedar's JSON for entities. */
  entities(entities) {
    return entities.map(entity => ({
      uid: uid(entity.uid),
      attributes: this.#fields(entity.attrs ?? {}),
      parents: (entity.parents ?? []).map(uid),
      tags: this.#fields(entity.tags ?? {}),
    }));
  }

  /** An object with principal, action, resource and context; `at` is the instant in milliseconds, a BigInt. */
  request({ principal, action, resource, context }, at) {
    const [p, a, r] = [principal, action, resource].map(uid);
    return { principal: p, action: a, resource: r, context: this.#fields(context ?? {}), at };
  }

  #fields(fields) {
    return Object.entries(fields).map(([name, value]) => ({ name, value: this.#value(value) }));
  }

  #value(value) {
    return this.values.push(this.#made(value)) - 1;
  }

  #made(value) {
    switch (typeof value) {
      case 'boolean': return { tag: 'boolean', val: value };
      case 'bigint': return { tag: 'long', val: long(value) };
      case 'string': return { tag: 'text', val: value };
      case 'number':
        if (Number.isSafeInteger(value)) return { tag: 'long', val: BigInt(value) };
    }
    if (Array.isArray(value)) return { tag: 'set', val: Uint32Array.from(value.map(part => this.#value(part))) };
    if (value?.__entity) return { tag: 'entity', val: uid(value) };
    if (value?.__extn) return extension(value.__extn.fn, value.__extn.arg);
    if (value !== null && typeof value === 'object') return { tag: 'structure', val: this.#fields(value) };
    throw new TypeError(`Cedar has no value ${value}`);
  }
}

/** `Type::"id"`, or an object with type and id. */
export function uid(value) {
  if (typeof value === 'string') {
    const found = UID.exec(value);
    if (!found) throw new TypeError(`${value} is no name of an entity without escapes`);
    return { typeName: found[1], id: found[2] };
  }
  const { type, id } = value.__entity ?? value;
  return { typeName: type, id };
}

function extension(name, text) {
  if (name === 'ip') return { tag: 'ip', val: text };
  const [pattern, read] = { decimal: [DECIMAL, decimal], datetime: [DATETIME, datetime], duration: [DURATION, duration] }[name];
  const found = pattern.exec(text);
  if (!found) throw new TypeError(`"${text}" is no ${name}`);
  return { tag: name, val: long(read(found)) };
}

/** A number of 64 bits: what is passed to a component is cut to them without a word. */
function long(value) {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is more than 64 bits`);
  return value;
}

function decimal([, sign, whole, part]) {
  const value = BigInt(whole + part.padEnd(4, '0'));
  return sign ? -value : value;
}

function datetime([text, day, time = '00:00:00', milliseconds = '000', hours = '+00', minutes = '00']) {
  const at = Date.parse(`${day}T${time}.${milliseconds}${hours}:${minutes}`);
  if (Number.isNaN(at)) throw new TypeError(`"${text}" is no datetime`);
  return BigInt(at);
}

function duration([, sign, ...parts]) {
  const value = parts.reduce((sum, part, index) => sum + BigInt(part ?? 0) * UNITS[index], 0n);
  return sign ? -value : value;
}
