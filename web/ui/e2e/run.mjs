// Running cells: outputs, errors, input, charts, interrupts, the queue.

import { cell, check, done, enter, equal, main, open, output, Server, test, until } from "./lib.mjs";

test("Run all runs in order and stops at an error, which shows its line", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print one\nresult 42", "print two\nerror boom", "print three");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c2", "aborted");
  check(/one\s+42/.test(await output(page, "c0")), "output of c0");
  check(/panic\s*boom/.test(await output(page, "c1")), "error of c1");
  await cell(page, "c1").locator("button.link", { hasText: "line 2" }).click();
  await page.waitForSelector('[data-cell="c1"] .cm-lintRange-error');
  equal(await cell(page, "c0").locator(".count").innerText(), "[1]");
  equal(page.problems, []);
});

test("a live chart moves while the cell runs and is whole after a reload", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "chart 200");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  const chart = cell(page, "c0").locator(".chart");
  const points = async () => Number(await chart.getAttribute("data-points").catch(() => 0));
  const pixels = () => chart.locator("canvas").first().evaluate((c) => c.toDataURL());
  await until("first points", async () => (await points()) > 10);
  const [early, before] = [await points(), await pixels()];
  await until("more points", async () => (await points()) > early + 20);
  check((await pixels()) !== before, "the picture did not change");
  await page.reload();
  await page.waitForSelector(".chart[data-points]");
  check((await points()) > early, "the reloaded chart has lost points");
  await done(page, "c0");
  await until("all", async () => (await points()) === 400);
  equal(page.problems, []);
});

test("interrupt ends a loop, and what waited does not run", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print in\nloop", "print never");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await page.waitForSelector('[data-kernel="busy"]');
  await until("output", async () => (await output(page, "c0")).includes("in"));
  await page.click('[data-command="interrupt"]');
  await done(page, "c0", "error");
  await done(page, "c1", "aborted");
  await page.waitForSelector('[data-kernel="idle"]');
});

test("a cell asks for input and goes on with the answer", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "input your name? ");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await page.waitForSelector(".stdin input:focus");
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  await done(page, "c0");
  check((await output(page, "c0")).includes("got Ada"), await output(page, "c0"));
});

test("the kernel completes names, and Tab asks for it", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print a", "");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c0");
  await enter(page, "c1");
  await page.keyboard.type("pri");
  await page.keyboard.press("Tab");
  await page.waitForSelector(".cm-tooltip-autocomplete");
  await page.waitForTimeout(120); // CodeMirror ignores keys right after the list opens
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await until("completed", async () => (await cell(page, "c1").locator(".source").innerText()).trim() === "printer");
});

test("carriage returns overwrite, displays update, clear_output clears", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "print 10%\r50%\r100%", "display d first\nupdate d second", "print gone\nclearwait\nprint stays");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c2");
  equal((await cell(page, "c0").locator(".text").innerText()).trim(), "100%");
  equal((await cell(page, "c1").locator(".text").innerText()).trim(), "second");
  equal((await cell(page, "c2").locator(".text").innerText()).trim(), "stays");
});

test("a flood of output keeps the page alive and its end visible", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "flood 300000");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c0");
  await until("the last line", async () => (await cell(page, "c0").locator(".text").innerText()).includes("line 299999"));
  await cell(page, "c0").locator(".gutter").click();
  await page.keyboard.press("b");
  await until("still works", async () => (await page.locator(".cell").count()) === 2);
});

await main();
