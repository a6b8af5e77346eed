// Records of decisions as events of the Open Cybersecurity Schema Framework (https://schema.ocsf.io): class 6003,
// API Activity, with the profile `security_control`, which has what a control did.
import { log } from "trapkey:plugin/logging@0.1.0";

const OCSF = "1.5.0";
const CATEGORY = { category_uid: 6, category_name: "Application Activity" };
const CLASS = { class_uid: 6003, class_name: "API Activity" };

/** Bytes of a record that is read; longer ones are refused. */
const RECORD_BYTES_MAX = 1024 * 1024;

/** What an action does, by the last part of its name; whatever else is `Other`. */
const ACTIVITIES = [
  [1, "Create", /^(create|add|enroll)/],
  [2, "Read", /^(read|browse|subscribe|history|identify|observe|list|get)/],
  [3, "Update", /^(write|set|change|update|mask|publish|reset|programDownload|onlineEdit|firmware)/],
  [4, "Delete", /^(delete|remove|retire)/],
];

/** Reasons of denies that say something is wrong with the policies, the facts or the engine, not with who asks. */
const FAULTS = new Set(["failed", "forbid-erred", "obligation-not-honoured"]);

export const sink = {
  /** Throws `invalid` for the first record that is none: nothing of the batch is formatted then. */
  format(records) {
    const events = records.map((text, at) => {
      try {
        return utf8(JSON.stringify(event(parse(text))));
      } catch (error) {
        throw { tag: "invalid", val: `records[${at}]: ${error.message}` };
      }
    });
    log("debug", `${events.length} events`);
    return events;
  },
};

/** Bytes of a text; QuickJS has no `TextEncoder`, and `JSON.stringify` leaves no half of a pair. */
function utf8(text) {
  const bytes = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code < 0x80) {
      bytes.push(code);
    } else if (code < 0x800) {
      bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    } else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return new Uint8Array(bytes);
}

function parse(text) {
  if (text.length > RECORD_BYTES_MAX) {
    throw new Error(`${text.length} bytes, the limit is ${RECORD_BYTES_MAX}`);
  }
  const record = JSON.parse(text);
  if (record === null || typeof record !== "object" || Array.isArray(record)) {
    throw new Error("not an object");
  }
  if (!Number.isSafeInteger(record.time)) {
    throw new Error("`time` is no number of milliseconds");
  }
  if (record.verdict !== "allow" && record.verdict !== "deny") {
    throw new Error("`verdict` is neither `allow` nor `deny`");
  }
  if (typeof record.reason !== "string") {
    throw new Error("`reason` is no text");
  }
  return record;
}

/** A name in Cedar's form, `Plant::Asset::"plc-7"`, or an object of `type` and `id`. */
function entity(record, field) {
  const value = record[field];
  if (value !== null && typeof value === "object") {
    if (typeof value.type === "string" && typeof value.id === "string") {
      return { type: value.type, id: value.id };
    }
  } else if (typeof value === "string") {
    const parts = /^([A-Za-z_][A-Za-z0-9_:]*)::("(?:[^"\\]|\\.)*")$/s.exec(value);
    if (parts !== null) {
      return { type: parts[1], id: unescaped(parts[2].slice(1, -1)) };
    }
  }
  throw new Error(`\`${field}\` is no name of an entity`);
}

/** The id without Cedar's escapes. */
function unescaped(text) {
  const simple = { n: "\n", r: "\r", t: "\t", 0: "\0" };
  return text.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(.))/gs, (_, code, byte, other) =>
    other === undefined ? String.fromCodePoint(Number.parseInt(code ?? byte, 16)) : (simple[other] ?? other),
  );
}

function activity(action) {
  const name = action.slice(action.lastIndexOf(".") + 1);
  const found = ACTIVITIES.find(([, , pattern]) => pattern.test(name));
  return found === undefined ? [99, action] : found;
}

/** 1 Informational, 2 Low, 3 Medium, 4 High. */
function severity(record) {
  if (record.verdict === "allow") {
    return [1, "Informational"];
  }
  if (FAULTS.has(record.reason)) {
    return [4, "High"];
  }
  return record.reason === "forbidden" ? [3, "Medium"] : [2, "Low"];
}

function event(record) {
  const [principal, action, resource] = ["principal", "action", "resource"].map((field) => entity(record, field));
  const [activity_id, activity_name] = activity(action.id);
  const [severity_id, severityName] = severity(record);
  const allowed = record.verdict === "allow";
  return {
    ...CATEGORY,
    ...CLASS,
    activity_id,
    activity_name,
    type_uid: CLASS.class_uid * 100 + activity_id,
    type_name: `${CLASS.class_name}: ${activity_id === 99 ? "Other" : activity_name}`,
    severity_id,
    severity: severityName,
    time: record.time,
    status_id: allowed ? 1 : 2,
    status: allowed ? "Success" : "Failure",
    status_code: record.reason,
    ...(typeof record.failure === "string" ? { status_detail: record.failure } : {}),
    action_id: allowed ? 1 : 2,
    action: allowed ? "Allowed" : "Denied",
    disposition_id: allowed ? 1 : 2,
    disposition: allowed ? "Allowed" : "Blocked",
    actor: {
      user: { uid: principal.id, type: principal.type, type_id: 99 },
      authorizations: policies(record, allowed),
    },
    api: { operation: action.id, service: { name: "trapkey" } },
    src_endpoint: typeof record.source === "string" ? { ip: record.source } : { uid: principal.id },
    resources: [{ uid: resource.id, type: resource.type }],
    metadata: {
      version: OCSF,
      profiles: ["security_control"],
      product: { name: "Trapkey", vendor_name: "Trapkey" },
      log_name: "decisions",
      logged_time: record.time,
    },
    unmapped: Object.fromEntries(
      ["generation", "bundle_digest", "observed", "erring", "obligations"]
        .filter((field) => record[field] !== undefined && record[field] !== null)
        .map((field) => [field, record[field]]),
    ),
  };
}

/** Each policy that brought the verdict about. */
function policies(record, allowed) {
  const determining = Array.isArray(record.determining) ? record.determining : [];
  return determining.map((policy) => ({
    decision: allowed ? "allowed" : "denied",
    policy: { uid: String(policy.cedar_id ?? policy.id), name: String(policy.id) },
  }));
}
