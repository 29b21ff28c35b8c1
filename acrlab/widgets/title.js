// The title of a frame. The frame is not there yet when its title is drawn: a few frames later it is.
const LONGEST = 600;

function name(el, text, tries) {
  const frame = el.closest(".acrlab-frame");
  if (frame) {
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", text);
  } else if (tries < LONGEST) {
    requestAnimationFrame(() => name(el, text, tries + 1));
  }
}

export default {
  render({ model, el }) {
    const title = document.createElement("div");
    title.className = "acrlab-title";
    title.textContent = model.get("value");
    el.append(title);
    name(el, model.get("value"), 0);
  },
};
