// The releases whose reports the browser shows: the examples, one made to hurt, and a large one.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const relgate = process.env.RELGATE;

/** Runs relgate; its exit code, whatever it is. */
function run(...args) {
  try {
    execFileSync(relgate, args, { stdio: ["ignore", "ignore", "pipe"] });
    return 0;
  } catch (error) {
    if (error.status === null || error.status > 3) throw error;
    return error.status;
  }
}

/** A folder with a release of one evidence entry; the path of its manifest. */
function release(folder, { gates, rows, version = "1.0.0" }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n") + "\n");
  const text = `relgate: 1
name: shop
version: ${version}
type: prompt-release
summary: ${JSON.stringify(HOSTILE)}
evidence: { rows: { path: rows.jsonl } }
gates:
${gates.join("\n")}
policy: { require: [] }
`;
  const manifest = join(folder, "release.yaml");
  writeFileSync(manifest, text);
  return manifest;
}

export const HOSTILE = `<script>document.title="owned"</script><img src=x onerror="document.title='owned'">"'\`|&amp; ::error::x \u202egnp \u200b\u001b[31m`;

/** Slices, ids and errors that are markup, and controls that no page may obey. */
function hostile(folder) {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const label = i % 2 ? HOSTILE : `</td></table><h1 id="owned">${"x".repeat(100)}`;
    const row = { id: `${HOSTILE}${i}`, accuracy: i % 5 !== 0, latency_ms: 100 + (i % 97), label };
    return i % 40 === 7 ? { id: row.id, label, error: HOSTILE } : row;
  });
  const gates = ["  - { rule: 'accuracy >= 90%', by: [label], rationale: " + JSON.stringify(HOSTILE) + " }", "  - 'p95 latency_ms < 150ms'"];
  return release(folder, { gates, rows });
}

/** 1,000 gates with 20 slices each. */
function large(folder) {
  const rows = Array.from({ length: 2000 }, (_, i) => ({ id: i, accuracy: i % 13 !== 0, topic: `t${i % 20}` }));
  const gates = Array.from({ length: 1000 }, (_, i) => `  - { id: g${i}, rule: 'accuracy >= ${(70 + i / 100).toFixed(2)}%', by: [topic] }`);
  return release(folder, { gates, rows });
}

/** The reports of twelve versions, one of which failed. */
function versions(folder) {
  return Array.from({ length: 12 }, (_, version) => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ id: i, accuracy: i > 40 + 12 * version, latency_ms: 100 + i / 10 + version }));
    const manifest = release(join(folder, `${version}`), { gates: ["  - 'accuracy >= 90%'", "  - 'p95 latency_ms < 300ms'"], rows, version: `1.${version}.0` });
    const out = join(folder, `${version}`, "report");
    run("check", manifest, "--out", out);
    return out;
  });
}

/** Every page, with what its release came to. */
export function pages(out) {
  mkdirSync(out, { recursive: true });
  const made = [];
  const make = (name, args, expected) => {
    const path = join(out, `${name}.html`);
    const code = run("check", ...args, "--no-changelog", "--out", join(out, name), "--report", `html=${path}`);
    if (expected !== undefined && code !== expected) throw new Error(`${name} ended with ${code}, not ${expected}`);
    made.push({ name, path, code });
  };
  make("root", []);
  for (const name of readdirSync("examples").sort()) {
    const folder = join("examples", name);
    if (!existsSync(join(folder, "expected")) || existsSync(join(folder, "manifests"))) continue;
    const args = existsSync(join(folder, "arguments")) ? readFileSync(join(folder, "arguments"), "utf8").trim().split(/\s+/) : [];
    make(name, [join(folder, "release.yaml"), ...args], Number(readFileSync(join(folder, "expected"), "utf8")));
  }
  const history = join(out, "history.html");
  run("report", "--history", ...versions(join(out, "versions")), "--report", `html=${history}`);
  made.push({ name: "history", path: history });
  const plan = join(out, "plan.html");
  run("plan", "examples/inconclusive/release.yaml", "--n", "5000", "--report", `html=${plan}`);
  made.push({ name: "plan", path: plan });
  make("hostile", [hostile(join(out, "hostile-release"))], 1);
  make("large", [large(join(out, "large-release"))]);
  return made;
}
