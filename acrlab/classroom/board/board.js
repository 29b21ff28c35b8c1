// The board's page: the server sends facts, this puts them into tables. Every text goes in as text, none as HTML.
const at = id => document.getElementById(id);
const xsrf = document.querySelector('meta[name="xsrf"]').content;
const SIGNS = { d: "●", h: "◐", s: "○", a: "…", "-": "–" };
const WORDS = { d: "by herself", h: "with hints", s: "shown", a: "at it", "-": "not begun" };
const STATES = { stuck: "▲ stuck", quiet: "◇ quiet", working: "working", "not begun": "not begun" };
const KINDS = { begun: "begun", attempt: "a failed check", hint: "a hint", solved: "done", shown: "shown", reset: "reset" };

let columns = [], histogram = [], order = [], ahead_s = 0, chosen = false;
const learners = new Map(), rows = new Map(), cells = new Map();

const seconds = () => Date.now() / 1000 + ahead_s;

function ago(time) {
  if (!time) return "–";
  const passed = Math.max(0, seconds() - time);
  if (passed < 60) return "now";
  return passed < 3600 ? `${Math.floor(passed / 60)} min` : `${Math.floor(passed / 3600)} h ${Math.floor(passed % 3600 / 60)} min`;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function cell(row, text = "", kind = "", heading = false) {
  const made = row.appendChild(document.createElement(heading ? "th" : "td"));
  if (heading) made.scope = "row";
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

const named = one => at("unnamed").checked ? `Learner ${[...learners.keys()].sort().indexOf(one.id) + 1}` : one.name || one.id;
const chapter = () => at("chapter").value;
const inChapter = () => columns.map((column, place) => ({ ...column, place })).filter(column => column.chapter === chapter());
const marked = (one, letter) => [...one.marks].filter((mark, place) => mark === letter && columns[place].own).length;

function isSeen(one) {
  const group = at("group").value;
  return (!group || one.group === group) && (!at("needing").checked || one.state === "stuck" || one.state === "quiet");
}

// -- learners

function learnerRow(one) {
  const row = document.createElement("tr");
  const name = cell(row, "", "", true).appendChild(document.createElement("button"));
  name.type = "button";
  name.addEventListener("click", () => open(one.id));
  const where = row.cells[0].appendChild(document.createElement("span"));
  where.className = "where";
  const kinds = ["state", "section", "last", "number", "number", "saw", "number", "number", "number"];
  const made = kinds.map(kind => cell(row, "", kind));
  return { row, name, where, cells: made.map(one => one.className === "saw" ? one.appendChild(document.createElement("span")) : one) };
}

function drawLearner(one) {
  if (!rows.has(one.id)) rows.set(one.id, learnerRow(one));
  const { row, name, where, cells } = rows.get(one.id);
  const column = columns.find(column => column.name === one.section);
  const counts = one.last ? [one.attempts, one.hints] : ["", ""];
  const texts = [STATES[one.state], column ? `${column.chapter} ${column.name}` : "–", ago(one.last), ...counts, one.saw,
    ...["d", "h", "s"].map(letter => marked(one, letter))];
  put(name, named(one));
  put(where, one.browser ? " in a browser" : "");
  texts.forEach((text, place) => put(cells[place], String(text)));
  row.className = one.state.replace(" ", "-");
  row.hidden = !isSeen(one);
}

function arrange(body, wanted) {
  const focused = document.activeElement;
  wanted.forEach((row, place) => { if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null); });
  if (focused && body.contains(focused)) focused.focus({ preventScroll: true });
}

function drawLearners(changed) {
  for (const id of changed) if (learners.has(id)) drawLearner(learners.get(id));
  for (const [id, { row }] of rows) if (!learners.has(id)) { row.remove(); rows.delete(id); }
  if (!at("hold").checked) arrange(at("learners").tBodies[0], order.filter(id => rows.has(id)).map(id => rows.get(id).row));
  else for (const id of order) if (rows.has(id) && !rows.get(id).row.isConnected) at("learners").tBodies[0].append(rows.get(id).row);
}

// -- sections

function drawSections() {
  for (const one of document.querySelectorAll(".chapter")) put(one, chapter());
  const body = at("sections").tBodies[0];
  body.replaceChildren(...inChapter().filter(column => worthShowing(column)).map(column => {
    const row = document.createElement("tr");
    const [a, d, h, s] = histogram[column.place], left = learners.size - a - d - h - s;
    cell(row, column.name, "", true).title = column.goal;
    for (const count of [d, h, s, a, left]) cell(row, String(count), "number");
    const bar = cell(row).appendChild(document.createElement("div"));
    bar.className = "bar";
    bar.setAttribute("aria-hidden", "true");
    for (const [letter, count] of Object.entries({ d, h, s, a })) {
      const part = bar.appendChild(document.createElement("i"));
      part.className = letter;
      part.style.width = `${100 * count / Math.max(1, learners.size)}%`;
    }
    return row;
  }));
}

// Of the many tickets those that someone has opened.
const worthShowing = column => column.chapter !== "11" || histogram[column.place].some(count => count);

// -- who did what

function drawGrid(changed, anew) {
  const shown = inChapter().filter(column => worthShowing(column)), key = shown.map(column => column.name).join(" ");
  const table = at("grid");
  if (anew || table.dataset.columns !== key) {
    table.dataset.columns = key;
    const head = table.tHead.rows[0];
    head.replaceChildren();
    for (const text of ["Learner", ...shown.map(column => column.name)]) {
      const made = head.appendChild(document.createElement("th"));
      made.scope = "col";
      made.textContent = text;
    }
    cells.clear();
    changed = [...learners.keys()];
  }
  for (const id of changed) {
    const one = learners.get(id);
    if (!one) continue;
    const row = document.createElement("tr");
    cell(row, named(one), "", true);
    for (const column of shown) {
      const letter = one.marks[column.place], made = cell(row, "", `${letter === "-" ? "none" : letter}-mark`);
      const sign = made.appendChild(document.createElement("span"));
      sign.setAttribute("aria-hidden", "true");
      sign.textContent = SIGNS[letter];
      const word = made.appendChild(document.createElement("span"));
      word.className = "heard";
      word.textContent = WORDS[letter];
    }
    row.hidden = !isSeen(one);
    cells.set(id, row);
  }
  for (const id of [...cells.keys()]) if (!learners.has(id)) cells.delete(id);
  table.tBodies[0].replaceChildren(...[...cells.keys()].sort().map(id => cells.get(id)));
}

// -- all

function summarize() {
  const count = state => [...learners.values()].filter(one => one.state === state).length;
  const told = Object.keys(STATES).map(state => `${count(state)} ${state}`).join(", ");
  put(at("summary"), `${told}, of ${learners.size}`);
}

function offer(select, values) {
  const before = select.value, there = [...select.options].map(option => option.value);
  for (const value of values) if (!there.includes(value)) select.add(new Option(value));
  if (before) select.value = before;
}

// The chapter in which most of the room is.
function busiest() {
  const counts = {};
  for (const one of learners.values()) {
    const of = columns.find(column => column.name === one.section)?.chapter;
    if (of) counts[of] = (counts[of] ?? 0) + 1;
  }
  return Object.keys(counts).sort((one, other) => counts[other] - counts[one] || other.localeCompare(one))[0];
}

function take(message) {
  ahead_s = message.now - Date.now() / 1000;
  if (message.columns) {
    columns = message.columns;
    offer(at("chapter"), [...new Set(columns.map(column => column.chapter))]);
  }
  ({ histogram, order } = message);
  for (const one of message.learners) learners.set(one.id, one);
  for (const id of [...learners.keys()]) if (!order.includes(id)) learners.delete(id);
  if (!chosen && busiest()) { at("chapter").value = busiest(); }
  const groups = [...new Set([...learners.values()].map(one => one.group).filter(Boolean))].sort();
  at("of-group").hidden = !groups.length;
  offer(at("group"), groups);
  draw(message.learners.map(one => one.id), Boolean(message.columns));
}

function draw(changed, anew) {
  drawLearners(anew ? [...learners.keys()] : changed);
  drawSections();
  drawGrid(changed, anew);
  summarize();
  document.body.dataset.seen = String(seconds());
}

// -- one learner

async function ask(path, id) {
  const answer = await fetch(`${path}?learner=${encodeURIComponent(id)}`, { headers: { "X-XSRFToken": xsrf } });
  if (!answer.ok) throw new Error((await answer.text()).trim().slice(0, 200));
  return answer;
}

async function open(id) {
  const one = learners.get(id);
  put(at("one-name"), named(one));
  put(at("one-state"), `${STATES[one.state]}${one.section ? `, in ${one.section}` : ""}`);
  put(at("words"), "");
  put(at("lab-told"), one.lab ? `Their lab, ${ago(one.lab) === "now" ? "as it is now" : `${ago(one.lab)} ago`}` : "Nothing has been received about their lab yet.");
  const image = at("lab");
  image.hidden = !one.lab;
  image.alt = `The lab of ${named(one)}; the same in words is below`;
  if (one.lab) image.src = `lab.svg?learner=${encodeURIComponent(id)}&at=${one.lab}`;
  at("events").tBodies[0].replaceChildren();
  at("one").showModal();
  try {
    const { events } = await (await ask("learner", id)).json();
    at("events").tBodies[0].replaceChildren(...events.map(event => {
      const row = document.createElement("tr");
      cell(row, new Date(1000 * event.at).toLocaleTimeString(), "last");
      for (const text of [event.section, KINDS[event.kind] ?? event.kind, event.saw]) cell(row, text);
      return row;
    }));
    if (one.lab) put(at("words"), await (await ask("lab.txt", id)).text());
  } catch (problem) {
    put(at("lab-told"), problem.message);
  }
}

at("close").addEventListener("click", () => at("one").close());
at("choices").addEventListener("submit", event => event.preventDefault());
at("choices").addEventListener("change", event => {
  if (event.target.id === "chapter") chosen = true;
  draw([...learners.keys()], true);
});
setInterval(() => { for (const one of learners.values()) if (rows.has(one.id)) put(rows.get(one.id).cells[2], ago(one.last)); }, 5000);

let reloads = null;
const source = new EventSource(`stream?_xsrf=${encodeURIComponent(xsrf)}`);
source.onmessage = message => { clearTimeout(reloads); put(at("link"), ""); take(JSON.parse(message.data)); };
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) { // it was refused: a fresh page is signed in anew
    put(at("link"), "The board let go of this page. Load it again to go on.");
  } else {
    clearTimeout(reloads);
    reloads = setTimeout(() => put(at("link"), "The board does not answer; what you see is old. Trying again …"), 3000);
  }
};
