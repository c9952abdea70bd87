// The pages in a real browser.
//
//     node run.mjs [--server FILE] [--xtask FILE] [--screenshots]
//
// Without --server and --xtask both are built. --screenshots also writes the pictures of the documents (docs/images).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { launch } from "./browser.mjs";
import { checks } from "./checks.mjs";
import { programs, ROOT, Service, temporary } from "./service.mjs";

// The whole run without the build. Nothing waits longer than a few seconds when all is well.
const RUN_MS = 300_000;

const { values } = parseArgs({
  options: { server: { type: "string" }, xtask: { type: "string" }, screenshots: { type: "boolean" } },
});

const found = programs({ "chat-server": values.server, xtask: values.xtask });
const folder = temporary();
const service = new Service(found["chat-server"], folder.path);
let browser;

const tidyUp = async () => {
  await browser?.close();
  await service.stop();
  folder.remove();
};

const watchdog = setTimeout(async () => {
  console.error(`not done after ${RUN_MS / 1000} s`);
  // Whatever hangs, the programs are ended.
  service.process?.kill("SIGKILL");
  process.exit(1);
}, RUN_MS);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => tidyUp().finally(() => process.exit(1)));

const images = join(ROOT, "docs/images");
async function screenshot(page, name) {
  if (!values.screenshots) return;
  mkdirSync(images, { recursive: true });
  await page.screenshot({ path: join(images, `${name}.png`), animations: "disabled", caret: "hide" });
}

let failed = 0;
try {
  await service.start();
  service.letSessionsWait(5);
  browser = await launch();
  console.log(`Chromium ${browser.version()}`);
  for (const [name, check] of Object.entries(checks)) {
    const start = Date.now();
    try {
      await check({ browser, service, programs: found, folder: folder.path, screenshot });
      console.log(`ok: ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
} finally {
  await tidyUp();
  clearTimeout(watchdog);
}
process.exit(failed === 0 ? 0 : 1);
