// The world's folder, kept in the browser's IndexedDB. Each kernel (each open chapter) has a copy of its own: a cell or a
// click first takes in what others wrote, and writes when it ends; a Web Lock lets one at a time do so.

// Two sites of one origin share its storage: a site's world is named after its address.
export const homeOf = (site) => "/acrlab" + encodeURIComponent(site.pathname);
// Held, shared, by every open chapter; who puts another world in their place takes it alone.
export const openLock = (home) => `${home} is open`;

const QUOTA = "the browser's storage is full";

// Returns: `begin()`, resolved when the folder is this kernel's alone and up to date, and `end()`, when it is written;
// both resolve to "" or to what a person has to know.
export async function keep(FS, home) {
  FS.mkdirTree(home);
  const locks = globalThis.navigator?.locks; // absent on plain http from another computer
  const sync = (fromStore) =>
    new Promise((done, failed) => FS.syncfs(fromStore, (problem) => (problem ? failed(problem) : done())));
  locks?.request(openLock(home), { mode: "shared" }, () => new Promise(() => {})); // until this kernel ends
  let release = null;
  let said = "";
  let works = true;

  const told = (text) => {
    if (text === said) return ""; // once is enough
    said = text;
    return text;
  };
  const worded = (problem) => {
    const why = problem?.name === "QuotaExceededError" ? QUOTA : problem?.message || problem?.name || String(problem);
    return `What was done is not kept in this browser (${why}). Until it is, download your notebooks (File, Download), and do not close this tab.`;
  };
  try {
    if (!globalThis.indexedDB) throw new Error("it has no storage for this page");
    FS.mount(FS.filesystems.IDBFS, {}, home);
    await sync(true);
  } catch (problem) {
    // A private window without storage, or a damaged store: nothing is overwritten, the world lives in memory.
    works = false;
    said = worded(problem);
  }
  let first = said;

  const exclusive = () =>
    new Promise((granted, failed) => {
      if (!locks) return granted();
      locks.request(home, () => new Promise((free) => { release = free; granted(); })).catch(failed);
    });
  const free = () => {
    release?.();
    release = null;
  };
  return {
    async begin() {
      await exclusive();
      if (!works) return "";
      try {
        await sync(true);
        return "";
      } catch (problem) {
        return told(worded(problem));
      }
    },
    async end() {
      try {
        if (works) await sync(false);
        const text = first;
        first = "";
        if (works) said = "";
        return text;
      } catch (problem) {
        return told(worded(problem));
      } finally {
        free();
      }
    },
  };
}
