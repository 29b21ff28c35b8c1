// A reader's work as one file, a zip, as `acrlab work` on a computer writes and reads it: the emulated Azure that the
// chapters keep in this browser, and the notebooks that were saved in it.
import { homeOf, openLock } from "../pyodide/store.mjs";
import { bytesOf, putWorld, worldFiles } from "./kept.mjs";

const { fflate, localforage } = globalThis; // loaded by the page
const MANIFEST = "acrlab-work.json";
const FORMAT = 1;
const MEMBER = /^(world\.db(-journal|-wal)?|world\.blobs\/sha\d+\/[0-9a-f]{2}\/[0-9a-f]{64,128}|notebooks\/[^/\\]+\.ipynb)$/;
const PATIENCE_MS = 3000;
const NOTHING_CHANGED = "Nothing was changed.";

export class Refused extends Error {}

// Args: site: the address of the site's first page. layout: the newest form of a world that this site reads.
export function workOf(site, { acrlab, layout }) {
  const home = homeOf(site);
  const notebooks = localforage.createInstance({ name: `JupyterLite Storage - ${site.pathname}`, storeName: "files" });

  // Returns: the file, and what is in it; null: there is no work here.
  async function pack() {
    const files = {};
    for (const [name, entry] of await worldFiles(home)) if (MEMBER.test(name)) files[name] = bytesOf(entry.contents);
    const resources = Object.keys(files).length;
    await notebooks.iterate((kept) => {
      if (kept?.type === "notebook" && MEMBER.test(`notebooks/${kept.path}`))
        files[`notebooks/${kept.path}`] = fflate.strToU8(JSON.stringify(kept.content, null, 1));
    });
    if (!Object.keys(files).length) return null;
    const told = { format: FORMAT, acrlab, made: new Date().toISOString() };
    const zip = fflate.zipSync({ [MANIFEST]: fflate.strToU8(JSON.stringify(told)), ...files });
    return { blob: new Blob([zip], { type: "application/zip" }), world: resources > 0 };
  }

  // Args: mayReplace: asked, where there is an Azure already, whether it may go. Returns: names of notebooks, or null.
  // Raises: Refused: the file holds something else, or chapters are open.
  async function takeUp(file, mayReplace) {
    const files = read(new Uint8Array(await file.arrayBuffer()), layout);
    const replace = async () => {
      const world = Object.entries(files).filter(([name]) => name.startsWith("world."));
      if (world.length && (await worldFiles(home)).length && !(await mayReplace())) return null;
      if (world.length) await putWorld(home, world);
      const names = [];
      for (const [name, content] of Object.entries(files))
        if (name.startsWith("notebooks/")) names.push(await putNotebook(name.slice("notebooks/".length), content));
      return names;
    };
    return alone(replace);
  }

  // Args: mayGo: asked whether the Azure in this browser may go. Returns: whether it went. Raises: Refused.
  const startAgain = (mayGo) =>
    alone(async () => {
      if ((await worldFiles(home)).length && !(await mayGo())) return false;
      await putWorld(home, []);
      return true;
    });

  // An open chapter has the world in its memory, and would not see that another has taken its place.
  function alone(change) {
    if (!navigator.locks) return change(); // plain http from another computer: the page says to use one tab at a time
    // A tab that was just closed holds it a moment longer.
    let granted = false;
    const asked = navigator.locks.request(openLock(home), { signal: AbortSignal.timeout(PATIENCE_MS) }, async () => {
      granted = true;
      return change();
    });
    return asked.catch((problem) => {
      if (granted) throw problem;
      throw new Refused(`A chapter is open in another tab. Close it, and try again. ${NOTHING_CHANGED}`);
    });
  }

  async function putNotebook(name, content) {
    const model = JSON.parse(fflate.strFromU8(content));
    model.cells.forEach(joined);
    const there = await notebooks.getItem(name);
    const [stem] = name.split(/\.ipynb$/);
    let path = name;
    for (let n = 1; (await notebooks.getItem(path)) && JSON.stringify((await notebooks.getItem(path)).content) !== JSON.stringify(model); n++)
      path = `${stem} (taken up${n > 1 ? `, ${n}` : ""}).ipynb`;
    const now = new Date().toISOString();
    await notebooks.setItem(path, {
      name: path, path, type: "notebook", format: "json", mimetype: "application/json", content: model,
      created: there?.created ?? now, last_modified: now, size: content.length, writable: true,
    });
    return path;
  }

  return { pack, takeUp, startAgain };
}

// What is in a file of work, by name. Raises: Refused: it is something else, damaged, or newer than this site.
function read(bytes, layout) {
  let files, told;
  try {
    files = fflate.unzipSync(bytes, { filter: ({ name }) => name === MANIFEST || MEMBER.test(name) });
    told = JSON.parse(fflate.strFromU8(files[MANIFEST]));
    for (const [name, content] of Object.entries(files)) if (name.endsWith(".ipynb")) JSON.parse(fflate.strFromU8(content)).cells.length;
  } catch {
    throw new Refused(`This file is not work that was downloaded or saved, or it is damaged. ${NOTHING_CHANGED}`);
  }
  if (told?.format !== FORMAT) throw new Refused(`This file is of acrlab ${told?.acrlab}, in a form that this site does not read. ${NOTHING_CHANGED}`);
  delete files[MANIFEST];
  const world = files["world.db"];
  if (world) {
    const begins = fflate.strFromU8(world.subarray(0, 15), true);
    if (begins !== "SQLite format 3") throw new Refused(`The emulated Azure in this file is damaged. ${NOTHING_CHANGED}`);
    const written = new DataView(world.buffer, world.byteOffset).getUint32(60); // PRAGMA user_version
    if (written > layout) throw new Refused(`This file is of a newer acrlab than this site. ${NOTHING_CHANGED} Use a newer site.`);
  }
  return files;
}

// A Jupyter server joins the lines of a text, and JupyterLite does not.
function joined(cell) {
  for (const holder of [cell, ...(cell.outputs ?? []), ...(cell.outputs ?? []).map((output) => output.data ?? {})])
    for (const [key, value] of Object.entries(holder))
      if (Array.isArray(value) && (key === "source" || key === "text" || key.includes("/"))) holder[key] = value.join("");
}
