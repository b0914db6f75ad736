#!/usr/bin/env node
// Runs the relgate of this platform, which npm installed as an optional dependency; arguments, streams, signals and the exit
// code are those of relgate.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

/** The packages that may hold a binary for this machine, the best first. */
function packages() {
  const name = `@relgate/${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return [name];
  // One of the two runs on musl and glibc alike, since it is linked statically; the other is faster where there is glibc.
  const glibc = process.report?.getReport().header.glibcVersionRuntime;
  return glibc ? [name, `${name}-musl`] : [`${name}-musl`];
}

function binary() {
  const file = process.platform === "win32" ? "relgate.exe" : "relgate";
  for (const name of packages()) {
    try {
      return require.resolve(`${name}/${file}`);
    } catch {
      // The next one, or the message below.
    }
  }
  return null;
}

/** Nothing was judged: exit code 2, as relgate itself has it. */
function stop(message) {
  console.error(`relgate: ${message}`);
  process.exit(2);
}

const path = binary();
if (path === null) {
  stop(`no binary for ${process.platform} on ${process.arch}: ${packages().join(" or ")} is not installed ` +
    "(optional dependencies left out, or node_modules of another platform)");
}

const child = spawn(path, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
child.on("error", (error) => stop(`${path} cannot be started: ${error.message}`));

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of signals) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to both; a second one would cut short what relgate does on the first.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}

child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  for (const name of signals) process.removeAllListeners(name);
  process.exitCode = 128 + (constants.signals[signal] ?? 0);
  process.kill(process.pid, signal);
});
