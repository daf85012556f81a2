// What the server tells the page in its <meta name="lathe"> tag.

interface Config {
  base: string;
  xsrf: string;
  version: string;
  root: string;
}

const tag = document.querySelector<HTMLMetaElement>('meta[name="lathe"]');

export const config: Config = JSON.parse(tag?.content ?? "{}");

/** Encodes each element of a slash-separated path for use in a URL. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function dirname(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function join(dir: string, name: string): string {
  return dir ? dir + "/" + name : name;
}
