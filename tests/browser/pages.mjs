// Opens every page in Chromium and looks at it as a reader would: with a mouse, a keyboard, a narrow or dark screen, a printer, a
// screen reader's rules.
import { chromium } from "playwright-core";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pages, HOSTILE } from "./releases.mjs";

const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const shots = process.env.SHOTS;
const WORDS = ["PASS", "FAIL", "ERROR", "INCONCLUSIVE"];
const faults = [];

function check(holds, where, what) {
  if (!holds) faults.push(`${where}: ${what}`);
}

/** A page of its own, which notes what it must not do. */
async function open(browser, { name, path }, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => check(message.type() !== "error", name, `console: ${message.text()}`));
  page.on("pageerror", (error) => check(false, name, `error: ${error}`));
  page.on("request", (request) => check(request.url().startsWith("file:"), name, `asks for ${request.url()}`));
  page.on("dialog", (dialog) => check(false, name, `dialog: ${dialog.message()}`));
  await page.goto(`file://${path}`);
  return page;
}

/** What the page has to say, and that nothing sticks out. */
async function says(page, { name, code }) {
  const word = (await page.locator(".verdict .word").innerText()).trim();
  check(word.endsWith(WORDS[[0, 1, 2, 3].indexOf(code)]), name, `says ${word}, exit code ${code}`);
  if (code !== 0) check(await page.locator("#next").isVisible(), name, "no next step");
  const gates = await page.locator("details.gate").count();
  if (code !== 2) check(gates > 0 && (await page.locator("details.gate .strip").count()) > 0, name, "no plot");
  for (const id of code === 2 ? ["errors"] : ["gates", "evidence", "policy", "again"]) {
    check(await page.locator(`#${id}`).isVisible(), name, `no section ${id}`);
  }
}

async function fits(page, name, width) {
  await page.setViewportSize({ width, height: 900 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, name, `${wide}px too wide for a screen of ${width}px`);
  const cut = await page.evaluate(() => {
    const inside = (text) => {
      const own = text.getBoundingClientRect();
      const svg = text.closest("svg").getBoundingClientRect();
      return own.width === 0 || (own.left >= svg.left - 1 && own.right <= svg.right + 1);
    };
    return [...document.querySelectorAll("svg text")].filter((text) => !inside(text)).map((text) => text.textContent);
  });
  check(cut.length === 0, name, `numbers cut at ${width}px: ${cut.slice(0, 3)}`);
}

/** Numbers below an axis must not run into each other. */
async function apart(page, name) {
  const overlaps = await page.evaluate(() => {
    const found = [];
    for (const svg of document.querySelectorAll("svg")) {
      const boxes = [...svg.querySelectorAll("text")].map((text) => [text.getBoundingClientRect(), text.textContent]);
      boxes.forEach(([a, one], i) => boxes.slice(i + 1).forEach(([b, other]) => {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        if (!apart && a.width > 0 && b.width > 0) found.push(`${one} and ${other}`);
      }));
    }
    return found;
  });
  check(overlaps.length === 0, name, `numbers overlap: ${overlaps.slice(0, 3)}`);
}

/** Everything that opens is reached with Tab and opens with Enter. */
async function keyboard(page, name) {
  const all = await page.locator("summary").count();
  const opened = new Set();
  for (let i = 0; i < 40 * all && opened.size < all; i += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => [...document.querySelectorAll("summary")].indexOf(document.activeElement));
    if (at < 0 || opened.has(at)) continue;
    const before = await page.evaluate((at) => document.querySelectorAll("summary")[at].parentElement.open, at);
    await page.keyboard.press("Enter");
    const after = await page.evaluate((at) => document.querySelectorAll("summary")[at].parentElement.open, at);
    check(before !== after, name, `part ${at} does not answer to Enter`);
    opened.add(at);
  }
  check(opened.size === all, name, `${all - opened.size} of ${all} parts are out of reach of the keyboard`);
}

async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
}

/** No problem that axe-core calls serious or critical. */
async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const one of violations.filter((one) => ["serious", "critical"].includes(one.impact))) {
    check(false, name, `${one.id} (${one.impact}): ${one.help}: ${one.nodes[0].html.slice(0, 160)}`);
  }
}

/** On paper everything is open. */
async function printed(page, name) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = false; }));
  await page.emulateMedia({ media: "print" });
  const closed = await page.evaluate(() => [...document.querySelectorAll(".inside")].filter((part) => part.getBoundingClientRect().height === 0).length);
  check(closed === 0, name, `${closed} parts stay closed on paper`);
  const paper = await page.pdf({ format: "A4" });
  check(paper.subarray(0, 5).toString() === "%PDF-", name, "no PDF");
  if (shots) await page.pdf({ format: "A4", path: join(shots, `${name}.pdf`) });
  await page.emulateMedia({ media: "screen" });
}

/** Text of other people is text. */
async function inert(page, name) {
  check((await page.title()) !== "owned" && (await page.locator("#owned, img, script").count()) === 0, name, "markup came through");
  const text = await page.locator("body").innerText();
  check(text.includes("<script>"), name, "the text itself is not shown");
  check(!/[\u202e\u200b\u001b]/.test(text), name, "invisible letters came through");
  check(HOSTILE.includes("\u202e"), name, "the test is not what it says");
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const made = pages(process.env.PAGES);
for (const one of made) {
  const { name, path } = one;
  if (name === "root") check(statSync(path).size < 300_000, name, `${statSync(path).size} bytes`);
  const page = await open(browser, one);
  if (!["history", "plan"].includes(name)) await says(page, one);
  if (name === "large") {
    const took = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    console.log(`large: ${statSync(path).size} bytes, shown after ${took.toFixed(0)} ms`);
    continue;
  }
  await keyboard(page, name);
  await openAll(page);
  for (const width of [360, 700, 1000, 1200, 1900]) await fits(page, name, width);
  await apart(page, name);
  await accessible(page, name);
  if (name === "hostile") await inert(page, name);
  if (shots) for (const [label, width] of [["light", 1200], ["narrow", 390]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(shots, `${name}-${label}.png`), fullPage: true });
  }
  await printed(page, name);
  const dark = await open(browser, one, { colorScheme: "dark" });
  await openAll(dark);
  await accessible(dark, `${name} (dark)`);
  if (shots) await dark.screenshot({ path: join(shots, `${name}-dark.png`), fullPage: true });
}
await browser.close();
console.log(`${made.length} pages, ${faults.length} faults`);
for (const fault of faults) console.log(`  ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
