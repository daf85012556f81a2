// The page starts here.

import { render } from "preact";
import { Browser } from "./browser";
import { Dialogs } from "./dialogs";
import { Icon, Logo } from "./icons";
import { navigate, route } from "./route";
import { dark, toggleTheme } from "./settings";
import { session } from "./ui";
import { Workbench } from "./workbench";

function Tree({ dir }: { dir: string }) {
  document.title = "Lathe";
  return (
    <div class="tree">
      <header class="header">
        <div class="header-left"><span class="home"><Logo /></span><span class="brand">Lathe</span></div>
        <div class="header-right">
          <button class="button quiet" title="Light or dark" aria-label="Light or dark" onClick={toggleTheme}>
            <Icon name={dark.value ? "sun" : "moon"} />
          </button>
        </div>
      </header>
      <main class="tree-main"><Browser dir={dir} onDir={(to) => navigate("tree", to)} /></main>
    </div>
  );
}

function App() {
  const { page, path } = route.value;
  return (
    <>
      {page === "notebooks" ? <NotebookPage path={path} /> : <Tree dir={path} />}
      <Dialogs />
    </>
  );
}

// A renamed notebook keeps its session, so the session's own path decides, not the route's.
let opened = "";
let opening = 0;

function NotebookPage({ path }: { path: string }) {
  if (path !== opened && !renamed(path)) opening++;
  opened = path;
  return <Workbench key={opening} path={path} />;
}

function renamed(path: string): boolean { return session.value?.path === path; }

render(<App />, document.getElementById("app")!);
