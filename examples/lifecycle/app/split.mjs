// Which release a user gets, and a record of what they got: for an application that relgate rolls out (relgate/split/v1).
//
// Copy this file into the application. Node alone, no package; a changed split file holds from the next call on.

import { createHash, randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, statSync } from "node:fs";

const SPLIT = process.env.RELGATE_SPLIT ?? "deploy/split.json";
const LOG = process.env.RELGATE_LOG ?? "interactions.jsonl";

let stamp = null;
let split = null;

function read() {
  const about = statSync(SPLIT, { bigint: true });
  const now = `${about.mtimeNs} ${about.ino} ${about.size}`;
  if (now !== stamp) {
    const read = JSON.parse(readFileSync(SPLIT, "utf8"));
    if (read.schema !== "relgate/split/v1") {
      throw new Error(`${SPLIT} is of ${read.schema}, not relgate/split/v1`);
    }
    [stamp, split] = [now, read];
  }
  return split;
}

/** The version that a unit (a user, a conversation) gets; the same one every time, also in other languages. */
export function release(unit, cohorts = []) {
  const { salt, stable, candidate, candidate_per_10000, cohorts: chosen } = read();
  const head = createHash("sha256").update(`${salt}:${unit}`).digest().readUInt32BE(0);
  // 32 bits times 10,000 are more than `>>` has; a double holds them exactly.
  const isCandidate = Math.floor((head * 10_000) / 2 ** 32) < candidate_per_10000;
  return isCandidate || cohorts.some((cohort) => chosen.includes(cohort)) ? candidate : stable;
}

/** Appends one record for `relgate monitor`, and gives its id; later feedback is one more record of the same id. */
export function log_interaction(prompt, response, latency_ms, cost_usd, user_flagged = false, { unit, release, id = randomUUID(), ...more }) {
  append({ time: Date.now(), id, release, unit, prompt, response, latency_ms, cost_usd, user_flagged, ...more });
  return id;
}

/** Adds or replaces fields of an interaction. */
export function feedback(id, fields) {
  append({ time: Date.now(), id, ...fields });
}

function append(record) {
  // One write of a whole line: records of several processes do not mix.
  appendFileSync(LOG, `${JSON.stringify(record)}\n`, { mode: 0o640 });
}
