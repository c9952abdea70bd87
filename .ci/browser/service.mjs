// Builds and starts what is tested, and sees to it that nothing of it stays.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve, sep } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = resolve(import.meta.dirname, "../..");

const BUILD_MS = 1_200_000;
const COMMAND_MS = 60_000;
const START_MS = 30_000;
const STOP_MS = 15_000;

/** Paths of the programs; those that are not given are built. */
export function programs(given) {
  // One by one, as other commands build them: together, they would need libraries with the features of both.
  for (const name of ["chat-server", "xtask"].filter((name) => !given[name])) {
    const build = ["build", "--locked", "--quiet", "--package", name];
    execFileSync("cargo", build, { cwd: ROOT, stdio: "inherit", timeout: BUILD_MS });
  }
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  return Object.fromEntries(
    ["chat-server", "xtask"].map((name) => [name, resolve(given[name] ?? join(target, "debug", name))]),
  );
}

/** A folder of this run's own. */
export function temporary() {
  const path = mkdtempSync(join(tmpdir(), "browser-tests-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The service with demonstration data, a database and a port of its own. */
export class Service {
  constructor(program, folder) {
    this.program = program;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("CHAT_"));
    this.environment = {
      ...Object.fromEntries(inherited),
      CHAT_DATABASE: `sqlite://${join(folder, "chat.db")}`,
      CHAT_LOG_LEVEL: "warn",
    };
    this.folder = folder;
  }

  async start() {
    const options = { env: this.environment, stdio: ["ignore", "pipe", "inherit"] };
    this.process = spawn(this.program, ["serve", "--demo", "--listen", "127.0.0.1:0"], options);
    this.ended = new Promise((done) => this.process.once("exit", done));
    const late = setTimeout(() => this.process.kill("SIGKILL"), START_MS);
    for await (const line of createInterface({ input: this.process.stdout })) {
      this.url = line.split("listening on ")[1]?.trim();
      if (this.url) break;
    }
    clearTimeout(late);
    if (!this.url) throw new Error("the service did not start");
  }

  /** Runs another command of the program on the same database; answers the last line that it prints. */
  command(...commandLine) {
    const done = execFileSync(this.program, commandLine, {
      env: this.environment,
      timeout: COMMAND_MS,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return done.trim().split("\n").at(-1);
  }

  /** Puts sessions into the queue, so that every pickup finds one. */
  letSessionsWait(count) {
    const file = join(this.folder, "waiting.toml");
    const entry = '[[sessions]]\ntopic = "Customer support"\nstatus = "InQueue"\nrequested = { minutes_ago = 5 }\n';
    writeFileSync(file, entry.repeat(count));
    this.command("import", file);
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(late);
  }
}

/** The static site of a contract; answers its folder. */
export function writeSite(xtask, folder, name, contract) {
  const out = join(folder, name);
  const from = [];
  if (contract) {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, typeof contract === "string" ? contract : JSON.stringify(contract));
    from.push("--contract", file);
  }
  execFileSync(xtask, ["docs", "--out", out, ...from], { cwd: ROOT, timeout: COMMAND_MS, stdio: ["ignore", "ignore", "pipe"] });
  return out;
}

const MEDIA_TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

/** A web server for a folder, as plain as there are. */
export function serveFolder(folder) {
  return serve((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const file = join(folder, path === "/" ? "index.html" : path);
    try {
      if (!file.startsWith(folder + sep)) throw new Error("outside");
      const contents = readFileSync(file);
      response.writeHead(200, { "content-type": MEDIA_TYPES[extname(file)] ?? "text/plain" }).end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
}

/** A web server that every page may call, and that writes down what is called: `calls`. */
export async function listen() {
  const calls = [];
  const server = await serve((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const open = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    response.writeHead(200, { ...open, "content-type": "application/json" }).end("{}");
  });
  return { ...server, calls };
}

/**
 * A web server that every page may call, and that answers with a stream of events: what `send` is given, to all that
 * listen. `gone` waits until nobody does.
 */
export async function stream() {
  const open = new Set();
  const waiting = [];
  const server = await serve((request, response) => {
    const admitted = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    response.writeHead(200, { ...admitted, "content-type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      if (open.size === 0) for (const done of waiting.splice(0)) done();
    });
  });
  return {
    ...server,
    send: (text) => open.forEach((response) => response.write(text)),
    end: () => open.forEach((response) => response.end()),
    gone: () => new Promise((done) => (open.size === 0 ? done() : waiting.push(done))),
  };
}

async function serve(answer) {
  const server = createServer(answer);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, stop };
}
