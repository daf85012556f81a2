// The contents API.

import { config, encodePath } from "./config";

export interface Entry {
  name: string;
  path: string;
  type: "directory" | "notebook" | "file";
  last_modified: string;
  size: number | null;
  writable: boolean;
  content: Entry[] | null;
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(config.base + "api/contents/" + encodePath(path), {
    method, headers: { "X-XSRFToken": config.xsrf, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (answer.status === 204) return undefined as T;
  const data = await answer.json() as T & { message?: string };
  if (!answer.ok) throw new Error(data.message ?? answer.statusText);
  return data;
}

export const list = (dir: string) => call<Entry>("GET", dir);
export const create = (dir: string, type: Entry["type"]) => call<Entry>("POST", dir, { type });
export const rename = (path: string, to: string) => call<Entry>("PATCH", path, { path: to });
export const remove = (path: string) => call<void>("DELETE", path);

export async function upload(path: string, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  await call("PUT", path, { type: "file", format: "base64", content: btoa(binary) });
}
