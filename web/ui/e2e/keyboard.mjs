// Jupyter's keyboard: command and edit mode.

import { cell, check, done, enter, equal, ids, main, open, Server, source, test, until } from "./lib.mjs";

async function three() {
  const server = await Server.start();
  server.notebook("a.ipynb", "print one", "print two", "print three");
  const page = await open(server, "a.ipynb");
  await cell(page, "c0").locator(".gutter").click();
  return { server, page };
}

const selected = (page) => page.locator(".cell.selected").getAttribute("data-cell");
const at = (page, id) => until("selected " + id, async () => (await selected(page)) === id);

test("j, k and the arrows move, Enter edits, Escape leaves", async () => {
  const { page } = await three();
  await page.keyboard.press("j");
  await at(page, "c1");
  await page.keyboard.press("ArrowDown");
  await at(page, "c2");
  await page.keyboard.press("k");
  await page.keyboard.press("ArrowUp");
  await at(page, "c0");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-cell="c0"].editing .cm-focused');
  await page.keyboard.press("Control+End");
  await page.keyboard.type("j");
  equal(await source(page, "c0"), "print onej");
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector('[data-cell="c1"].editing');
  await page.keyboard.press("Escape");
  await until("left", async () => (await page.locator(".editing").count()) === 0);
});

test("a, b, dd and z make and unmake cells", async () => {
  const { page } = await three();
  await page.keyboard.press("b");
  await until("below", async () => (await ids(page)).length === 4 && (await ids(page))[0] === "c0");
  await page.keyboard.press("a");
  await until("above", async () => (await ids(page)).length === 5);
  await page.keyboard.press("d");
  await page.keyboard.press("d");
  await until("deleted", async () => (await ids(page)).length === 4);
  await page.keyboard.press("z");
  await until("restored", async () => (await ids(page)).length === 5);
  await page.keyboard.press("d"); // one d is not enough
  await page.keyboard.press("j");
  await page.waitForTimeout(100);
  equal((await ids(page)).length, 5);
});

test("m, y, r and the digits change the type", async () => {
  const { page, server } = await three();
  await page.keyboard.press("m");
  await page.waitForSelector('[data-cell="c0"].cell-markdown');
  await page.keyboard.press("y");
  await page.waitForSelector('[data-cell="c0"].cell-code');
  await page.keyboard.press("r");
  await page.waitForSelector('[data-cell="c0"].cell-raw');
  await page.keyboard.press("2");
  await page.waitForSelector('[data-cell="c0"].cell-markdown .cm-focused');
  await page.keyboard.press("Shift+Enter");
  equal(await cell(page, "c0").locator(".prose h2").innerText(), "print one");
  await until("file", () => server.read("a.ipynb").cells[0].cell_type === "markdown");
});

test("Shift-Enter advances, Ctrl-Enter stays, Alt-Enter inserts", async () => {
  const { page } = await three();
  await page.keyboard.press("Shift+Enter");
  await done(page, "c0");
  await at(page, "c1");
  await page.keyboard.press("Control+Enter");
  await done(page, "c1");
  await at(page, "c1");
  await page.keyboard.press("Alt+Enter");
  await page.waitForSelector(".cell.editing .cm-focused");
  await page.keyboard.type("print made");
  equal((await ids(page)).length, 4);
  await page.keyboard.press("Shift+Enter");
  const made = (await ids(page))[2];
  await done(page, made);
  equal((await cell(page, made).locator(".text").innerText()).trim(), "made");
});

test("Shift-Enter on the last cell makes the next one and edits it", async () => {
  const { page } = await three();
  await cell(page, "c2").locator(".gutter").click();
  await page.keyboard.press("Shift+Enter");
  await page.waitForSelector(".cell:nth-child(4).editing .cm-focused");
});

test("Shift with arrows selects several; M merges, Ctrl-Shift-minus splits", async () => {
  const { page } = await three();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+J");
  equal(await page.locator(".cell.marked").count(), 3);
  await page.keyboard.press("Shift+M");
  await until("merged", async () => (await ids(page)).join() === "c0");
  await until("text", async () => (await source(page, "c0")).replace(/\n+/g, "|") === "print one|print two|print three");
  await enter(page, "c0");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("End");
  await page.keyboard.press("Control+Shift+Minus");
  await until("split", async () => (await ids(page)).length === 2);
  equal(await source(page, "c0"), "print one");
});

test("x, c, v and Shift-V cut, copy and paste", async () => {
  const { page } = await three();
  await page.keyboard.press("x");
  await until("cut", async () => (await ids(page)).join() === "c1,c2");
  await page.keyboard.press("v");
  await until("pasted", async () => (await ids(page)).length === 3 && (await ids(page))[0] === "c1");
  equal(await source(page, (await ids(page))[1]), "print one");
});

test("0 0 restarts after a question, i i interrupts, h and p open their dialogs", async () => {
  const { page } = await three();
  await page.keyboard.press("Shift+Enter");
  await done(page, "c0");
  await page.keyboard.press("0");
  await page.keyboard.press("0");
  await page.click("dialog button.danger");
  await page.waitForSelector('[data-kernel="idle"]');
  await page.keyboard.press("h");
  await page.waitForSelector("dialog.help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  await page.waitForSelector("dialog.palette input:focus");
  await page.keyboard.type("line numbers");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".numbers");
  await page.keyboard.press("l");
  await until("hidden", async () => (await page.locator(".numbers").count()) === 0);
});

test("o collapses outputs, and the browser keeps its own keys", async () => {
  const { page } = await three();
  await page.keyboard.press("Control+Enter");
  await done(page, "c0");
  await page.keyboard.press("o");
  await page.waitForSelector('[data-cell="c0"] .collapsed');
  await page.keyboard.press("o");
  await page.waitForSelector('[data-cell="c0"] .outputs');
  check((await page.evaluate(() => {
    const e = new KeyboardEvent("keydown", { key: "r", ctrlKey: true, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(e);
    return e.defaultPrevented;
  })) === false, "Ctrl-R is taken");
});

await main();
