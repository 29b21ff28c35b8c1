// Stands where JupyterLite expects pyodide.mjs: the real one, with nearly all packages in one archive, and with a folder
// that outlives the page.
import { loadPyodide as load } from "./pyodide.mjs";
import { homeOf, keep } from "./store.mjs";
export * from "./pyodide.mjs";

const here = new URL(".", import.meta.url);
const UNPACKED = ["acrlab", "ipython", "pydantic-core"]; // read as files while they run; the rest is imported from the archive

export async function loadPyodide(options) {
  const archive = fetch(new URL("site.zip", here)).then((answer) => {
    if (!answer.ok) throw new Error(`acrlab: ${answer.url} was not sent (${answer.status}). Load the page again.`);
    return answer.arrayBuffer();
  });
  const home = homeOf(new URL("../../", here));
  const env = {
    HOME: "/reader",
    ...options.env,
    ACRLAB_HOME: home,
    ACRLAB_WIDGETS: "on",
    PYTHONSTARTUP: "/lib/acrlab_start.py",
  };
  const python = await load({ ...options, env, packages: UNPACKED });
  python.FS.writeFile("/lib/site.zip", new Uint8Array(await archive), { canOwn: true });
  python.FS.writeFile("/lib/acrlab_start.py", "from acrlab.site import kernel\nkernel.install()\ndel kernel\n");
  python.runPython("import sys; sys.path.append('/lib/site.zip')");
  globalThis.acrlabStore = await keep(python.FS, home);
  return python;
}
