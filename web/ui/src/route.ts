// Which page is shown: tree/DIR or notebooks/PATH below the base URL.

import { signal } from "@preact/signals";
import { config, encodePath } from "./config";

export interface Route {
  page: "tree" | "notebooks";
  path: string;
}

function parse(): Route {
  const rest = location.pathname.slice(config.base.length);
  const [page, ...parts] = rest.split("/");
  const path = parts.map(decodeURIComponent).join("/");
  return page === "notebooks" && path ? { page, path } : { page: "tree", path: page === "tree" ? path : "" };
}

export const route = signal<Route>(parse());

addEventListener("popstate", () => { route.value = parse(); });

export function urlOf(page: Route["page"], path: string): string {
  return config.base + page + (path ? "/" + encodePath(path) : "");
}

export function navigate(page: Route["page"], path: string, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", urlOf(page, path));
  route.value = { page, path };
}

/** Properties of a link that navigates here with a plain click and opens a tab with others. */
export function link(page: Route["page"], path: string, go = () => navigate(page, path)) {
  return {
    href: urlOf(page, path),
    onClick: (e: MouseEvent) => {
      if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
      e.preventDefault();
      go();
    },
  };
}
