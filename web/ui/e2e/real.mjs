// The page over the lathe binary: cells are Go.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cell, check, done, enter, equal, main, newPage, open, output, Server, source, test, until } from "./lib.mjs";

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

test("a slice of structs is a table that is sorted by a click and paged", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", [
    "type city struct { Name string; pop int; note string }",
    "var list []city",
    "for i := range 45 {",
    "\tlist = append(list, city{fmt.Sprint(\"<b>town \", i), 1000 * (i * 7 % 45), strings.Repeat(\"n\", 70+i)})",
    "}",
    "list",
  ].join("\n"), "map[string]int{\"b\": 2, \"a\": 1}");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c1");
  const table = cell(page, "c0").locator(".table-view");
  const column = (n) => table.locator(`tbody tr td:nth-child(${n})`).allInnerTexts();
  equal((await column(1)).length, 20);
  equal((await column(1))[3], "<b>town 3");
  await table.locator("th button", { hasText: "pop" }).click();
  await until("rising", async () => (await column(2)).join() === Array.from({ length: 20 }, (_, i) => String(1000 * i)).join());
  await table.locator("th button", { hasText: "pop" }).click();
  await until("falling", async () => (await column(2))[0] === "44000");
  await table.getByText("Next").click();
  await table.getByText("Next").click();
  await until("the last page", async () => (await column(2)).join() === "4000,3000,2000,1000,0");
  check((await table.innerText()).includes("41–45 of 45 rows"), await table.innerText());
  const first = table.locator("tbody tr:first-child td:nth-child(3)");
  check((await first.innerText()).includes("…"), "a long value is not cut");
  await first.getByText("show all").click();
  await until("all of it", async () => /^n{70,}\s*show less$/.test(await first.innerText()));
  check(/a\s+1\s+b\s+2/.test(await output(page, "c1")), await output(page, "c1"));
  await until("saved", async () => server.read("a.ipynb").cells[0].outputs.length === 1);
  check(/<table/.test([server.read("a.ipynb").cells[0].outputs[0].data["text/html"]].flat().join("")), "no HTML for others");
  equal(page.problems, []);
});

test("a long text is cut and shown whole on demand", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "strings.Repeat(\"long \", 24000) + \"end\"");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c0");
  const text = await output(page, "c0");
  check(text.includes("100,003 of 120,003 characters left out"), text.slice(-200));
  check(!text.includes("end"), "all is shown");
  await cell(page, "c0").getByText("Show all").click();
  await until("the end", async () => (await output(page, "c0")).includes("long end"));
  equal(page.problems, []);
});

test("a flood of lines arrives complete and in order, and the page answers", async () => {
  const server = await Server.start();
  const count = 200000;
  server.notebook("a.ipynb", `for i := range ${count} { fmt.Println(i) }`, "2 + 3");
  const page = await newPage(server);
  const texts = [];
  page.on("websocket", (ws) => ws.on("framereceived", ({ payload }) => {
    for (const e of JSON.parse(String(payload)).events ?? []) {
      const text = e.change?.text ?? e.change?.output?.text;
      if (e.op === "output" && e.cell === "c0" && text) texts.push(text);
    }
  }));
  await open(server, "a.ipynb", { page });
  await page.click('[data-command="run-all"]');
  await done(page, "c1");
  equal((await output(page, "c1")).trim(), "5");
  const all = Array.from({ length: count }, (_, i) => i + "\n").join("");
  check(texts.join("") === all, `the page got ${texts.join("").length} of ${all.length} characters, or others`);
  check((await output(page, "c0")).includes(`\n${count - 1}\n`), "the end is not shown");
  const saved = () => server.read("a.ipynb").cells[0].outputs.map((o) => [o.text].flat().join("")).join("");
  await until("the file has all of it", () => saved() === all);
  equal(page.problems, []);
});

test("a call that is being written shows its signature, a name under the mouse its declaration", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "// twice doubles.\nfunc twice(n int, name string) int { return 2 * n }", "strings.ToUpper(\"a\")", "x := 1");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c2");
  await enter(page, "c2");
  await page.keyboard.type("\ntwice(1, ");
  const hint = page.locator(".hint-signature");
  await until("the second argument", async () => (await hint.count()) === 1 && (await hint.locator("b").allInnerTexts()).join() === "name string");
  check(/func twice\(n int, name string\) int\s+twice doubles\./.test(await hint.innerText()), await hint.innerText());
  await page.keyboard.type("\"q\")");
  await until("it is gone", async () => (await hint.count()) === 0);
  await enter(page, "c1");
  const at = () => cell(page, "c1").locator(".cm-line").first().evaluate((line) => {
    const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const k = n.data.indexOf("ToUpper");
      if (k < 0) continue;
      const range = document.createRange();
      range.setStart(n, k + 2);
      range.setEnd(n, k + 3);
      const box = range.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    }
    return [0, 0];
  });
  await until("the declaration", async () => {
    await page.mouse.move(5, 5);
    await page.mouse.move(...await at());
    return page.locator(".cm-tooltip-hover", { hasText: "func strings.ToUpper(s string) string" }).waitFor({ timeout: 5000 }).then(() => true, () => false);
  });
  equal(page.problems, []);
});

await main();
