// Typing, saving, two tabs, lost connections.

import { cell, check, enter, equal, ids, main, newPage, open, Server, source, test, until } from "./lib.mjs";

const saved = (page) => page.waitForSelector('[data-save="saved"]');

test("what is typed reaches the file without saving by hand", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "x := 1", { md: "text" });
  const page = await open(server, "a.ipynb");
  await enter(page, "c0");
  await page.keyboard.type("\ny := x + 😀".replace("😀", "2 // 😀 ä"));
  await until("file", () => server.read("a.ipynb").cells[0].source.join?.("").endsWith("y := x + 2 // 😀 ä"));
  await saved(page);
  equal(page.problems, []);
});

test("two tabs typing in one cell agree", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "start");
  const one = await open(server, "a.ipynb");
  const two = await open(server, "a.ipynb");
  await enter(one, "c0");
  await enter(two, "c0");
  await two.keyboard.press("Control+Home");
  await Promise.all([
    one.keyboard.type(" of the first tab which types a lot of text", { delay: 4 }),
    two.keyboard.type("the second tab types too, before: ", { delay: 5 }),
  ]);
  const want = "the second tab types too, before: start of the first tab which types a lot of text";
  await until("one", async () => (await source(one, "c0")) === want);
  await until("two", async () => (await source(two, "c0")) === want);
  await until("file", () => server.read("a.ipynb").cells[0].source[0] === want);
  equal([one.problems, two.problems], [[], []]);
});

test("cells made, moved and deleted in one tab appear in the other", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "one", "two", "three");
  const a = await open(server, "a.ipynb");
  const b = await open(server, "a.ipynb");
  await cell(a, "c1").locator(".gutter").click();
  await a.keyboard.press("b");
  await until("inserted", async () => (await ids(b)).length === 4);
  await a.keyboard.press("Control+Shift+ArrowUp");
  await a.keyboard.press("Control+Shift+ArrowUp");
  await until("moved", async () => (await ids(b)).indexOf("c1") === 2);
  await a.keyboard.press("d");
  await a.keyboard.press("d");
  await until("deleted", async () => (await ids(b)).join() === "c0,c1,c2");
  await a.keyboard.press("z");
  await until("restored", async () => (await ids(a)).length === 4 && (await ids(b)).length === 4);
  equal(await ids(a), await ids(b));
});

test("what is typed while the server is away is sent when it is back", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "kept", "other");
  const page = await open(server, "a.ipynb");
  await enter(page, "c0");
  await page.keyboard.type(" before");
  await server.kill();
  await page.waitForSelector('[data-kernel="offline"]');
  await page.keyboard.type(" and during");
  await server.boot();
  await page.waitForSelector('[data-kernel="none"]');
  await page.keyboard.type(" and after");
  const want = "kept before and during and after";
  equal(await source(page, "c0"), want);
  await until("file", () => server.read("a.ipynb").cells[0].source[0] === want);
});

test("a file changed by another program is a question, not a loss", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "mine");
  const page = await open(server, "a.ipynb");
  server.notebook("a.ipynb", "theirs");
  await until("followed", async () => (await source(page, "c0")) === "theirs");
  await enter(page, "c0");
  await page.keyboard.type(" and mine");
  server.notebook("a.ipynb", "theirs again");
  await page.waitForSelector('[data-save="conflict"]');
  await page.click("text=Keep this version");
  await saved(page);
  await until("file", () => server.read("a.ipynb").cells[0].source[0] === "theirs and mine");
});

test("a broken notebook is refused with the place, and left alone", async () => {
  const server = await Server.start();
  const { writeFileSync, readFileSync } = await import("node:fs");
  writeFileSync(server.dir + "/bad.ipynb", '{\n "cells": [,]\n}');
  const page = await newPage(server);
  await page.goto(server.at("/notebooks/bad.ipynb"));
  const text = await page.locator(".refusal").innerText();
  check(/line 2 column 12/.test(text), text);
  equal(readFileSync(server.dir + "/bad.ipynb", "utf8"), '{\n "cells": [,]\n}');
});

await main();
