// The file browser.

import { mkdirSync, readFileSync, existsSync } from "node:fs";
import { check, equal, main, newPage, Server, test, until } from "./lib.mjs";

const names = (page) => page.$$eval(".file .name", (all) => all.map((n) => n.textContent));

test("notebooks are made, opened, renamed and deleted; files are uploaded", async () => {
  const server = await Server.start();
  mkdirSync(server.dir + "/sub dir");
  const page = await newPage(server);
  await page.waitForSelector(".file");
  equal(await names(page), ["sub dir"]);
  await page.click("text=sub dir");
  await until("inside", async () => (await names(page)).join() === "..");
  await page.click('button[aria-label="New notebook"]');
  await page.waitForSelector(".cell");
  equal(decodeURIComponent(new URL(page.url()).pathname), "/notebooks/sub dir/Untitled.ipynb");
  await page.click(".title");
  await page.waitForSelector("dialog input:focus");
  await page.keyboard.type("mine");
  await page.keyboard.press("Enter");
  await until("renamed", () => decodeURIComponent(page.url()).endsWith("/sub dir/mine.ipynb"));
  check(existsSync(server.dir + "/sub dir/mine.ipynb"), "the file has its old name");
  await page.waitForSelector(".cell");
  await page.click(".home");
  await until("list", async () => (await names(page)).join() === "..,mine.ipynb");
  await page.setInputFiles("input[type=file]", { name: "data.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await until("uploaded", async () => (await names(page)).includes("data.csv"));
  equal(readFileSync(server.dir + "/sub dir/data.csv", "utf8"), "a,b\n1,2\n");
  await page.hover("text=data.csv");
  await page.click('button[aria-label="Delete data.csv"]');
  await page.click("dialog >> text=Delete >> nth=-1");
  await until("deleted", async () => !(await names(page)).includes("data.csv"));
  equal(page.problems, []);
});

test("a problem of the disk is said, not hidden", async () => {
  const server = await Server.start();
  mkdirSync(server.dir + "/full");
  mkdirSync(server.dir + "/full/x");
  const page = await newPage(server);
  await page.hover("text=full");
  await page.click('button[aria-label="Delete full"]');
  await page.click("dialog >> text=Delete >> nth=-1");
  check((await page.locator(".problem").innerText()).includes("not empty"), "no message");
});

await main();
