// What must hold in a browser. Each check has a fresh page, and says by throwing what does not hold.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expectAccessible, expectQuiet, open, VIEWPORT } from "./browser.mjs";
import { evil, large, streaming } from "./contracts.mjs";
import { listen, ROOT, serveFolder, stream, writeSite } from "./service.mjs";

const USER = "tje0";
const PASSWORD = "Tje0";
const PICKUP = "/api/v1/ChatSession/Pickup";

// A page with the groups of thousands of operations has a few hundred, and each operation of the list several.
const LARGE_ELEMENTS = 1_500;

const expect = (holds, what) => {
  if (!holds) throw new Error(what);
};

const equal = (found, expected, what) => expect(found === expected, `${what}: ${found}, not ${expected}`);

/** Of thousands of operations only those are drawn that are looked at. */
async function expectFewElements(page) {
  const elements = await page.locator("*").count();
  expect(elements < LARGE_ELEMENTS, `the page has ${elements} elements`);
}

async function signIn(page, url, password = PASSWORD) {
  await page.goto(`${url}/signin`);
  await page.getByLabel("User name").fill(USER);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Finds an operation by the keyboard alone. */
async function find(page, words, path) {
  await page.locator("#operations > *").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(words);
  const found = page.locator("#operations a.operation", { hasText: path }).first();
  await found.waitFor();
  await found.focus();
  await page.keyboard.press("Enter");
  await page.locator(".opblock .opblock-summary-path", { hasText: path.split("/").at(-1) }).waitFor();
  await page.locator(".opblock .responses-table .response").first().waitFor();
}

/** Performs the operation that is shown; answers the request and the status that the page shows. */
async function tryIt(page) {
  if (await page.getByRole("button", { name: "Try it out" }).isVisible()) {
    await page.getByRole("button", { name: "Try it out" }).click();
  }
  const sent = page.waitForRequest((request) => request.url().includes("/api/"));
  await page.getByRole("button", { name: "Execute" }).click();
  const request = await sent;
  const answer = await request.response();
  const shown = page.locator(".live-responses-table .response-col_status", { hasText: String(answer.status()) });
  await shown.first().waitFor();
  return { headers: await request.allHeaders(), status: answer.status(), answer };
}

async function authorize(page, scheme, fields) {
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
  const dialogue = page.locator(".dialog-ux .auth-container").filter({ has: page.locator("h4", { hasText: scheme }) });
  for (const [name, value] of Object.entries(fields)) await dialogue.locator(`input${name}`).fill(value);
  await dialogue.getByRole("button", { name: "Authorize" }).click();
  await page.keyboard.press("Escape");
  await dialogue.waitFor({ state: "detached" });
}

/** Looks at every page of an evil contract's site at `base`: it is all shown, and nothing of it runs or is called. */
async function resist(browser, base, site, elsewhere, version) {
  const page = await open(browser);
  // Attempts to break the policy are what this is about.
  page.troubles = { push: (trouble) => trouble.startsWith("dialog") && page.alarms.push(trouble) };
  page.alarms = [];
  const where = `${version} at ${base}`;
  const show = async (address) => {
    await page.goto(`${base}index.html${address}`);
    await page.locator("#operations > *").first().waitFor();
  };
  const showOperation = async (id) => {
    await show(`#/evil/${encodeURIComponent(id)}`);
    await page.locator(".opblock .responses-table .response").first().waitFor();
    const tab = page.getByRole("tab", { name: "Schema" }).first();
    if (await tab.isVisible()) await tab.click();
    await page.waitForTimeout(300);
  };
  const expectHarmless = async () => {
    equal(await page.evaluate(() => globalThis.hacked), undefined, `a script of the contract ran, ${where}`);
    const dangerous = "#content script, #content iframe, #content [onerror], #content a[href^='javascript']";
    equal(await page.locator(dangerous).count(), 0, `what could run, ${where}`);
    equal(await page.getByText("Could not render").count(), 0, `parts that are not shown, ${where}`);
    equal(elsewhere.calls.join(", "), "", `calls, ${where}`);
  };

  const scripts = ["#/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "#/evil/%22%3E%3Cscript%3Ealert(9)%3C%2Fscript%3E"];
  for (const address of ["", "#/", ...scripts]) {
    await show(address);
    await page.getByRole("searchbox").fill("evil");
    await page.getByRole("searchbox").fill("");
    if (!scripts.includes(address)) await page.getByRole("heading", { name: "Signing in" }).waitFor();
    await expectHarmless();
  }
  await showOperation("evil");
  equal(await page.locator(".errors-wrapper").count(), 0, `errors, ${where}`);
  if (version !== "2.0") await page.getByText(`Described elsewhere: ${elsewhere.url}external`).first().waitFor();
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
  const dialogue = await page.locator(".dialog-ux .modal-ux").innerText();
  expect(!/token ?url|flow|username/i.test(dialogue), `a password would be asked for, ${where}: ${dialogue}`);
  await page.keyboard.press("Escape");
  await expectHarmless();
  await showOperation("fetching");
  await expectHarmless();
  // What the policy stopped never left the browser, and all else is a file of the site.
  page.requests = page.requests.filter((request) => request.failure()?.errorText !== "csp");
  const files = readdirSync(site);
  const isFile = (request) => files.some((file) => request.url().startsWith(base + file));
  equal(page.requests.filter((request) => !isFile(request)).map((request) => request.url()).join(", "), "", `no files, ${where}`);
  page.troubles = page.alarms;
  expectQuiet(page, base);

  // It is not for lack of a way that nothing was called.
  await showOperation("tried");
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  equal(elsewhere.calls.splice(0).join(", "), "GET /tried?q=a%20b", `calls, ${where}`);
  await page.context().close();
}

export const checks = {
  async "sign in, find Pickup, perform it with the browser's session"({ browser, service, screenshot }) {
    const page = await open(browser);
    await page.goto(`${service.url}/signin`);
    await expectAccessible(page, "the sign-in page");
    await signIn(page, service.url, "wrong");
    await page.getByRole("alert").waitFor();
    await expectAccessible(page, "the sign-in page after a wrong password");
    await signIn(page, service.url);
    await page.getByText("You are signed in as").waitFor();
    await expectAccessible(page, "the signed-in page");

    await page.getByRole("link", { name: "API reference" }).click();
    await page.locator("#account", { hasText: "Signed in" }).waitFor();
    await page.getByRole("heading", { name: "Signing in" }).waitFor();
    await expectAccessible(page, "the overview");
    await screenshot(page, "reference");

    await find(page, "pickup", PICKUP);
    await expectAccessible(page, "an operation");
    const { headers, status, answer } = await tryIt(page);
    equal(status, 200, "the pickup");
    expect(headers["x-xsrf-token"], "no XSRF value was sent");
    equal(headers.authorization, undefined, "Authorization");
    const session = await answer.json();
    equal(session.User.FullName, "Terje Jensen", "who picked up");
    await page.locator(".live-responses-table .highlight-code", { hasText: `"ChatSessionId": ${session.ChatSessionId}` }).waitFor();
    await page.getByRole("tab", { name: "Schema" }).first().click();
    await expectAccessible(page, "an answer and a schema");
    await page.locator(".live-responses-table").evaluate((place) => {
      place.scrollIntoView();
      scrollBy(0, -40);
    });
    await page.mouse.move(0, 0);
    await screenshot(page, "try-it");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "Basic and tickets from the dialogue count instead of a session"({ browser, service }) {
    const page = await open(browser);
    await page.goto(`${service.url}/docs`);
    await page.locator("#account", { hasText: "Sign in" }).waitFor();
    await find(page, "pickup", PICKUP);
    equal((await tryIt(page)).status, 401, "nobody");

    await page.getByRole("button", { name: "Authorize", exact: true }).click();
    await expectAccessible(page, "the dialogue");
    await page.keyboard.press("Escape");
    await authorize(page, "basic", { '[name="username"]': USER, '[name="password"]': PASSWORD });
    const basic = await tryIt(page);
    equal(basic.status, 200, "Basic");
    equal(basic.headers.authorization, `Basic ${btoa(`${USER}:${PASSWORD}`)}`, "Authorization");
    equal(basic.headers["x-xsrf-token"], undefined, "X-XSRF-TOKEN");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();

    const other = await open(browser);
    await signIn(other, service.url);
    const ticket = service.command("ticket", "issue", USER);
    await other.goto(`${service.url}/docs`);
    await find(other, "for current user", "/ChatSession/ForCurrentUser");
    await authorize(other, "soTicket", { "": ticket });
    const { status, headers } = await tryIt(other);
    equal(status, 200, "SoTicket");
    equal(headers.authorization, `SoTicket ${ticket}`, "Authorization");
    equal(headers["x-xsrf-token"], undefined, "X-XSRF-TOKEN");
    equal(headers.cookie, undefined, "the session's cookie");
    expectQuiet(other, `${service.url}/`);
    await other.context().close();
  },

  async "an answer tells of the session only when it was the session's"({ browser, service }) {
    const page = await open(browser);
    await signIn(page, service.url);
    await page.getByText("You are signed in as").waitFor();
    await page.goto(`${service.url}/docs`);
    await find(page, "pickup", PICKUP);
    await authorize(page, "basic", { '[name="username"]': USER, '[name="password"]': "wrong" });
    equal((await tryIt(page)).status, 401, "a wrong password");
    equal(await page.locator("#account").textContent(), "Signed in", "the session after it");
    await page.reload();
    // As the service answers it, but for the challenge: browsers have a dialogue of their own for that.
    await page.route("**/api/**", (route) => route.fulfill({ status: 401, json: {} }));
    await find(page, "pickup", PICKUP);
    equal((await tryIt(page)).status, 401, "an ended session");
    equal(await page.locator("#account").textContent(), "Sign in again", "the session after it");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "a key of a session counts instead of the browser's session"({ browser, service }) {
    const page = await open(browser);
    await signIn(page, service.url);
    await page.getByText("You are signed in as").waitFor();
    await page.goto(`${service.url}/docs`);
    await find(page, "get messages", "/ChatSession/{chatSessionId}/Messages");
    await authorize(page, "chatSessionKey", { "": "no-such-key" });
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.locator('input[placeholder="chatSessionId"]').fill("1");
    const { headers } = await tryIt(page);
    equal(headers["x-chat-session-key"], "no-such-key", "the key");
    equal(headers.cookie, undefined, "the session's cookie");
    equal(headers["x-xsrf-token"], undefined, "X-XSRF-TOKEN");
    equal(await page.locator("#account").textContent(), "Signed in", "the session after it");
    // What takes no such key is tried with the session still.
    await find(page, "for current user", "/ChatTopic/ForCurrentUser");
    const other = await tryIt(page);
    equal(other.status, 200, "with the session");
    equal(other.headers["x-chat-session-key"], undefined, "the key");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "events are shown as they come, and stop when they are told to"({ browser, service }) {
    const page = await open(browser);
    await signIn(page, service.url);
    await page.getByText("You are signed in as").waitFor();
    await page.goto(`${service.url}/docs`);
    await find(page, "events", "/ChatSession/Events");
    const execute = async () => {
      await page.getByRole("button", { name: "Execute" }).click();
      await page.locator(".stream.open pre", { hasText: "event: queue" }).waitFor();
    };
    await page.getByRole("button", { name: "Try it out" }).click();
    await execute();
    await expectAccessible(page, "a stream");
    const before = await page.locator(".stream pre").textContent();
    const authorization = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;
    equal((await fetch(service.url + PICKUP, { method: "POST", headers: { authorization } })).status, 200, "a pickup elsewhere");
    await page.waitForFunction((length) => document.querySelector(".stream pre").textContent.length > length, before.length);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
    await page.locator(".live-responses-table .highlight-code", { hasText: "event: queue" }).waitFor();
    await page.locator(".stream [role=status]", { hasText: "Stopped." }).waitFor();
    equal(await page.locator(".stream pre").count(), 0, "events beside the answer");
    await expectAccessible(page, "a stream that was stopped");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator(".stream").waitFor({ state: "detached" });
    // Again, and nobody stops it: it ends with the page that shows it.
    await execute();
    await find(page, "pickup", PICKUP);
    equal(await page.locator(".stream").count(), 0, "the stream of another page");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "streams of any contract end by themselves"({ browser, programs, folder }) {
    const clock = await stream();
    const status = (page) => page.locator(".stream [role=status]");
    try {
      for (const [version, contract] of Object.entries(streaming(clock.url.slice(0, -1)))) {
        const site = writeSite(programs.xtask, folder, `streaming-${version}`, contract);
        const base = pathToFileURL(`${site}/`).href;
        const page = await open(browser);
        await page.clock.install();
        await page.goto(`${base}index.html#/Clock/ticks`);
        await page.getByRole("button", { name: "Try it out" }).click();
        const execute = async () => {
          await page.getByRole("button", { name: "Execute" }).click();
          await page.locator(".stream.open").waitFor();
        };
        const expectAnswer = async (words) => {
          await status(page).filter({ hasText: words }).waitFor();
          await page.locator(".live-responses-table .highlight-code", { hasText: "data: one" }).waitFor();
          await clock.gone();
        };
        await execute();
        // An event arrives in any parts, and is none before its empty line.
        clock.send("data: o");
        await page.locator(".stream pre", { hasText: "data: o" }).waitFor();
        await page.getByText("0 events").waitFor();
        clock.send("ne\n\n: a comment\n\ndata: <img src=x onerror=alert(1)>\ndata\n\n");
        await page.getByText("2 events").waitFor();
        clock.end();
        await expectAnswer("The server ended it.");

        await execute();
        clock.send("data: one\n\n");
        await page.getByText("1 event", { exact: true }).waitFor();
        await page.clock.fastForward("05:01");
        await expectAnswer("Stopped after 5 minutes.");

        await execute();
        clock.send(`data: one\n\n${`data: ${"x".repeat(500)}\n\n`.repeat(1_000)}`);
        await expectAnswer("Stopped after 50,000 characters.");

        await execute();
        clock.send("data: one\n\n");
        await page.getByText("1 event", { exact: true }).waitFor();
        await page.getByRole("button", { name: "Cancel" }).click();
        await expectAnswer("Stopped.");
        await page.getByRole("button", { name: "Try it out" }).click();
        await execute();
        await page.goto(`${base}index.html#/`);
        await clock.gone();
        expectQuiet(page, base, clock.url);
        await page.context().close();
      }
    } finally {
      await clock.stop();
    }
  },

  async "the contract is there to download, and addresses lead to operations"({ browser, service }) {
    const page = await open(browser);
    await page.goto(`${service.url}/docs/#/ChatSession/v1ChatSessionEntity_PickUpFirstChatSession`);
    await page.locator(".opblock", { hasText: PICKUP }).waitFor();
    await page.goto(`${service.url}/docs/#/ChatSession`);
    await page.locator(".listing .row", { hasText: PICKUP }).waitFor();
    const started = page.waitForEvent("download");
    await page.getByRole("link", { name: "openapi.yaml" }).click();
    const file = await (await started).path();
    expect(readFileSync(file).equals(readFileSync(join(ROOT, "openapi.yaml"))), "another openapi.yaml");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "in the dark and on a small screen it is as accessible"({ browser, service, screenshot }) {
    const page = await open(browser, { colorScheme: "dark" });
    await page.goto(`${service.url}/docs`);
    await page.getByRole("heading", { name: "Signing in" }).waitFor();
    await expectAccessible(page, "the overview in the dark");
    await find(page, "pickup", PICKUP);
    await expectAccessible(page, "an operation in the dark");
    await screenshot(page, "reference-dark");
    await page.setViewportSize({ width: 390, height: VIEWPORT.height });
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("searchbox").fill("");
    await page.locator("#operations a.operation").first().click();
    await page.locator(".opblock .opblock-summary-path").first().waitFor();
    equal(await page.locator("#navigation").isVisible(), false, "the column is in the way");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow <= 0, `the page is ${overflow} pixels too wide`);
    await expectAccessible(page, "an operation on a small screen");
    expectQuiet(page, `${service.url}/`);
    await page.context().close();
  },

  async "a static site works from a disk, in every version of OpenAPI"({ browser, service, programs, folder }) {
    const modern = await (await fetch(`${service.url}/docs/openapi.json`)).text();
    const sites = [writeSite(programs.xtask, folder, "own"), writeSite(programs.xtask, folder, "modern", modern)];
    for (const site of sites) {
      const page = await open(browser);
      const base = pathToFileURL(`${site}/`).href;
      await page.goto(`${base}index.html`);
      await find(page, "pickup", PICKUP);
      await page.getByText("The welcome message is sent to the customer.").waitFor();
      equal(await page.getByRole("button", { name: "Try it out" }).count(), 0, "there is nothing to call");
      // A schema that was only referred to.
      await page.getByRole("tab", { name: "Schema" }).first().click();
      await page.locator(".responses-table", { hasText: "The primary key" }).waitFor();
      expectQuiet(page, base);
      await page.context().close();
    }
  },

  async "a contract that means no good runs and calls nothing"({ browser, programs, folder }) {
    const elsewhere = await listen();
    const address = elsewhere.url.slice(0, -1);
    try {
      for (const [version, contract] of Object.entries(evil(address))) {
        const site = writeSite(programs.xtask, folder, `evil-${version}`, contract);
        const server = await serveFolder(site);
        try {
          for (const base of [pathToFileURL(`${site}/`).href, server.url]) await resist(browser, base, site, elsewhere, version);
        } finally {
          await server.stop();
        }
      }
    } finally {
      await elsewhere.stop();
    }
  },

  async "2,800 operations can be used at once"({ browser, programs, folder }) {
    const site = writeSite(programs.xtask, folder, "large", large());
    const page = await open(browser);
    const base = pathToFileURL(`${site}/`).href;
    const start = Date.now();
    await page.goto(`${base}index.html`);
    await page.locator("#operations > *").first().waitFor();
    await expectFewElements(page);
    await page.getByRole("searchbox").fill("thing 2799");
    await page.keyboard.press("Enter");
    await page.locator(".opblock .responses-table .response").first().waitFor();
    // Told and not judged: how long depends on the machine. How much is drawn does not.
    console.log(`   opened, searched and shown within ${Date.now() - start} ms`);
    equal(await page.locator(".heading .id").textContent(), "Thing2799", "the operation that was found");
    await page.getByText("What went wrong.").waitFor();
    equal(await page.locator(".opblock").count(), 1, "operations that are drawn at once");
    await expectFewElements(page);
    await page.locator(".response select").first().selectOption("text/json");
    await page.getByText("no reference, but data").waitFor();
    equal(await page.locator(".errors-wrapper").count(), 0, "something that is referred to is missing");
    expectQuiet(page, base);
    await page.context().close();
  },
};
