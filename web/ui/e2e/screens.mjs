// A tour: every kind of output, light and dark. With LATHE_SHOTS it leaves screenshots to look at.

import { check, done, enter, main, newPage, open, Server, shots, test, cell } from "./lib.mjs";

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="260" height="90"><rect width="260" height="90" rx="10" fill="#eef3ff"/><circle cx="50" cy="45" r="26" fill="#2456d6"/><rect x="96" y="26" width="130" height="12" rx="6" fill="#9db8ff"/><rect x="96" y="50" width="84" height="12" rx="6" fill="#c9d8ff"/></svg>';
const intro = `# Digits, step by step

A small convolutional network learns to read handwritten digits. The loss is the cross entropy

$$\\mathcal{L}(\\theta) = -\\frac{1}{N}\\sum_{i=1}^{N} \\log p_\\theta(y_i \\mid x_i)$$

with $\\theta$ updated by **Adam**, learning rate \`1e-3\`.

- 10,000 images of 28 × 28 pixels
- a [LeNet](https://example.org/lenet) with two convolutions

| layer | output | parameters |
|---|---|---|
| conv 5×5 | 8 × 24 × 24 | 208 |
| linear | 10 | 1,290 |`;
const code = `// A network is a value that holds its layers.
type Net struct {
	conv1, conv2 *nn.Conv2D
	head         *nn.Linear
}

func (n *Net) Forward(x *t.Tensor) *t.Tensor {
	x = n.conv1.Forward(x).ReLU().MaxPool2D(2)
	x = n.conv2.Forward(x).ReLU().MaxPool2D(2)
	return n.head.Forward(x.Flatten(1)) // logits
}
fmt.Printf("%d parameters, seed %v\\n", 21840, "0x2a")`;

function tour(server) {
  server.notebook("digits.ipynb", { md: intro },
    { cell: { cell_type: "code", source: code, execution_count: 1, outputs: [{ output_type: "stream", name: "stdout", text: "21840 parameters, seed 0x2a\n" }] } },
    "chart 60",
    { md: "## Results\n\nThe confusion matrix has its weight on the diagonal." },
    "html <table><thead><tr><th></th><th>precision</th><th>recall</th><th>n</th></tr></thead><tbody><tr><th>0</th><td>0.991</td><td>0.987</td><td>201</td></tr><tr><th>1</th><td>0.985</td><td>0.994</td><td>228</td></tr></tbody></table>\nsvg " + svg,
    'json {"optimizer":"adam","lr":0.001,"layers":[{"kind":"conv","size":[5,5]},{"kind":"linear"}],"done":true}\nresult Tensor f32[2 3]  min -1.20  max 0.98',
    "print epoch 1\nerr warning: the learning rate is high\nprint \x1b[32mok\x1b[0m \x1b[1mbold\x1b[0m \x1b[34mblue\x1b[0m\nfail",
    "input name? ");
}

test("every output is shown in light and dark, and nothing breaks the policy", async () => {
  const server = await Server.start();
  tour(server);
  for (const dark of [false, true]) {
    const page = await open(server, "digits.ipynb", { dark, height: 1000 });
    await cell(page, "c2").click({ position: { x: 40, y: 12 } });
    await page.keyboard.press("p");
    await page.waitForSelector(".palette input:focus");
    await page.keyboard.type("all below");
    await page.keyboard.press("Enter");
    await done(page, "c6", "error");
    await page.waitForSelector('[data-cell="c2"] .chart[data-points="120"] canvas');
    await page.waitForTimeout(300);
    const name = dark ? "dark" : "light";
    if (shots) {
      await page.screenshot({ path: `${shots}/${name}-top.png` });
      await cell(page, "c4").scrollIntoViewIfNeeded();
      await page.mouse.move(500, 500);
      await page.$eval(".sheet", (s) => s.scrollBy(0, 400));
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${shots}/${name}-mid.png` });
      await page.$eval(".sheet", (s) => s.scrollTo(0, 1e6));
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${shots}/${name}-end.png` });
      await enter(page, "c1");
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${shots}/${name}-edit.png` });
      await page.keyboard.press("Escape");
      await page.keyboard.press("h");
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${shots}/${name}-help.png` });
      await page.keyboard.press("Escape");
      await page.keyboard.press("p");
      await page.waitForSelector(".palette input:focus");
      await page.keyboard.type("run");
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${shots}/${name}-palette.png` });
      await page.keyboard.press("Escape");
      await page.click('[data-command="sidebar"]');
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${shots}/${name}-sidebar.png` });
      await page.click('[data-command="sidebar"]');
    }
    check(page.problems.length === 0, "console: " + page.problems.join("; "));
  }
});

test("the file browser and the login page are shown", async () => {
  const server = await Server.start();
  tour(server);
  server.notebook("01-tensors.ipynb", "print a");
  const page = await newPage(server);
  await page.waitForSelector(".file");
  if (shots) await page.screenshot({ path: `${shots}/files.png` });
  const stranger = await newPage(server);
  await stranger.context().clearCookies();
  await stranger.goto(server.at("/tree"));
  await stranger.waitForSelector(".login input[type=password]");
  if (shots) await stranger.screenshot({ path: `${shots}/login.png` });
});

await main();
