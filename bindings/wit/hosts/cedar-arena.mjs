// Cedar's JSON as the arena that components of `trapkey:policy` take, for components transpiled by jco.
//
//   import { authorizer } from './out/policy.js';
//   const arena = new Arena();
//   const entities = arena.entities(parse(await readFile('entities.json', 'utf8')));
//   const request = arena.request(parse(await readFile('request.json', 'utf8')));
//   const decision = authorizer.decide(arena.values, entities, request);   // throws a failure: then deny
//
// What is no JSON of Cedar is thrown too.

const DATETIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?$/;
const DECIMAL = /^(-?)(\d+)\.(\d{1,4})$/;
const DURATION = /^(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS = [86_400_000n, 3_600_000n, 60_000n, 1_000n, 1n];
const UID = /^((?:\w+::)*\w+)::"([^"'\\\x00-\x1f\x7f]*)"$/;
const REQUEST = ['principal', 'action', 'resource', 'context'];
const DEPTH_MAX = 64;

/**
 * JSON without what it leaves open: no key twice, whole numbers of 64 bits alone, at most 64 levels. Numbers are BigInt: one of JavaScript holds 53
 * bits. Objects have no prototype.
 */
export function parse(text) {
  const json = new Json(text);
  const value = json.value(0);
  if (json.token() !== undefined) throw new SyntaxError(`the text goes on at ${json.at}`);
  return value;
}

const TOKEN = /[ \t\n\r]*(?:([[\]{}:,"]|true|false|null)|(-?\d[\w.+-]*))/y;
const NAMED = new Map([['true', true], ['false', false], ['null', null]]);

/** A text that is read. */
class Json {
  at = 0;
  #text;

  constructor(text) {
    if (typeof text !== 'string') throw new TypeError('JSON is a text');
    this.#text = text;
  }

  /** The next token, of a text its quote; undefined at the end. */
  token() {
    TOKEN.lastIndex = this.at;
    const found = TOKEN.exec(this.#text);
    if (found) {
      this.at = TOKEN.lastIndex;
      return found[1] ?? whole(found[2]);
    }
    if (/[^ \t\n\r]/.test(this.#text.slice(this.at))) throw new SyntaxError(`no JSON at ${this.at}`);
    return undefined;
  }

  value(depth, token = this.token()) {
    if (typeof token === 'bigint') return token;
    if (NAMED.has(token)) return NAMED.get(token);
    if (token === '"') return this.#string();
    if (token !== '[' && token !== '{') throw new SyntaxError(`no value before ${this.at}`);
    if (depth === DEPTH_MAX) throw new SyntaxError(`more than ${DEPTH_MAX} levels`);
    return token === '[' ? this.#array(depth + 1) : this.#object(depth + 1);
  }

  #array(depth) {
    const parts = [];
    this.#each(']', token => parts.push(this.value(depth, token)));
    return parts;
  }

  #object(depth) {
    const fields = Object.create(null);
    this.#each('}', token => {
      const name = token === '"' ? this.#string() : undefined;
      if (name === undefined || this.token() !== ':') throw new SyntaxError(`no field before ${this.at}`);
      if (name in fields) throw new SyntaxError(`the key "${name}" is there twice`);
      fields[name] = this.value(depth);
    });
    return fields;
  }

  /** What is between commas. */
  #each(end, take) {
    let token = this.token();
    if (token === end) return;
    for (;;) {
      take(token);
      token = this.token();
      if (token === end) return;
      if (token !== ',') throw new SyntaxError(`no comma before ${this.at}`);
      token = this.token();
    }
  }

  #string() {
    let end = this.at;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const text = JSON.parse(this.#text.slice(this.at - 1, end + 1));
    this.at = end + 1;
    if (!text.isWellFormed()) throw new SyntaxError('half a surrogate pair is no text');
    return text;
  }
}

/** A number of a text. */
function whole(text) {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) throw new RangeError(`${text} is no whole number of 64 bits`);
  return long(BigInt(text));
}

/** Values; each refers to earlier ones alone. */
export class Arena {
  values = [];

  /** A list of Cedar's JSON for entities. */
  entities(entities) {
    return list(entities).map(entity => ({
      uid: reference(field(entity, 'uid')),
      attributes: this.#fields(field(entity, 'attrs')),
      parents: list(field(entity, 'parents')).map(reference),
      // Tags alone may be left out; Cedar ignores other keys.
      tags: Object.hasOwn(entity, 'tags') ? this.#fields(entity.tags) : [],
    }));
  }

  /** An object with principal, action, resource and context; `at` is the instant in milliseconds, a BigInt. */
  request(request, at) {
    const other = Object.keys(object(request)).find(name => !REQUEST.includes(name));
    if (other !== undefined) throw new TypeError(`a request has no ${other}`);
    const [principal, action, resource, context] = REQUEST.map(name => field(request, name));
    return {
      principal: uid(principal),
      action: uid(action),
      resource: uid(resource),
      context: this.#fields(context),
      at: at === undefined ? undefined : long(at),
    };
  }

  #fields(fields) {
    return Object.entries(object(fields)).map(([name, value]) => ({ name: string(name), value: this.#value(value) }));
  }

  #value(value) {
    return this.values.push(this.#made(value)) - 1;
  }

  #made(value) {
    switch (typeof value) {
      case 'boolean': return { tag: 'boolean', val: value };
      case 'bigint': return { tag: 'long', val: long(value) };
      case 'string': return { tag: 'text', val: string(value) };
      case 'number':
        if (Number.isSafeInteger(value)) return { tag: 'long', val: BigInt(value) };
    }
    if (Array.isArray(value)) return { tag: 'set', val: Uint32Array.from(value.map(part => this.#value(part))) };
    if (value !== null && typeof value === 'object') {
      if (Object.hasOwn(value, '__entity')) return { tag: 'entity', val: reference(value) };
      if (Object.hasOwn(value, '__extn')) return extension(field(value.__extn, 'fn'), field(value.__extn, 'arg'));
      return { tag: 'structure', val: this.#fields(value) };
    }
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
  return reference(value);
}

/** An object with type and id, alone or under `__entity`. */
function reference(value) {
  const named = Object.hasOwn(object(value), '__entity') ? value.__entity : value;
  return { typeName: string(field(named, 'type')), id: string(field(named, 'id')) };
}

function object(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError('there is no object');
  return value;
}

function field(value, name) {
  if (!Object.hasOwn(object(value), name)) throw new TypeError(`there is no "${name}"`);
  return value[name];
}

function list(value) {
  if (!Array.isArray(value)) throw new TypeError('there is no list');
  return value;
}

function string(value) {
  if (typeof value !== 'string' || !value.isWellFormed()) throw new TypeError('there is no text');
  return value;
}

function extension(name, text) {
  if (name === 'ip') return { tag: 'ip', val: string(text) };
  const readers = new Map([['decimal', [DECIMAL, decimal]], ['datetime', [DATETIME, datetime]], ['duration', [DURATION, duration]]]);
  if (!readers.has(name)) throw new TypeError(`no function ${name} makes values here`);
  const [pattern, read] = readers.get(name);
  const found = pattern.exec(string(text));
  if (!found) throw new TypeError(`"${text}" is no ${name}`);
  return { tag: name, val: long(read(found)) };
}

/** A number of 64 bits: what is passed to a component is cut to them without a word. */
function long(value) {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is more than 64 bits`);
  return value;
}

function decimal([, sign, whole, part]) {
  const value = BigInt(whole + part.padEnd(4, '0'));
  return sign ? -value : value;
}

function datetime([text, day, time = '00:00:00', milliseconds = '000', sign = '+', hours = '00', minutes = '00']) {
  const local = `${day}T${time}.${milliseconds}Z`;
  const at = Date.parse(local);
  // A day that no month has would be one of the next.
  const isThere = !Number.isNaN(at) && new Date(at).toISOString() === local;
  if (!isThere || Number(hours) > 23 || Number(minutes) > 59) throw new TypeError(`"${text}" is no datetime`);
  const east = (BigInt(hours) * 60n + BigInt(minutes)) * 60_000n;
  return BigInt(at) + (sign === '-' ? east : -east);
}

function duration([, sign, ...parts]) {
  const value = parts.reduce((sum, part, index) => sum + BigInt(part ?? 0) * UNITS[index], 0n);
  return sign ? -value : value;
}
