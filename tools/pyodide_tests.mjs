// Run by Node: pytest in the Python of the site, with the site's packages. Ends with pytest's exit code.
// usage: node pyodide_tests.mjs PYODIDE PACKAGES CHECKOUT ARGUMENT...
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packages, checkout, ...words] = process.argv.slice(2);

async function run() {
  const { loadPyodide } = await import(pathToFileURL(path.resolve(folder, "pyodide.mjs")).href);
  const python = await loadPyodide({ env: { HOME: "/reader" } });
  const extractDir = python.runPython("import site; site.getsitepackages()[0]");
  for (const name of fs.readdirSync(packages).filter((name) => name.endsWith(".whl"))) {
    python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(packages, name))), "wheel", { extractDir });
  }
  python.FS.writeFile("/lib/site.zip", fs.readFileSync(path.join(packages, "site.zip")));
  python.FS.mkdir("/checkout");
  python.FS.mount(python.FS.filesystems.NODEFS, { root: path.resolve(checkout) }, "/checkout");
  python.globals.set("words", python.toPy(words));
  return python.runPython(`
import importlib, os, sys

os.chdir("/checkout")
sys.path += ["/lib/site.zip", "/checkout"]  # acrlab is the packed one; tests are the checkout's
importlib.invalidate_caches()
import pytest

int(pytest.main(words))
`);
}

try {
  process.exit(await run());
} catch (problem) {
  console.error(problem.message); // Node would print all of Pyodide's source before it
  process.exit(1);
}
