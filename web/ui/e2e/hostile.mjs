// Notebooks and outputs that attack the page.

import { cell, check, done, equal, main, open, Server, test } from "./lib.mjs";

const attack = "window.top.pwned=1;window.pwned=1;document.title='pwned'";
const payloads = [
  `<img src=x onerror="${attack}">`, `<script>${attack}</script>`, `<svg onload="${attack}"><script>${attack}</script></svg>`,
  `<a href="javascript:${attack}">link</a>`, `<iframe srcdoc="<script>${attack.replaceAll("'", "&#39;")}</script>"></iframe>`,
  `<form action="javascript:${attack}"><button>x</button></form>`, `<math><mtext></mtext><mglyph><style><img src=x onerror="${attack}"></style>`,
  `<details open ontoggle="${attack}">`, `<object data="data:text/html,<script>${attack}</script>"></object>`,
];

async function innocent(page, what) {
  await page.waitForTimeout(300);
  equal(await page.evaluate(() => [window.pwned ?? 0, document.title.includes("pwned")]), [0, false], what);
}

test("markdown runs nothing", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", { md: payloads.join("\n\n") + "\n\n[x](javascript:pwned=1) ![y](javascript:pwned=1)\n\n$\\href{javascript:pwned=1}{x}$" });
  const page = await open(server, "a.ipynb");
  await page.waitForSelector(".prose.rendered");
  await innocent(page, "markdown");
  equal(await page.$$eval(".prose a", (all) => all.filter((a) => /^javascript/i.test(a.getAttribute("href") ?? "")).length), 0, "links");
  equal(await page.locator(".prose script, .prose iframe, .prose object, .prose form, .prose style").count(), 0, "elements");
});

test("HTML and SVG outputs run nothing in the page", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", ...payloads.map((p) => "html " + p), "svg <svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"" + attack + "\"><script>" + attack + "</script></svg>");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c" + payloads.length);
  await page.$eval(".sheet", (s) => s.scrollTo(0, 1e6));
  await innocent(page, "outputs");
});

test("scripts in HTML outputs run in a frame without origin, cookies and network", async () => {
  const server = await Server.start();
  const script = "const p=document.createElement('p');let c;try{c=document.cookie}catch(e){c='no cookies'}" +
    "let t;try{t=parent.document.title}catch(e){t='no parent'}p.textContent=origin+'; '+c+'; '+t;document.body.append(p);" +
    "fetch('" + server.at("/api") + "').then(()=>p.append('; network'),()=>p.append('; no network'))";
  server.notebook("a.ipynb", `html <script>${script}</script>`);
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c0");
  const text = page.frameLocator(".sandbox").locator("p");
  await text.filter({ hasText: "network" }).waitFor();
  equal(await text.innerText(), "null; no cookies; no parent; no network");
});

test("hostile texts in errors, names and charts are text", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", `error ${payloads[0]}`, `print ${payloads[0]}\nresult ${payloads[1]}`, `json {"${"<img src=x onerror=pwned=1>"}":"<script>pwned=1</script>"}`);
  const page = await open(server, "a.ipynb");
  for (const id of ["c0", "c1", "c2"]) {
    await cell(page, id).locator(".gutter").hover();
    await cell(page, id).locator("button.run").click();
    await done(page, id, id === "c0" ? "error" : "ok");
  }
  await innocent(page, "texts");
  check((await cell(page, "c1").locator(".outputs").innerText()).includes("<img src=x"), "the text is gone");
});

await main();
