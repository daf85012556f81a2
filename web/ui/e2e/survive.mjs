// Reloads, killed kernels, killed servers: nothing delivered and nothing typed is lost.

import { cell, check, done, enter, equal, main, open, output, Server, source, test, until } from "./lib.mjs";

test("reloading the page in the middle of a run loses no output", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "flood 50\nsleep 700\nflood 60\ninput go on?\nprint end"); // runs until it is answered
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await until("first part", async () => (await output(page, "c0")).includes("line 49"));
  await page.reload();
  await page.waitForSelector('[data-cell="c0"].is-running');
  await page.fill(".stdin input", "yes");
  await page.press(".stdin input", "Enter");
  await done(page, "c0");
  const want = [...Array(50).keys(), ...Array(60).keys()].map((i) => "line " + i).join("\n") + "\ngo on?yes\ngot yes\nend";
  await until("the last line", async () => (await output(page, "c0")).includes("end"));
  equal((await cell(page, "c0").locator(".text").innerText()).trim().split("\n"), want.split("\n"));
});

test("a killed kernel says so and a restart works", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print before\nloop", "print after");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await until("runs", async () => (await output(page, "c0")).includes("before"));
  server.killKernels();
  await page.waitForSelector('[data-kernel="dead"]');
  const banner = await page.locator(".banner-bad").innerText();
  check(/The kernel was killed \(signal: killed\)\./.test(banner), banner);
  check((await output(page, "c0")).includes("before"), "the output is gone");
  await page.click(".banner-bad >> text=Restart kernel");
  await page.waitForSelector('[data-kernel="idle"]');
  await cell(page, "c1").locator(".gutter").click();
  await page.keyboard.press("Control+Enter");
  await done(page, "c1");
  equal((await output(page, "c1")).trim(), "after");
});

test("kill -9 of the server keeps every cell and every delivered output", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "flood 300\nchart 30\nloop", "x");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await page.waitForSelector('.chart[data-points="60"]');
  await enter(page, "c1");
  await page.keyboard.type(" typed a moment before");
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await until("third cell", async () => (await page.locator(".cell").count()) === 3);
  await page.keyboard.press("Enter");
  await page.keyboard.type("new cell");
  await until("the server has it", async () => (await server.cells(page, "a.ipynb")).join() === "x typed a moment before,new cell");
  await server.kill();
  await server.boot();
  const fresh = await open(server, "a.ipynb");
  await fresh.waitForSelector('.chart[data-points="60"]');
  const text = await cell(fresh, "c0").locator(".text").innerText();
  equal(text.trim(), [...Array(300).keys()].map((i) => "line " + i).join("\n"));
  equal(await source(fresh, "c1"), "x typed a moment before");
  equal(await fresh.locator(".cell").nth(2).locator(".source").innerText().then((t) => t.trim()), "new cell");
  await fresh.waitForSelector('[data-cell="c0"].is-lost');
  await page.waitForSelector('[data-kernel="none"]'); // the old page is back too
  await cell(fresh, "c1").locator(".gutter").click();
  await fresh.keyboard.press("0");
  await fresh.keyboard.press("0");
  await fresh.waitForSelector('[data-kernel="idle"]');
});

test("a server stopped in order leaves a complete file and no log", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print a");
  const page = await open(server, "a.ipynb");
  await enter(page, "c0");
  await page.keyboard.type("bc");
  await page.keyboard.press("Control+Enter");
  await done(page, "c0");
  await server.kill("SIGTERM");
  const nb = server.read("a.ipynb");
  equal([nb.cells[0].source, nb.cells[0].outputs[0].text], [["print abc"], ["abc\n"]]);
  const { existsSync } = await import("node:fs");
  check(!existsSync(server.dir + "/.lathe/a.ipynb.log"), "the log is still there");
});

await main();
