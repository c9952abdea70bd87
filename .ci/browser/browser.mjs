// A browser that writes down what its pages do.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

// How long a page may take for anything.
const PATIENCE_MS = 20_000;

export const VIEWPORT = { width: 1280, height: 800 };

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? CHROMIUM.find(existsSync);
  if (!executablePath) throw new Error("no Chromium: install Debian's package `chromium`, or set CHROMIUM");
  // Root has no sandbox of its own in a container.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args, timeout: PATIENCE_MS });
}

/** A page in a fresh context, with what it asked for and what went wrong in it. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1, locale: "en-GB", timezoneId: "UTC", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.requests = [];
  page.troubles = [];
  context.on("request", (request) => page.requests.push(request));
  page.on("pageerror", (error) => page.troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    page.troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("console", (message) => {
    // Answers that are meant to be refusals are no trouble.
    const isTrouble = message.type() === "error" && !message.text().startsWith("Failed to load resource: the server responded");
    if (isTrouble) page.troubles.push(`console: ${message.text()}`);
  });
  return page;
}

/** That every request of a page went to one of these places, and that nothing went wrong in it. */
export function expectQuiet(page, ...places) {
  const strange = page.requests.map((request) => request.url()).filter((url) => {
    return !url.startsWith("data:") && !url.startsWith("blob:") && !places.some((place) => url.startsWith(place));
  });
  if (strange.length > 0) throw new Error(`asked for ${strange.join(", ")}`);
  if (page.troubles.length > 0) throw new Error(page.troubles.join("\n"));
}

/** That axe finds nothing serious on the whole page, what Swagger UI renders included. */
export async function expectAccessible(page, where) {
  await page.evaluate(AXE);
  // A colour that is on its way to another is neither. One that never ends is left alone.
  await page.evaluate(async () => {
    const finite = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(finite.map((one) => one.finished));
  });
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
  });
  if (found.length > 0) throw new Error(`${where}:\n${found.join("\n")}`);
}
