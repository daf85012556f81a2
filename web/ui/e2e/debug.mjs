// The debugger in the page, over the lathe binary: breakpoints, frames, tensors, steps.

import { mkdirSync, writeFileSync } from "node:fs";

import { cell, check, done, enter, equal, main, open, output, Server, shots, test, until } from "./lib.mjs";

const training = [
  // c0
  `import (
	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/viz"
)
t.Seed(1)
x := t.Randn(64, 4)
labels := x.Slice(1, 0, 1).Gt(x.Slice(1, 1, 2)).To(t.I64).Reshape(64)`,
  // c1
  `func lossOf(logits, y *t.Tensor, step int) *t.Tensor {
	loss := nn.CrossEntropy(logits, y)
	return loss
}`,
  // c2
  `type Net struct {
	nn.Base
	a, b *nn.Linear
}

func (m *Net) Forward(x *t.Tensor) *t.Tensor {
	h := m.a.Forward(x).Tanh()
	return m.b.Forward(h)
}

net := &Net{a: nn.NewLinear(4, 8), b: nn.NewLinear(8, 2)}
net.Add("a", net.a)
net.Add("b", net.b)`,
  // c3
  `rate := 0.01
live := viz.Live("training")`,
  // c4
  `for step := range 40 {
	logits := net.Forward(x)
	loss := lossOf(logits, labels, step)
	loss.Backward()
	optim.NewSGD(net.Params(), optim.SGDOptions{LR: rate}).Step()
	net.ZeroGrad()
	live.Add("loss", step, loss.Item())
}
live.Close()
rate`,
];

const state = (page, want) => page.waitForSelector(`.debugger[data-debug="${want}"]`);
const line = (page, id, n) => page.waitForSelector(`[data-cell="${id}"] .stop-line[data-line="${n}"]`);
const slot = (page, id, n) => cell(page, id).locator(`.slot[data-line="${n}"]`);
const press = (page, id) => page.click(`.debugger [data-command="${id}"]`);
const value = (page, name) => page.locator(`[data-variable="${name}"] .var-value`).first().innerText();

async function shoot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

test("a conditional breakpoint in a loss function stops the loop, and everything can be looked at", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", ...training);
  const page = await open(server, "a.ipynb", { width: 1500, height: 950 });
  await page.click('[data-command="debug"]');
  await state(page, "running");
  await slot(page, "c1", 3).click();
  await page.locator('[data-point="c1:3"] button[aria-label^="Edit"]').click();
  await page.fill('[data-point="c1:3"] input[aria-label="Condition"]', "step == 10 && loss.Item() > 0.1");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-cell="c1"] .slot.conditional[data-line="3"]');
  await page.click('[data-command="run-all"]');
  await state(page, "paused");
  await line(page, "c1", 3);
  equal(await value(page, "step"), "10");
  await page.waitForSelector('[data-kernel="paused"]');
  await shoot(page, "debug-paused");

  // the logits, from the frame of the loop
  await page.locator('[data-variable="logits"] button[aria-label^="Look at"]').first().click();
  await page.waitForSelector('[data-tensor="logits"] .values td');
  equal(await page.locator('[data-tensor="logits"] tbody tr').count(), 40);
  check((await page.locator(".tensor-type").innerText()).includes("[64 2]"), await page.locator(".tensor-type").innerText());
  equal(await page.locator('[data-tensor="logits"] dd[data-nan]').getAttribute("data-nan"), "0");
  await page.click('[data-tensor="logits"] [role="tab"]:has-text("origin")');
  await page.waitForSelector(".tape .frame");
  check((await page.locator(".tape").innerText()).includes("line 8"), await page.locator(".tape").innerText());
  await shoot(page, "debug-tensor");
  await page.click('[aria-label="Close the tensor"]');

  // the caller's frame, and another learning rate
  await page.locator('[data-section="Call stack"] .frame').nth(1).click();
  await page.waitForSelector('[data-cell="c4"] .stop-line.outer[data-line="3"]');
  await page.click('[data-section="Console"] h3 button');
  await page.fill('[aria-label="Evaluate in the frame"]', "rate = 0.5");
  await page.keyboard.press("Enter");
  await page.fill('[aria-label="Expression to watch"]', "rate * 2");
  await page.keyboard.press("Enter");
  await until("the watch", async () => (await page.locator('[data-watch="rate * 2"] .var-value').innerText()) === "1");

  // step out to the loop, over, and into the module's Forward
  await press(page, "debug-out");
  await line(page, "c4", 4);
  for (const next of [5, 6, 7, 2]) {
    await press(page, "debug-over");
    await line(page, "c4", next);
  }
  await press(page, "debug-into");
  await line(page, "c2", 7);
  equal((await page.locator('[data-section="Call stack"] .frame').first().innerText()).includes("Forward"), true);
  await shoot(page, "debug-into");

  await slot(page, "c1", 3).click(); // no longer
  await press(page, "debug-continue");
  await done(page, "c4");
  equal((await output(page, "c4")).includes("0.5"), true);
  check((await page.locator('[data-cell="c3"] canvas').count()) > 0, "the curve is drawn");
  equal(page.problems, []);
});

test("what was set survives a reload of the page, and a stopped program is found again", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "func f(n int) int {\n\tm := n * 2\n\treturn m\n}", "f(21)");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="debug"]');
  await state(page, "running");
  await slot(page, "c0", 3).click();
  await page.click('[data-command="run-all"]');
  await state(page, "paused");
  await page.reload();
  await page.waitForSelector(".cell");
  await state(page, "paused");
  await line(page, "c0", 3);
  equal(await value(page, "m"), "42");
  await page.locator('[data-variable="m"] .var-value').dblclick();
  await page.waitForSelector(".vars .debug-field:focus");
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await until("the new value", async () => (await value(page, "m")) === "7");
  await press(page, "debug-continue");
  await done(page, "c1");
  equal((await output(page, "c1")).trim(), "7");
});

test("a panic and the first NaN stop the program where they happen", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", 'import t "github.com/lathe-ml/lathe/eager"',
    "a := t.New([]float64{1, -1})\nb := a.Sqrt()\nb.Sum()", "var list []int\ni := 3\nlist[i] = 1");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="debug"]');
  await state(page, "running");
  const nan = page.locator(".filter-row label", { hasText: /NaN/ }).first().locator("input");
  await nan.check();
  const panic = page.locator(".filter-row label", { hasText: /[Pp]anic/ }).first().locator("input");
  await panic.check();
  await page.click('[data-command="run-all"]');
  await state(page, "paused");
  await line(page, "c1", 2);
  check(/NaN/.test(await page.locator(".why").innerText()), await page.locator(".why").innerText());
  await press(page, "debug-continue");
  await line(page, "c2", 3);
  check(/index out of range/.test(await page.locator(".why").innerText()), await page.locator(".why").innerText());
  equal(await value(page, "i"), "3");
  await press(page, "debug-continue");
  await done(page, "c2", "error");
});

test("breakpoints move with the text, a loop is paused, detaching lets it run", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "n := 0\nfor n < 1_000_000_000_000 {\n\tn++\n}", "n");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="debug"]');
  await state(page, "running");
  await slot(page, "c0", 3).click();
  await enter(page, "c0");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("// a line before\n");
  await page.waitForSelector('[data-cell="c0"] .slot.set[data-line="4"]');
  await page.click('[data-command="run"]');
  await line(page, "c0", 4);
  await slot(page, "c0", 4).click();
  await press(page, "debug-continue");
  await state(page, "running");
  await press(page, "debug-pause");
  await state(page, "paused");
  check(Number(await value(page, "n")) > 0, await value(page, "n"));
  await page.click('[aria-label="Detach the debugger"]');
  await until("no panel", async () => (await page.locator(".debugger").count()) === 0);
  await page.click('[data-command="interrupt"]');
  await done(page, "c0", "error");
  
});

test("a gradient stops the backward pass, a function runs again, and steps go into a package of the folder", async () => {
  const server = await Server.start();
  mkdirSync(`${server.dir}/scale`);
  writeFileSync(`${server.dir}/go.mod`, "module example.com/study\n\ngo 1.26\n");
  writeFileSync(`${server.dir}/scale/scale.go`, "// Package scale scales.\npackage scale\n\n// By doubles.\nfunc By(x int) int {\n\ty := x * 2\n\treturn y\n}\n");
  server.notebook("a.ipynb", 'import (\n\tt "github.com/lathe-ml/lathe/eager"\n\t"github.com/lathe-ml/lathe/eager/nn"\n\t"example.com/study/scale"\n)\nnet := nn.NewLinear(2, 1)',
    "net.Forward(t.Ones(3, 2)).Sum().Backward()", "func f(n int) int {\n\tm := scale.By(n)\n\treturn m + 1\n}\nf(20)");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="debug"]');
  await state(page, "running");
  await enter(page, "c0");
  await page.click('[data-command="run"]');
  await done(page, "c0");
  await page.click('[aria-label="Stop when a gradient reaches net"]');
  await page.waitForSelector('[data-gradient="net"]');
  await enter(page, "c1");
  await page.click('[data-command="run"]');
  await state(page, "paused");
  await line(page, "c1", 1);
  check(/gradient of net/.test(await page.locator(".why").innerText()), await page.locator(".why").innerText());
  await page.click('[aria-label="No longer stop at the gradient of net"]');
  await press(page, "debug-continue");
  await done(page, "c1");

  await slot(page, "c2", 2).click();
  await enter(page, "c2");
  await page.click('[data-command="run"]');
  await line(page, "c2", 2);
  await press(page, "debug-into");
  await page.waitForSelector('.source-view mark[data-line="6"]');
  equal(await page.locator(".source-view figcaption").innerText(), "scale.go");
  equal(await value(page, "x"), "20");
  await shoot(page, "debug-package");
  await press(page, "debug-over");
  await page.waitForSelector('.source-view mark[data-line="7"]');
  await page.locator('[data-variable="y"] .var-value').dblclick();
  await page.waitForSelector(".vars .debug-field:focus");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await until("the new value", async () => (await value(page, "y")) === "1");
  await page.locator('[data-section="Call stack"] .frame-row').nth(1).hover();
  await slot(page, "c2", 2).click();
  await page.click('[aria-label="Run f again"]');
  await line(page, "c2", 2);
  await press(page, "debug-continue");
  await done(page, "c2");
  equal((await output(page, "c2")).trim(), "41");
  equal(page.problems, []);
});

test("a cell is edited in a stop, and a kernel that restarts in one stops again", async () => {
  const server = await Server.start();
  server.notebook("a.ipynb", "func f(n int) int {\n\tm := n * 2\n\treturn m\n}", "f(4)");
  const page = await open(server, "a.ipynb");
  await page.click('[data-command="debug"]');
  await state(page, "running");
  await slot(page, "c0", 3).click();
  await page.click('[data-command="run-all"]');
  await line(page, "c0", 3);
  await enter(page, "c0"); // the program runs the code as it was
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("// changed\n");
  await page.waitForSelector('[data-cell="c0"] .slot.set[data-line="4"]');
  await press(page, "debug-continue");
  await done(page, "c1");
  equal((await output(page, "c1")).trim(), "8");
  await page.click('[data-command="run-all"]');
  await line(page, "c0", 4);
  await page.click('[data-command="restart"]');
  await page.click("dialog button.danger");
  await state(page, "running");
  await page.waitForSelector('[data-kernel="idle"]');
  equal(await page.locator('[data-cell="c0"] .stop-line').count(), 0);
  await page.click('[data-command="run-all"]');
  await line(page, "c0", 4);
  equal(await value(page, "m"), "8");
  await press(page, "debug-continue");
  await done(page, "c1");
  equal(page.problems, []);
});

await main();
