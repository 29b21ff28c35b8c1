// The files that the chapters' kernels keep in this browser, read and written beside them.

// Emscripten's IDBFS keeps a folder so, in IndexedDB.
const TABLE = "FILE_DATA";
const TABLE_VERSION = 21;
const FOLDER_MODE = 0o40777;
const FILE_MODE = 0o100666;
// Of the class, and not of the reader's Azure: who the reader is there, and what waits for the board.
const MEMBER = "class.json";
const OF_CLASS = /^(class\.json|board(\/.*)?)$/;

// IDBFS keeps signed bytes.
export const bytesOf = (contents) => new Uint8Array(contents.buffer, contents.byteOffset, contents.byteLength);

function table(home) {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(home, TABLE_VERSION);
    asked.onupgradeneeded = () => {
      if (!asked.result.objectStoreNames.contains(TABLE))
        asked.result.createObjectStore(TABLE).createIndex("timestamp", "timestamp", { unique: false });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

const answered = (asked) =>
  new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

// The files of the emulated Azure: [name below its folder, entry].
export async function worldFiles(home) {
  const base = await table(home);
  try {
    const kept = base.transaction(TABLE, "readonly").objectStore(TABLE);
    const [keys, entries] = await Promise.all([answered(kept.getAllKeys()), answered(kept.getAll())]);
    const named = keys.map((key, at) => [key.slice(home.length + 1), entries[at]]);
    return named.filter(([name, entry]) => entry.contents && !OF_CLASS.test(name));
  } finally {
    base.close();
  }
}

// All or nothing: one transaction.
export async function putWorld(home, files) {
  const base = await table(home);
  try {
    const change = base.transaction(TABLE, "readwrite");
    const kept = change.objectStore(TABLE);
    const timestamp = new Date();
    for (const key of await answered(kept.getAllKeys())) if (!OF_CLASS.test(key.slice(home.length + 1))) kept.delete(key);
    const folders = files.flatMap(([name]) => [...name.matchAll(/\//g)].map((slash) => name.slice(0, slash.index)));
    for (const folder of new Set(folders)) kept.put({ timestamp, mode: FOLDER_MODE }, `${home}/${folder}`);
    for (const [name, contents] of files) kept.put({ timestamp, mode: FILE_MODE, contents }, `${home}/${name}`);
    await written(change);
  } finally {
    base.close();
  }
}

// Who the reader is in the class: what was put there, or null.
export async function member(home) {
  const base = await table(home);
  try {
    const entry = await answered(base.transaction(TABLE, "readonly").objectStore(TABLE).get(`${home}/${MEMBER}`));
    return entry ? JSON.parse(new TextDecoder().decode(bytesOf(entry.contents))) : null;
  } finally {
    base.close();
  }
}

// Put it there; null: take it away. What waits for the board stays, and is sent when the same learner joins again.
export async function putMember(home, told) {
  const base = await table(home);
  try {
    const change = base.transaction(TABLE, "readwrite");
    const kept = change.objectStore(TABLE);
    const contents = new TextEncoder().encode(JSON.stringify(told));
    if (told) kept.put({ timestamp: new Date(), mode: FILE_MODE, contents }, `${home}/${MEMBER}`);
    else kept.delete(`${home}/${MEMBER}`);
    await written(change);
  } finally {
    base.close();
  }
}

const written = (change) =>
  new Promise((done, failed) => {
    change.oncomplete = done;
    change.onabort = change.onerror = () => failed(change.error);
  });
