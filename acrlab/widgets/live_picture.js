// Shows the picture that Python drew, and moves a mark along the hops of a request. Nothing is fetched from anywhere.

const STEP_MS = 1100;
const SVG = "http://www.w3.org/2000/svg";

function make(tag, parent, props = {}) {
  const made = Object.assign(document.createElement(tag), props);
  parent.append(made);
  return made;
}

function render({ model, el }) {
  el.classList.add("acrlab-live");
  const drawing = make("div", el, { className: "acrlab-drawing" });
  const buttons = make("div", el, { className: "acrlab-buttons" });
  const note = make("p", el, { className: "acrlab-note" });
  const steps = make("ol", el, { className: "acrlab-steps" });
  note.setAttribute("role", "status");
  steps.setAttribute("aria-live", "polite");
  const words = make("details", el);
  make("summary", words, { textContent: "The picture in words" });
  const text = make("pre", words, { tabIndex: 0 });
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", "The picture in words");
  let run = 0; // a click stops the request that is on its way

  function draw() {
    run += 1;
    drawing.innerHTML = model.get("svg");
    text.textContent = model.get("words");
    steps.replaceChildren();
    buttons.replaceChildren();
    for (const story of model.get("stories")) {
      make("button", buttons, { textContent: story.caption, onclick: () => send(story) });
    }
    make("button", buttons, { textContent: "Look again", onclick: () => model.send({ look: true }) });
  }

  function place(number) {
    const box = drawing.querySelector(`[data-box="${number}"] rect`);
    if (!box) return null;
    const at = (name) => Number(box.getAttribute(name));
    return { box, x: at("x") + at("width") - 14, y: at("y") + 14 };
  }

  function mark() {
    drawing.querySelector(".acrlab-mark")?.remove();
    const dot = document.createElementNS(SVG, "circle");
    dot.setAttribute("class", "acrlab-mark");
    dot.setAttribute("r", 8);
    drawing.querySelector("svg").append(dot);
    return dot;
  }

  async function send(story) {
    const mine = ++run;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const dot = mark();
    steps.replaceChildren();
    for (const hop of story.hops) {
      const to = place(hop.box);
      if (to) dot.style.transform = `translate(${to.x}px, ${to.y}px)`;
      dot.classList.toggle("stopped", !hop.passed);
      const line = make("li", steps, { className: hop.passed ? "passed" : "stopped" });
      make("span", line, { textContent: hop.passed ? "✓ " : "✗ " });
      make("strong", line, { textContent: hop.who });
      line.append(` ${hop.does}`);
      if (!still) await new Promise((done) => setTimeout(done, STEP_MS));
      if (mine !== run) return;
    }
    const end = story.arrives ? "The request arrives." : "The request ends here.";
    make("li", steps, { className: "end", textContent: end });
  }

  const noted = () => (note.textContent = model.get("note"));
  model.on("change:svg change:stories", draw);
  model.on("change:note", noted);
  draw();
  noted();
}

export default { render };
