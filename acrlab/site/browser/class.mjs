// Joining a class that serves this site: an id and a code, exchanged once for a token that the chapters' kernels post to
// the class's board with. The code is kept nowhere.
import { member, putMember } from "./kept.mjs";
import { homeOf } from "../pyodide/store.mjs";

const PATIENCE_MS = 20000;
const at = (id) => document.getElementById(id);

// Args: site: the address of the site's first page. api: of the board. hub: where people sign in.
export async function show(site, { api, hub }) {
  const home = homeOf(site);
  const form = at("join");
  const say = (text) => {
    at("class-said").textContent = text;
    for (const one of form.elements) if (one.name) one.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const draw = (me) => {
    at("me").textContent = me?.learner ?? "";
    at("joined").hidden = !me;
    form.hidden = Boolean(me);
  };
  at("hub").href = hub;
  at("class-part").hidden = at("chapters-head").hidden = false;
  try {
    draw(await member(home));
  } catch {
    return say("This browser stores nothing for this page (a private window?), so you can't join here.");
  }
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const button = form.querySelector("button");
    const { id, code } = form.elements;
    button.disabled = true;
    say("");
    try {
      const me = await asked(new URL("join", new URL(api, site)), { id: id.value, code: code.value });
      await alone(home, () => putMember(home, { ...me, api: new URL(api, site).href }));
      code.value = "";
      draw(me);
      at("joined").focus();
    } catch (problem) {
      say(problem.message);
      code.focus();
    } finally {
      button.disabled = false;
    }
  });
  at("leave").addEventListener("click", async () => {
    await alone(home, () => putMember(home, null));
    draw(null);
    form.elements.id.focus();
  });
}

// Returns: what the class answered. Raises: Error, whose message is for the reader.
async function asked(url, told) {
  const said = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(told),
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  let answer;
  try {
    answer = await fetch(url, said);
  } catch {
    throw new Error("The class does not answer. Is this computer still on its network? Try again, or ask your teacher.");
  }
  if (answer.ok) return answer.json();
  const text = (await answer.text()).trim();
  throw new Error(answer.status < 500 && text.length < 200 ? text : "The class can't take you in at this moment. Try again in a few seconds.");
}

// A kernel takes away, when its cell ends, what it had not seen when the cell began: written while none runs.
const alone = (home, change) => (navigator.locks ? navigator.locks.request(home, change) : change());
