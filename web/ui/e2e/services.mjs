// JupyterLab's own client, @jupyterlab/services, over the lathe binary's REST and websockets.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { check, equal, main, Server, test } from "./lib.mjs";

const require = createRequire(import.meta.url);
const { ServerConnection, KernelManager, SessionManager, KernelSpecManager, ContentsManager, Drive } =
  require("@jupyterlab/services");

function settings(server) {
  const { origin } = new URL(server.url);
  return ServerConnection.makeSettings({
    baseUrl: origin + "/", wsUrl: origin.replace("http", "ws") + "/", token: "e2e", appendToken: true,
    WebSocket: require("ws"), fetch, Request, Headers,
  });
}

/** Runs code; returns the reply's content and the iopub messages. */
async function run(kernel, code) {
  const messages = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = (m) => messages.push(m);
  const reply = await future.done;
  return { ...reply.content, messages };
}

const text = (messages) => messages.filter((m) => m.header.msg_type === "stream").map((m) => m.content.text).join("");

test("JupyterLab's client starts, executes, completes, inspects, interrupts and restarts", async () => {
  const server = await Server.start();
  const serverSettings = settings(server);
  const specs = new KernelSpecManager({ serverSettings });
  await specs.ready;
  equal(specs.specs.default in specs.specs.kernelspecs, true);

  const kernels = new KernelManager({ serverSettings });
  const kernel = await kernels.startNew({ name: specs.specs.default });
  equal((await kernel.info).language_info.name, "go");

  let r = await run(kernel, 'x := 6\nfmt.Println("hello")\nx * 7');
  equal(r.status, "ok");
  equal(text(r.messages), "hello\n");
  equal(r.messages.find((m) => m.header.msg_type === "execute_result").content.data["text/plain"], "42");
  r = await run(kernel, "undefinedName");
  equal(r.status, "error");
  check(r.evalue.includes("undefinedName"), r.evalue);

  const complete = await kernel.requestComplete({ code: "strings.ToUp", cursor_pos: 12 });
  check(complete.content.matches.includes("ToUpper"), complete.content.matches);
  const inspect = await kernel.requestInspect({ code: "x", cursor_pos: 1, detail_level: 0 });
  check(inspect.content.found, inspect.content);
  equal((await kernel.requestIsComplete({ code: "for {" })).content.status, "incomplete");

  const endless = kernel.requestExecute({ code: "for { }" });
  await new Promise((begun) => {
    endless.onIOPub = (m) => { if (m.header.msg_type === "execute_input") begun(); };
  });
  await kernel.interrupt();
  equal((await endless.done).content.status, "error");
  equal((await run(kernel, "fmt.Println(x)")).status, "ok");

  await kernel.restart();
  equal((await run(kernel, "x")).status, "error");
  equal((await run(kernel, "1 + 1")).status, "ok");
  await kernel.shutdown();
  kernels.dispose();
  specs.dispose();
});

test("JupyterLab's client reads and writes notebooks and keeps a session for one", async () => {
  const server = await Server.start();
  const serverSettings = settings(server);
  server.notebook("a.ipynb", "1 + 1");
  const contents = new ContentsManager({ defaultDrive: new Drive({ serverSettings }) });
  const listing = await contents.get("");
  check(listing.content.some((f) => f.name === "a.ipynb" && f.type === "notebook"), listing.content);
  const book = await contents.get("a.ipynb", { type: "notebook", format: "json", content: true });
  equal(book.content.nbformat, 4);
  book.content.cells[0].source = "2 + 2";
  await contents.save("b.ipynb", { type: "notebook", format: "json", content: book.content });
  const again = await contents.get("b.ipynb", { content: true });
  equal([again.content.cells[0].source].flat().join(""), "2 + 2");
  await contents.rename("b.ipynb", "c.ipynb");
  await contents.delete("c.ipynb");

  const kernels = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ kernelManager: kernels, serverSettings });
  const session = await sessions.startNew({ path: "a.ipynb", type: "notebook", name: "a.ipynb", kernel: { name: "lathe" } });
  equal((await run(session.kernel, "40 + 2")).status, "ok");
  await session.shutdown();
  sessions.dispose();
  kernels.dispose();
  contents.dispose();
});

/** Resident memory of the server's only kernel process, in MiB. */
function resident(server) {
  for (const pid of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      if (Number(parent?.[1]) === server.process.pid) {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
      }
    } catch { /* the process has ended */ }
  }
  throw new Error("no kernel process");
}

test("a million printed lines arrive complete and in order", async () => {
  const server = await Server.start();
  const kernels = new KernelManager({ serverSettings: settings(server) });
  const kernel = await kernels.startNew({ name: "lathe" });
  equal((await run(kernel, "1")).status, "ok");
  const before = resident(server);
  let next = 0;
  let rest = "";
  const future = kernel.requestExecute({ code: "for i := range 1000000 { fmt.Println(i) }" });
  future.onIOPub = (m) => {
    if (m.header.msg_type !== "stream") return;
    const lines = (rest + m.content.text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line !== String(next)) throw new Error(`line ${next} is ${line}`);
      next += 1;
    }
  };
  equal((await future.done).content.status, "ok");
  equal(next, 1000000);
  const grown = resident(server) - before;
  check(grown < 100, `the kernel grew by ${grown.toFixed(0)} MiB`);
  await kernel.shutdown();
  kernels.dispose();
});

await main();
