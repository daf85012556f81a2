// "Export to graph mode": picks a module and examples, and writes the cell that traces, checks and exports it.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { insertAt } from "./commands";
import { Modal } from "./dialogs";
import type { JsonObject } from "./protocol";
import { select, selected, session } from "./ui";

/** The module whose dialog is open; "" asks for one, null is no dialog. */
export const exporting = signal<string | null>(null);

interface Named { name: string; module: boolean; tensor: boolean }

export function ExportBox(): JSX.Element | null {
  const s = session.value;
  const [known, setKnown] = useState<Named[]>([]);
  const [module, setModule] = useState(exporting.value ?? "");
  const [examples, setExamples] = useState("");
  const [path, setPath] = useState("");
  const [formats, setFormats] = useState({ ONNX: true, Go: false, Fold: true });
  useEffect(() => {
    void s?.debug.request("inspectVariables").then((body) => {
      const all = (Array.isArray(body.variables) ? body.variables as JsonObject[] : []).map((v) => ({
        name: String(v.name), module: v.latheModule === true, tensor: v.latheTensor === true,
      }));
      setKnown(all);
      setModule((m) => m || (all.find((v) => v.module)?.name ?? ""));
      setExamples((x) => x || (all.find((v) => v.tensor)?.name ?? ""));
    }, () => undefined); // without a kernel there is nothing to offer
  }, []);
  if (!s) return null;
  const close = () => {
    exporting.value = null;
    if (selected.value) select(selected.value, { scroll: false });
  };
  const start = () => {
    const c = insertAt(s.notebook.index(selected.value) + 1, "code", cellOf(module, path || fileName(module), examples, formats));
    close();
    select(c.id);
    void s.run([c.id], true);
  };
  const check = (key: "ONNX" | "Go" | "Fold", label: string) => (
    <label class="check"><input type="checkbox" checked={formats[key]} name={key} onChange={(e) => setFormats({ ...formats, [key]: e.currentTarget.checked })} />{label}</label>
  );
  const field = (label: string, value: string, set: (v: string) => void, names: string, hint: string, focus = false) => (
    <label>{label}
      <input value={value} list={names} placeholder={hint} spellcheck={false} aria-label={label} autofocus={focus} onInput={(e) => set(e.currentTarget.value)} />
    </label>
  );
  return (
    <Modal label="Export to graph mode" close={close} class="question export">
      <form onSubmit={(e) => { e.preventDefault(); if (module.trim() && examples.trim()) start(); }}>
        <h2>Export to graph mode</h2>
        <p>The module is traced with examples, compared with them, and written to files that run without the notebook.</p>
        {field("Module", module, setModule, "export-modules", "net", !exporting.value)}
        {field("Examples", examples, setExamples, "export-tensors", "x, or eager.Randn(1, 1, 28, 28)", Boolean(exporting.value))}
        {field("File, without ending", path, setPath, "", fileName(module))}
        <div class="checks">
          <label class="check"><input type="checkbox" checked disabled />.lathe</label>
          {check("ONNX", "ONNX")}{check("Go", "Go package with weights")}{check("Fold", "fold batch normalisation")}
        </div>
        <datalist id="export-modules">{known.filter((v) => v.module).map((v) => <option key={v.name} value={v.name} />)}</datalist>
        <datalist id="export-tensors">{known.filter((v) => v.tensor).map((v) => <option key={v.name} value={v.name} />)}</datalist>
        <div class="buttons">
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button class="button primary" disabled={!module.trim() || !examples.trim()}>Export</button>
        </div>
      </form>
    </Modal>
  );
}

const fileName = (module: string) => module.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "network";

function cellOf(module: string, path: string, examples: string, o: { ONNX: boolean; Go: boolean; Fold: boolean }): string {
  const on = Object.entries(o).filter(([, v]) => v).map(([k]) => `${k}: true`).join(", ");
  return `// ${module} as files that run without this notebook\n`
    + `export.Must(export.Module(${module}, ${JSON.stringify(path)}, export.Options{${on}}, ${examples}))`;
}
