// The file browser: a page of its own, and the side bar of a notebook.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { basename, config, dirname, encodePath, join } from "./config";
import { Icon } from "./icons";
import * as rest from "./rest";
import { link, navigate } from "./route";
import { ask } from "./ui";

/** Grows when files may have changed. */
export const filesChanged = signal(0);

interface Props {
  dir: string;
  open?: string;
  compact?: boolean;
  onDir: (dir: string) => void;
}

export function Browser({ dir, open, compact, onDir }: Props): JSX.Element {
  const [entries, setEntries] = useState<rest.Entry[] | null>(null);
  const [problem, setProblem] = useState("");
  const [over, setOver] = useState(false);
  const [filter, setFilter] = useState("");
  const picker = useRef<HTMLInputElement>(null);
  const unread = useRef(false); // the problem shown is that the folder could not be read
  const load = async () => {
    try {
      const list = (await rest.list(dir)).content ?? [];
      list.sort((a, b) => Number(b.type === "directory") - Number(a.type === "directory") ||
        a.name.localeCompare(b.name, undefined, { numeric: true }));
      setEntries(list);
      if (unread.current) setProblem(""); // that of an action stays until the next one
      unread.current = false;
    } catch (e) {
      setEntries([]);
      unread.current = true;
      setProblem(String((e as Error).message));
    }
  };
  useEffect(() => { void load(); }, [dir, filesChanged.value]);
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setProblem("");
    } catch (e) {
      setProblem(String((e as Error).message));
    }
    filesChanged.value++;
  };
  const make = (type: rest.Entry["type"]) => attempt(async () => {
    const made = await rest.create(dir, type);
    if (type === "notebook") navigate("notebooks", made.path);
  });
  const send = (files: FileList | null) => attempt(async () => {
    for (const f of files ?? []) {
      const path = join(dir, f.name);
      if (entries?.some((e) => e.name === f.name)) {
        const yes = await ask({ title: `Replace ${f.name}?`, text: "There is a file with this name.", action: "Replace", danger: true });
        if (yes === null) continue;
      }
      await rest.upload(path, f);
    }
  });
  const shown = (entries ?? []).filter((e) => e.name.toLowerCase().includes(filter.toLowerCase()));
  return (
    <div class={`browser ${compact ? "compact" : ""} ${over ? "drop" : ""}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void send(e.dataTransfer?.files ?? null); }}>
      <div class="browser-bar">
        <Crumbs dir={dir} onDir={onDir} />
        <span class="grow" />
        {!compact && (
          <label class="filter"><Icon name="search" size={14} />
            <input placeholder="Filter" aria-label="Filter files" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
          </label>
        )}
        <button class="button quiet" title="Upload files" aria-label="Upload files" onClick={() => picker.current?.click()}><Icon name="upload" /></button>
        <button class="button quiet" title="New folder" aria-label="New folder" onClick={() => void make("directory")}><Icon name="folder" /></button>
        <button class={compact ? "button quiet" : "button primary"} title="New notebook" aria-label="New notebook" onClick={() => void make("notebook")}>
          <Icon name="plus" />{!compact && " New notebook"}
        </button>
        <input type="file" multiple hidden ref={picker} onChange={(e) => { void send(e.currentTarget.files); e.currentTarget.value = ""; }} />
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
      <ul class="files">
        {dir && (
          <li class="file"><a {...link("tree", dirname(dir), () => onDir(dirname(dir)))}><Icon name="up" /><span class="name">..</span></a></li>
        )}
        {shown.map((e) => <Row key={e.path} entry={e} active={e.path === open} compact={compact} onDir={onDir} attempt={attempt} />)}
      </ul>
      {entries?.length === 0 && !problem && (
        <p class="empty">This folder is empty. Create a notebook, or drop files here.</p>
      )}
    </div>
  );
}

function Crumbs({ dir, onDir }: { dir: string; onDir: (dir: string) => void }) {
  const parts = dir ? dir.split("/") : [];
  return (
    <nav class="crumbs" aria-label="Folder">
      <a {...link("tree", "", () => onDir(""))} title="Top folder"><Icon name="home" /> {parts.length === 0 && config.root}</a>
      {parts.map((p, i) => {
        const path = parts.slice(0, i + 1).join("/");
        return <span key={path}><span class="slash">/</span><a {...link("tree", path, () => onDir(path))}>{p}</a></span>;
      })}
    </nav>
  );
}

function size(bytes: number | null): string {
  if (bytes === null) return "";
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let n = bytes / 1000, u = 0;
  while (n >= 1000 && u < 2) { n /= 1000; u++; }
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[u]}`;
}

function age(time: string): string {
  const s = (Date.now() - new Date(time).getTime()) / 1000;
  if (s < 60) return "just now";
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

interface RowProps {
  entry: rest.Entry;
  active: boolean;
  compact?: boolean;
  onDir: (dir: string) => void;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

function Row({ entry: e, active, compact, onDir, attempt }: RowProps) {
  const target = e.type === "directory" ? link("tree", e.path, () => onDir(e.path))
    : e.type === "notebook" ? link("notebooks", e.path)
    : { href: config.base + "files/" + encodePath(e.path) + "?download", download: e.name };
  const renameIt = async () => {
    const name = await ask({ title: "Rename", text: e.path, action: "Rename", input: e.name });
    if (name && name !== e.name) await attempt(() => rest.rename(e.path, join(dirname(e.path), name)));
  };
  const removeIt = async () => {
    const yes = await ask({ title: `Delete ${basename(e.path)}?`, text: "It is removed from the disk.", action: "Delete", danger: true });
    if (yes !== null) await attempt(() => rest.remove(e.path));
  };
  return (
    <li class={`file file-${e.type} ${active ? "active" : ""}`}>
      <a {...target}>
        <Icon name={e.type === "directory" ? "folder" : e.type} />
        <span class="name">{e.name}</span>
        {!compact && <span class="size">{size(e.size)}</span>}
        {!compact && <span class="age">{age(e.last_modified)}</span>}
      </a>
      <span class="actions">
        <button class="tool" title="Rename" aria-label={`Rename ${e.name}`} onClick={() => void renameIt()}><Icon name="edit" size={14} /></button>
        <button class="tool" title="Delete" aria-label={`Delete ${e.name}`} onClick={() => void removeIt()}><Icon name="trash" size={14} /></button>
      </span>
    </li>
  );
}
