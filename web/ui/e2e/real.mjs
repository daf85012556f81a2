// The page over the lathe binary: cells are Go.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cell, check, done, enter, equal, main, open, output, Server, source, test, until } from "./lib.mjs";

/** The kernel processes of a server. */
function kernels(server) {
  return readdirSync("/proc").filter((pid) => {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return Number(parent?.[1]) === server.process.pid;
    } catch {
      return false;
    }
  }).map(Number);
}

test("Go cells share state, print, show values and errors with their line", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "import \"fmt\"\nx := 20\nfmt.Println(\"hello\", x)", "x + 22", "y := x\nundefinedName(y)");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c2", "error");
  equal((await output(page, "c0")).trim(), "hello 20");
  equal((await output(page, "c1")).trim(), "42");
  check(/undefinedName/.test(await output(page, "c2")), await output(page, "c2"));
  await cell(page, "c2").locator("button.link", { hasText: "line 2" }).click();
  await page.waitForSelector('[data-cell="c2"] .cm-lintRange-error');
  equal(page.problems, []);
});

test("an endless loop is interrupted and the state is still there", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "n := 7", "for { }", "n");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await page.waitForSelector('[data-cell="c1"].is-running');
  await page.click('[data-command="interrupt"]');
  await done(page, "c1", "error");
  await cell(page, "c2").locator(".gutter").click();
  await page.keyboard.press("Control+Enter");
  await done(page, "c2");
  equal((await output(page, "c2")).trim(), "7");
});

test("a killed kernel process says so and a restart works", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "println(1)\nfor { }", "2 + 3");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await page.waitForSelector('[data-kernel="busy"]');
  await until("a process", () => kernels(server).length === 1);
  process.kill(kernels(server)[0], "SIGKILL");
  await page.waitForSelector('[data-kernel="dead"]');
  await page.click(".banner-bad >> text=Restart kernel");
  await page.waitForSelector('[data-kernel="idle"]');
  await cell(page, "c1").locator(".gutter").click();
  await page.keyboard.press("Control+Enter");
  await done(page, "c1");
  equal((await output(page, "c1")).trim(), "5");
});

test("kill -9 of the server keeps cells and outputs and leaves no kernel behind", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "import \"fmt\"\nfor i := 0; i < 200; i++ {\n\tfmt.Println(\"line\", i)\n}\nfor { }", "x");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await until("output", async () => (await output(page, "c0")).includes("line 199"));
  await enter(page, "c1");
  await page.keyboard.type(" // typed");
  await until("the server has it", async () => (await server.cells(page, "a.ipynb")).join() === "x // typed");
  const orphans = kernels(server);
  await server.kill();
  await until("the kernel ends with its server", () => orphans.every((pid) => !alive(pid)));
  await server.boot();
  const fresh = await open(server, "a.ipynb");
  equal((await cell(fresh, "c0").locator(".text").innerText()).trim(), Array.from({ length: 200 }, (_, i) => "line " + i).join("\n"));
  equal(await source(fresh, "c1"), "x // typed");
});

function alive(pid) {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("magics time code, show directories and load a file into the cell", async () => {
  const server = await Server.start();
  writeFileSync(server.dir + "/f.go", "x := 40\nx + 2\n");
  server.notebook("a.ipynb", "%cd .\n!echo from a shell", "%time 1 + 1", "%load f.go", "strings.ToUpper?");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c3");
  check(/from a shell/.test(await output(page, "c0")), await output(page, "c0"));
  check(/wall .*processors[^]*2/.test(await output(page, "c1")), await output(page, "c1"));
  check(/func strings.ToUpper/.test(await output(page, "c3")), await output(page, "c3"));
  await until("the file's text", async () => (await source(page, "c2")).includes("x + 2"));
  await cell(page, "c2").locator(".gutter").click();
  await page.keyboard.press("Control+Enter");
  await until("42", async () => (await output(page, "c2")).trim() === "42");
});

await main();
