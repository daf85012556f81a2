// Graphs in the page and "Export to graph mode", over the lathe binary.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cell, check, done, equal, main, open, output, Server, shots, test, until } from "./lib.mjs";

const setup = `import (
	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/jit"
)
t.Seed(1)
net := nn.NewSequential(
	nn.NewConv2D(1, 4, 3), nn.NewBatchNorm2D(4), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
	nn.NewLinear(36, 8), nn.NewTanh(), nn.NewLinear(8, 3),
)
net.Eval()
x := t.Randn(2, 1, 8, 8)
f := func(x *t.Tensor) *t.Tensor {
	y := net.Forward(x)
	return y.Mul(2).Add(1).Sigmoid().Add(y.Tanh())
}
g, err := jit.Trace(f, x)
err`;

const scale = (page, id) => page.$eval(`[data-cell="${id}"] .graph-frame`, (f) => Number(f.dataset.scale));
const transform = (page, id) => page.$eval(`[data-cell="${id}"] .graph-frame svg > g`, (g) => g.getAttribute("transform"));

async function shoot(page, id, name) {
  if (!shots) return;
  await cell(page, id).locator(".graph").scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${shots}/${name}.png` });
}

test("a graph is drawn; it zooms, moves and says what a box does", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", setup, "g", "g.Profile(20, x)");
  for (const dark of [false, true]) {
    const page = await open(server, "a.ipynb", { dark, height: 1000 });
    await page.click('[data-command="run-all"]');
    await done(page, "c2");
    const graph = cell(page, "c1").locator(".graph");
    await graph.locator('[data-box="Conv"], [data-box="ConvReLU"]').first().waitFor();
    await graph.locator(".box-fused").first().waitFor();
    const lines = await graph.locator(".box-fused text").allTextContents();
    check(lines.includes("Mul") && lines.includes("Sigmoid"), lines.join(" "));

    const before = await scale(page, "c1");
    await graph.locator('button[aria-label="Zoom in"]').click();
    await until("a larger graph", async () => (await scale(page, "c1")) > before);
    const still = await transform(page, "c1");
    const frame = await graph.locator(".graph-frame").boundingBox();
    await page.mouse.move(frame.x + 40, frame.y + 60);
    await page.mouse.down();
    await page.mouse.move(frame.x + 90, frame.y + 100, { steps: 4 });
    await page.mouse.up();
    await until("the graph has moved", async () => (await transform(page, "c1")) !== still);
    await graph.locator(".graph-frame").focus();
    await page.keyboard.press("0");
    await page.keyboard.press("0"); // not the shortcut for a restart
    await until("all of it", async () => (await scale(page, "c1")) <= before);
    equal(await page.locator("dialog").count(), 0);

    await graph.locator(".box-fused").last().click();
    await graph.locator('[data-details="Fused"]').waitFor();
    const told = await graph.locator(".graph-details").innerText();
    check(/Mul → .*Add → .*Sigmoid/.test(told), told);
    await shoot(page, "c1", dark ? "graph-dark" : "graph-light");
    await graph.locator("[role=tab]", { hasText: "as traced" }).click();
    await graph.locator('[data-box="Sigmoid"]').waitFor();

    const timed = cell(page, "c2").locator(".graph");
    await timed.locator(".share").first().waitFor();
    await timed.locator(".box-op").first().click();
    check(/%/.test(await timed.locator(".graph-details").innerText()), "no share of the time");
    await shoot(page, "c2", dark ? "profile-dark" : "profile-light");
    equal(page.problems, []);
    await page.close();
  }
});

test("a module is exported from the list of variables, and the files are there", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", setup, "1");
  const page = await open(server, "a.ipynb", { height: 1000 });
  await page.click('[data-command="run-all"]');
  await done(page, "c1");
  await page.click('[data-command="debug"]');
  await page.locator('.debugger [data-variable="net"] button[aria-label="Export net to graph mode"]').click();
  const dialog = page.locator("dialog.export");
  await dialog.locator('input[aria-label="Module"]').waitFor();
  equal(await dialog.locator('input[aria-label="Module"]').inputValue(), "net");
  await dialog.locator('input[aria-label="Examples"]').fill("x");
  await dialog.locator('input[name="Go"]').check();
  if (shots) await page.screenshot({ path: `${shots}/export-dialog.png` });
  await dialog.locator("button", { hasText: "Export" }).last().click();
  await page.waitForSelector('.cell.is-ok .graph[data-graph="nn.Sequential"]');
  await page.locator(".graph button", { hasText: "Report" }).click();
  const report = await page.locator(".graph > .text").innerText();
  for (const name of ["net.lathe", "net.onnx", "net/net.go"]) check(report.includes(name), report);
  if (shots) await page.screenshot({ path: `${shots}/export.png` });
  equal(readFileSync(join(server.dir, "net.lathe")).subarray(0, 5).toString(), "LATHE");
  check(readFileSync(join(server.dir, "net", "net.go"), "utf8").includes("func Run(x0 []float32) (y0 []float32, err error)"), "Go");
  equal(page.problems, []);
});

test("what cannot be exported says why", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", setup, "1");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c1");
  await cell(page, "c1").locator(".gutter").click();
  await page.keyboard.press("p");
  await page.waitForSelector(".palette input:focus");
  await page.keyboard.type("graph mode");
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog.export");
  await until("the module is offered", async () => (await dialog.locator('input[aria-label="Module"]').inputValue()) === "net");
  await dialog.locator('input[aria-label="Examples"]').fill("t.Randn(3)");
  await dialog.locator("button", { hasText: "Export" }).last().click();
  await page.waitForSelector(".cell.is-error .error-head");
  check(/Conv/.test(await page.locator(".cell.is-error .error-head").innerText()), "the error names the layer");
  equal(page.problems, []);
});

test("hot modules run as programs: a badge says so, explains and switches off", async () => {
  const server = await Server.start();
  const hot = `import (
	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)
net := nn.NewSequential(
	nn.NewConv2D(3, 32, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(32), nn.NewReLU(),
	nn.NewConv2D(32, 32, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(32), nn.NewGELU(),
)
x := t.Randn(8, 3, 32, 32)
for range 40 {
	net.Forward(x)
}`;
  server.notebook("a.ipynb", hot, "import \"github.com/lathe-ml/lathe/jit\"\njit.Automatic.Set(false)", "jit.Automatic.On()", "jit.Automatic");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="run-all"]');
  await done(page, "c3");
  equal((await output(page, "c2")).trim(), "false");
  check(/automatic tier is off/.test(await output(page, "c3")), await output(page, "c3"));
  const badge = page.locator('.tier[data-tier="off"]');
  await badge.locator("button").click();
  await badge.locator(".tier-box").waitFor();
  await badge.locator("button", { hasText: "Switch on" }).click();
  // whether a program is faster here is the machine's business; that the kernel follows is not
  await cell(page, "c2").locator(".gutter").click();
  await until("the tier is on", async () => {
    await page.keyboard.press("Control+Enter");
    await done(page, "c2");
    return (await output(page, "c2")).trim() === "true";
  });
  if (shots) {
    await page.locator(".tier button").first().click({ timeout: 2000 }).catch(() => undefined);
    await page.screenshot({ path: `${shots}/tier.png` });
  }
  equal(page.problems, []);
});

await main();
