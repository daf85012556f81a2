// What the scenarios share: servers that can be killed, notebooks, pages.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const cleanups = [];

export const shots = process.env.LATHE_SHOTS ?? "";

/** A port that is free now. */
function freePort() {
  return new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

export class Server {
  static async start(dir = mkdtempSync(join(tmpdir(), "lathe-e2e-"))) {
    const s = new Server();
    s.dir = dir;
    s.port = await freePort();
    await s.boot();
    cleanups.push(() => { s.kill(); rmSync(dir, { recursive: true, force: true }); });
    return s;
  }

  /** Starts the process; again after kill, on the same folder and port. */
  boot() {
    const addr = `127.0.0.1:${this.port}`;
    const lathe = process.env.LATHE_E2E_LATHE;
    const [command, args, env] = lathe
      ? [lathe, ["serve", "--no-open", "--addr", addr, "--token", "e2e", this.dir], {}]
      : [process.env.LATHE_E2E_SELF, [], { LATHE_E2E_SERVE: this.dir, LATHE_E2E_ADDR: addr }];
    this.process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
      let text = "";
      this.process.stdout.on("data", (d) => {
        text += d;
        const url = /http:\/\/\S+/.exec(text);
        if (url) { this.url = url[0]; resolve(); }
      });
      this.process.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
    });
  }

  kill(signal = "SIGKILL") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return Promise.resolve();
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill(signal);
    return gone;
  }

  killKernels() { this.process.kill("SIGUSR1"); }

  /** Writes a notebook; strings are code cells, {md}, {raw} and {cell} others. */
  notebook(name, ...cells) {
    const nb = {
      nbformat: 4, nbformat_minor: 5, metadata: {},
      cells: cells.map((c, i) => {
        if (c.cell) return { id: "c" + i, metadata: {}, ...c.cell };
        if (c.md !== undefined) return { id: "c" + i, cell_type: "markdown", metadata: {}, source: c.md };
        return { id: "c" + i, cell_type: "code", metadata: {}, source: c, outputs: [], execution_count: null };
      }),
    };
    writeFileSync(join(this.dir, name), JSON.stringify(nb));
  }

  read(name) { return JSON.parse(readFileSync(join(this.dir, name), "utf8")); }

  /** What the running server holds of the cells after the first, saved or not. */
  async cells(page, name) {
    const reply = await page.request.get(this.at("/api/contents/" + name));
    return (await reply.json()).content.cells.slice(1).map((c) => [c.source].flat().join(""));
  }

  at(path) { return new URL(path, this.url).href.replace(/\?.*/, ""); }
}

let browser;

/** A page in a browser context of its own. */
export async function newPage(server, { dark = false, width = 1280, height = 860 } = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light", deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  page.problems = [];
  page.on("pageerror", (e) => page.problems.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error") page.problems.push(m.text()); });
  await page.goto(server.url);
  return page;
}

/** Opens a notebook and waits for its cells. */
export async function open(server, name, options) {
  const page = options?.page ?? await newPage(server, options);
  await page.goto(server.at("/notebooks/" + name));
  await page.waitForSelector(".cell");
  return page;
}

export const cell = (page, id) => page.locator(`[data-cell="${id}"]`);
export const source = (page, id) => cell(page, id).locator(".source").innerText().then((t) => t.replace(/\n$/, "").replaceAll("\u200b", ""));
export const output = (page, id) => cell(page, id).locator(".outputs").innerText();
export const ids = (page) => page.$$eval(".cell", (all) => all.map((c) => c.dataset.cell));
export const done = (page, id, status = "ok") => page.waitForSelector(`[data-cell="${id}"].is-${status}`);

/** Puts the cursor at the end of a cell's source. */
export async function enter(page, id) {
  await cell(page, id).locator(".source").click();
  await page.waitForSelector(`[data-cell="${id}"] .cm-focused`);
  await page.keyboard.press("Control+End");
}

export async function until(what, test, ms = 60000) {
  const limit = Date.now() + ms;
  for (;;) {
    if (await test()) return;
    if (Date.now() > limit) throw new Error("never came: " + what);
    await new Promise((r) => setTimeout(r, 40));
  }
}

export function equal(got, want, what = "value") {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
  if (a !== b) throw new Error(`${what}: got ${a.slice(0, 600)}, want ${b.slice(0, 600)}`);
}

export function check(ok, what) {
  if (!ok) throw new Error(what);
}

const tests = [];
export function test(claim, run) { tests.push({ claim, run }); }

/** Runs the tests of a scenario. */
export async function main() {
  let failed = 0;
  const only = process.env.LATHE_E2E_ONLY;
  for (const { claim, run } of tests) {
    if (only && !claim.includes(only)) continue;
    try {
      await run();
      console.log("ok " + claim);
    } catch (e) {
      failed++;
      console.log(`FAIL ${claim}: ${String(e.stack ?? e).replaceAll("\n", " | ").slice(0, 1500)}`);
    } finally {
      for (const context of browser?.contexts() ?? []) await context.close();
      for (const clean of cleanups.splice(0)) clean();
    }
  }
  await browser?.close();
  process.exit(failed > 0 ? 1 : 0);
}
