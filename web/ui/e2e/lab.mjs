// A real JupyterLab, over the installed kernelspec of the lathe binary: an example, and the debugger.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { equal, main, newPage, test, until } from "./lib.mjs";

const lathe = process.env.LATHE_E2E_LATHE;
const python = process.env.LATHE_PYTHON;

const cells = [
  `import (
	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)
net := nn.NewLinear(2, 1)`,
  `func loss(x *t.Tensor, step int) *t.Tensor {
	y := net.Forward(x)
	l := y.Mul(y).Mean()
	return l
}`,
  `rate := 0.1
for step := range 3 {
	l := loss(t.Ones(3, 2), step)
	l.Backward()
}
rate`,
];

/**
 * Acts until it shows. JupyterLab drops a click on a gutter whose editor is not yet bound to the debugger, keys
 * typed into a console whose editor is still being made or before it knows of a stop, and a removal that crosses its
 * own update after a stop.
 */
async function insist(what, shows, act) {
  for (let failed = 0; ; failed++) {
    await act(failed);
    try {
      return await until(what, shows, 10000);
    } catch (e) {
      if (failed === 6) throw e;
    }
  }
}

/** JupyterLab on a folder of its own with a notebook of these code cells. */
async function lab(sources) {
  const dir = mkdtempSync(join(tmpdir(), "lathe-lab-"));
  const port = await new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
  const env = {
    ...process.env, HOME: dir, JUPYTER_DATA_DIR: join(dir, "data"), JUPYTER_CONFIG_DIR: join(dir, "config"),
    JUPYTER_RUNTIME_DIR: join(dir, "run"), JUPYTERLAB_SETTINGS_DIR: join(dir, "settings"), JUPYTERLAB_WORKSPACES_DIR: join(dir, "spaces"),
  };
  execFileSync(lathe, ["kernel", "install"], { env });
  const settings = join(dir, "settings", "@jupyterlab", "apputils-extension");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "notification.jupyterlab-settings"), '{"fetchNews": "false", "checkForUpdates": false}');
  writeFileSync(join(dir, "a.ipynb"), JSON.stringify({
    nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: "lathe", display_name: "Go (Lathe)", language: "go" } },
    cells: sources.map((source, i) => ({ id: `c${i}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null })),
  }));
  const process_ = spawn(python, ["-m", "jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1", `--port=${port}`,
    "--ServerApp.port_retries=0", "--IdentityProvider.token=", `--notebook-dir=${dir}`], { env, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await until("JupyterLab", async () => {
    if (process_.exitCode !== null) throw new Error(`JupyterLab ended with ${process_.exitCode}; pip install jupyterlab`);
    return fetch(url + "/api").then((r) => r.ok, () => false);
  });
  const saved = () => { // [] while JupyterLab writes it
    try {
      return JSON.parse(readFileSync(join(dir, "a.ipynb"), "utf8")).cells;
    } catch {
      return [];
    }
  };
  return { url: url + "/lab/tree/a.ipynb?reset", saved, end: () => { process_.kill("SIGKILL"); rmSync(dir, { recursive: true, force: true, maxRetries: 5 }); } };
}

test("JupyterLab runs the digits example", async () => {
  const example = JSON.parse(readFileSync("../../../examples/03-digits.ipynb", "utf8"));
  const server = await lab(example.cells.filter((c) => c.cell_type === "code").map((c) => [c.source].flat().join("")));
  try {
    const page = await newPage(server, { width: 1500, height: 950 });
    await page.locator(".jp-NotebookPanel .jp-Toolbar-kernelName", { hasText: "Go (Lathe)" }).waitFor();
    await page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").waitFor();
    await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Run$/ }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: /^Run All Cells$/ }).click();
    let cells;
    await until("the last cell", async () => {
      await page.keyboard.press("Control+S");
      cells = server.saved();
      return cells.length > 0 && cells.every((c) => c.execution_count) || cells.some((c) => c.outputs.some((o) => o.output_type === "error"));
    }, 240000);
    const outputs = cells.flatMap((c) => c.outputs);
    equal(outputs.filter((o) => o.output_type === "error").map((o) => o.evalue), []);
    equal(outputs.some((o) => JSON.stringify(o).includes("accuracy")), true);
  } finally {
    server.end();
  }
});

test("JupyterLab's panel stops a loop, shows and sets variables, steps and goes on", async () => {
  const server = await lab(cells);
  try {
    const page = await newPage(server, { width: 1500, height: 950 });
    const cell = (n) => page.locator(".jp-Notebook .jp-Cell").nth(n);
    const variables = () => page.locator(".jp-DebuggerVariables").first().innerText();
    const stack = async () => (await page.locator(".jp-DebuggerCallstack-body").first().innerText()).replace(/\S*\/\d+\.go/g, "").replace(/\s+/g, " ").trim();
    const prompt = (n) => cell(n).locator(".jp-InputPrompt").innerText();
    const run = async (n) => {
      await cell(n).locator(".cm-content").click();
      await page.keyboard.press("Shift+Enter");
    };
    await cell(2).waitFor();
    await page.locator(".jp-NotebookPanel .jp-Toolbar-kernelName", { hasText: "Go (Lathe)" }).waitFor();
    const bug = page.locator(".jp-DebuggerBugButton").first();
    await until("the debugger", async () => await bug.getAttribute("aria-disabled") === "false");
    const debugging = (on) => insist("debugging " + on, async () => await bug.getAttribute("aria-pressed") === on, async () => {
      if (await bug.getAttribute("aria-pressed") !== on) await bug.click();
    });
    await debugging("true");
    await page.locator(".jp-DebuggerCallstack").first().waitFor();
    await run(0);
    await until("cell 1", async () => await prompt(0) === "[1]:");
    const breakpoints = () => page.locator(".jp-DebuggerBreakpoints").innerText();
    await insist("the breakpoint", async () => (await breakpoints()).includes(".go"), async (failed) => {
      if (failed > 1) { // switched on while JupyterLab was still loading, it never binds the editors: off and on
        await debugging("false");
        await debugging("true");
      }
      const line = await cell(1).locator(".cm-line").nth(2).boundingBox();
      const gutter = await cell(1).locator(".cm-breakpoint-gutter").first().boundingBox();
      await page.mouse.click(gutter.x + gutter.width / 2, line.y + line.height / 2);
    });
    await run(1);
    await until("cell 2", async () => await prompt(1) === "[2]:");
    await run(2);
    await until("the stop", async () => await stack() === "loss :3 cell :3");
    await until("the variables", async () => /step\s+0\b[^]*y\s+f32\[3 1\]/.test(await variables()));

    const key = async (k, want) => {
      const before = await stack();
      await insist(`${want} after ${k}`, async () => await stack() === want, async () => {
        if (await stack() === before) await page.keyboard.press(k);
      });
    };
    await key("F10", "loss :4 cell :3");
    await key("Shift+F11", "cell :4");
    await page.locator('jp-button[title^="Evaluate"]').click();
    const input = page.locator(".jp-CodeConsole-input .cm-content");
    await insist("the new value", async () => /step\s+7\b/.test(await variables()), async () => {
      await input.click();
      await page.keyboard.press("Control+A");
      await page.keyboard.type("rate = 0.5; step = 7");
      await page.keyboard.press("Shift+Enter");
    });
    await key("F11", "cell :3");
    await key("F9", "loss :3 cell :3");
    await insist("no breakpoints", async () => !(await breakpoints()).includes(".go"), async () => {
      await page.locator('jp-button[title^="Remove All"]').click();
      await page.locator(".jp-Dialog button.jp-mod-accept, .jp-Dialog .jp-mod-warn").first().click();
    });
    await insist("the end", async () => await prompt(2) === "[3]:", () => page.keyboard.press("F9"));
    equal((await cell(2).locator(".jp-OutputArea-output").innerText()).trim(), "0.5");
  } finally {
    server.end();
  }
});

await main();
