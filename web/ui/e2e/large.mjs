// A notebook of 1,000 cells.

import { cell, check, done, enter, equal, main, newPage, open, Server, source, test, until } from "./lib.mjs";

test("1,000 cells open, scroll, edit and run", async () => {
  const server = await Server.start();
  const body = Array.from({ length: 12 }, (_, i) => `// line ${i} of a cell with some length\nx${i} := compute(${i}, "text")`).join("\n");
  server.notebook("a.ipynb", ...Array.from({ length: 1000 }, (_, i) => (i % 5 === 0 ? { md: `## Part ${i}\n\nText with $x_{${i}}$` } : i === 998 ? "print here" : body)));
  const page = await newPage(server);
  const began = Date.now();
  await open(server, "a.ipynb", { page });
  await page.waitForSelector('[data-cell="c999"]', { state: "attached" });
  console.log(`opened in ${Date.now() - began} ms`);
  equal(await page.locator(".cell").count(), 1000);
  check((await page.locator(".cm-editor").count()) === 0, "editors that nobody uses");
  await enter(page, "c3");
  const typed = await page.evaluate(async () => {
    const times = [];
    const target = document.querySelector(".cm-content");
    for (let i = 0; i < 40; i++) {
      const t = performance.now();
      document.execCommand("insertText", false, "x");
      target.getBoundingClientRect();
      times.push(performance.now() - t);
      await new Promise((r) => requestAnimationFrame(r));
    }
    return times.sort((a, b) => a - b);
  });
  console.log(`keystroke median ${typed[20].toFixed(1)} ms, worst ${typed[39].toFixed(1)} ms`);
  check((await source(page, "c3")).endsWith("x".repeat(40)), "typing");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+End");
  await until("the last cell", async () => (await page.locator(".cell.selected").getAttribute("data-cell")) === "c999");
  await page.keyboard.press("k");
  await page.keyboard.press("Control+Enter");
  await done(page, "c998");
  equal((await cell(page, "c998").locator(".text").innerText()).trim(), "here");
  equal(page.problems, []);
});

await main();
