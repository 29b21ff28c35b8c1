// Shows the picture that Python drew, and moves a mark along the hops of a request. Nothing is fetched from anywhere.

const LEAST = 0.77; // of the drawing's own size: below it text would be too small to read
const STEP_MS = 1100;
const MOVE_MS = 700;
const SVG = "http://www.w3.org/2000/svg";
const CHANGED = "The lab has changed since this request was sent. Send it again to see what happens now.";

function make(tag, parent, props = {}) {
  const made = Object.assign(document.createElement(tag), props);
  parent.append(made);
  return made;
}

function region(element, label) {
  element.tabIndex = 0; // it scrolls, which the keyboard has to reach
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", label);
}

function render({ model, el }) {
  el.classList.add("acrlab-live");
  const drawing = make("div", el, { className: "acrlab-drawing" });
  region(drawing, "The picture");
  const offered = make("div", el, { className: "acrlab-buttons" });
  const controls = make("div", el, { className: "acrlab-buttons", hidden: true });
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", "The request on its way");
  const note = make("p", el, { className: "acrlab-note" });
  const steps = make("ol", el, { className: "acrlab-steps" });
  note.setAttribute("role", "status");
  steps.setAttribute("aria-live", "polite");
  const words = make("details", el);
  make("summary", words, { textContent: "The picture in words" });
  const text = make("pre", words);
  region(text, "The picture in words");

  // Buttons stay the same elements however often the picture is drawn: the keyboard's focus is on one of them.
  const senders = [];
  const look = make("button", offered, { textContent: "Refresh", onclick: () => model.send({ look: true }) });
  const back = make("button", controls, { textContent: "Step back", onclick: () => go(shown - 1) });
  const pause = make("button", controls, { onclick: () => play(!playing) });
  const next = make("button", controls, { textContent: "Next step", onclick: () => go(shown + 1) });
  const skip = make("button", controls, { textContent: "To the end", onclick: () => go(story.hops.length) });

  let story = null; // the request that was sent last
  let shown = 0; // of its hops
  let outdated = false; // the picture is another one by now
  let playing = false;
  let timer = 0;

  function draw() {
    const left = drawing.scrollLeft;
    drawing.innerHTML = model.get("svg");
    const svg = drawing.querySelector("svg");
    svg.style.minWidth = `${Math.round(svg.viewBox.baseVal.width * LEAST)}px`;
    svg.style.maxWidth = `${Math.round(svg.viewBox.baseVal.width * 1.1)}px`;
    drawing.scrollLeft = left;
    text.textContent = model.get("words");
    const stories = model.get("stories");
    while (senders.length > stories.length) senders.pop().remove();
    stories.forEach((told, number) => {
      const button = (senders[number] ??= offered.insertBefore(document.createElement("button"), look));
      button.textContent = told.caption;
      button.onclick = () => send(told);
    });
    if (story) {
      outdated = true; // what was told stays told, up to its end
      go(story.hops.length);
    }
  }

  function send(told) {
    [story, outdated] = [told, false];
    controls.hidden = false;
    steps.replaceChildren();
    drawing.querySelector(".acrlab-mark")?.remove();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still) return go(story.hops.length);
    shown = 0;
    play(true);
  }

  function play(on) {
    clearTimeout(timer);
    playing = on;
    drawing.querySelector(".acrlab-mark")?.getAnimations().forEach((animation) => animation.finish());
    if (on) advance();
    else update();
  }

  function advance() {
    show(shown + 1, true);
    if (shown < story.hops.length) timer = setTimeout(advance, STEP_MS);
    else playing = false;
    update();
  }

  // One step, or many, when someone asks for it: nothing goes on by itself afterwards.
  function go(number) {
    clearTimeout(timer);
    playing = false;
    if (number >= 1 && number <= story.hops.length) show(number, false);
    update();
  }

  function show(number, moving) {
    shown = number;
    steps.querySelector(".end")?.remove();
    while (steps.children.length > shown) steps.lastChild.remove();
    for (const hop of story.hops.slice(steps.children.length, shown)) {
      const line = make("li", steps, { className: hop.passed ? "passed" : "stopped" });
      make("span", line, { textContent: hop.passed ? "✓ " : "✗ " });
      make("strong", line, { textContent: hop.who });
      line.append(` ${hop.does}`);
    }
    if (shown === story.hops.length) {
      const end = story.arrives ? "The request arrives." : "The request ends here.";
      make("li", steps, { className: "end", textContent: outdated ? `${end} ${CHANGED}` : end });
    }
    if (!outdated) move(moving);
  }

  // Along the lines, as Python has laid its way; the mark is where the hop is that was told last.
  function move(moving) {
    const hop = story.hops[shown - 1];
    let dot = drawing.querySelector(".acrlab-mark");
    if (!dot) {
      dot = document.createElementNS(SVG, "circle");
      dot.setAttribute("class", "acrlab-mark");
      dot.setAttribute("r", 8);
      drawing.querySelector("svg").append(dot);
    }
    const from = story.hops[shown - 2]?.way.at(-1);
    const points = from ? [from, ...hop.way] : [hop.way.at(-1), hop.way.at(-1)];
    const lengths = points.map(([x, y], n) => (n ? Math.hypot(x - points[n - 1][0], y - points[n - 1][1]) : 0));
    const whole = lengths.reduce((sum, one) => sum + one, 0) || 1;
    let gone = 0;
    const frames = points.map(([x, y], n) => {
      gone += lengths[n];
      return { transform: `translate(${x}px, ${y}px)`, offset: n === points.length - 1 ? 1 : gone / whole };
    });
    dot.getAnimations().forEach((animation) => animation.cancel());
    dot.classList.toggle("stopped", !hop.passed);
    dot.style.transform = frames.at(-1).transform;
    if (moving) dot.animate(frames, { duration: MOVE_MS, easing: "ease-in-out" });
  }

  function update() {
    const ended = shown >= story.hops.length;
    pause.textContent = playing || ended ? "Pause" : "Go on";
    disable(back, shown <= 1);
    disable(pause, ended);
    disable(next, ended);
    disable(skip, ended);
  }

  // Disabled for real, a button would lose the keyboard's focus.
  function disable(button, off) {
    button.setAttribute("aria-disabled", String(off));
  }

  controls.addEventListener("click", (event) => {
    if (event.target.getAttribute("aria-disabled") === "true") event.stopImmediatePropagation();
  }, true);

  const noted = () => (note.textContent = model.get("note"));
  model.on("change:svg change:stories", draw);
  model.on("change:note", noted);
  draw();
  noted();
}

export default { render };
