// pack.mjs ARCHIVES OUT: makes the npm packages of the archives relgate-VERSION-TARGET.tar.gz in the folder ARCHIVES: one a
// platform, and `relgate`, which depends on those that were made, in exactly this version.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// What npm calls a target; bin/relgate.js looks for these names.
const PLATFORMS = {
  "x86_64-unknown-linux-gnu": { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc" },
  "aarch64-unknown-linux-gnu": { name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
  "x86_64-unknown-linux-musl": { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  "aarch64-unknown-linux-musl": { name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl" },
  "x86_64-apple-darwin": { name: "darwin-x64", os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { name: "darwin-arm64", os: "darwin", cpu: "arm64" },
  "x86_64-pc-windows-msvc": { name: "win32-x64", os: "win32", cpu: "x64" },
};

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const [archives, out] = process.argv.slice(2).map((path) => resolve(path));
if (out === undefined) throw new Error("usage: node npm/pack.mjs ARCHIVES OUT");
const version = /^version = "(.*)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const work = mkdtempSync(join(tmpdir(), "relgate-npm-"));
mkdirSync(out, { recursive: true });

/** Packs a folder; a package without its licences is none. */
function pack(folder, manifest) {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(root, licence), join(folder, licence));
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", out], { cwd: folder, shell: process.platform === "win32" });
}

try {
  const relgate = JSON.parse(readFileSync(join(here, "relgate/package.json"), "utf8"));
  const made = {};
  for (const [target, { name, os, cpu, libc }] of Object.entries(PLATFORMS)) {
    const archive = join(archives, `relgate-${version}-${target}.tar.gz`);
    if (!existsSync(archive)) continue;
    const folder = join(work, name);
    const file = os === "win32" ? "relgate.exe" : "relgate";
    mkdirSync(folder);
    execFileSync("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", `relgate-${version}-${target}/${file}`]);
    made[`@relgate/${name}`] = version;
    pack(folder, {
      name: `@relgate/${name}`,
      version,
      description: `The binary of relgate for ${target}`,
      license: relgate.license,
      os: [os],
      cpu: [cpu],
      ...(libc && { libc: [libc] }),
      files: [file, "LICENSE-MIT", "LICENSE-APACHE"],
      preferUnplugged: true,
    });
  }
  if (Object.keys(made).length === 0) throw new Error(`no archive of relgate ${version} in ${archives}`);
  const folder = join(work, "relgate");
  cpSync(join(here, "relgate"), folder, { recursive: true });
  pack(folder, { ...relgate, version, optionalDependencies: made });
} finally {
  rmSync(work, { recursive: true });
}
