// Shows step k of a computational graph. What each step says and when each part of the picture
// appears was decided in Python: here numbers are only compared.

const BUTTONS = [
  ["start", "first step (Home)", () => 0],
  ["back", "one step back (left arrow)", (step) => step - 1],
  ["step", "one step on (right arrow)", (step) => step + 1],
  ["end", "last step (End)", (_, last) => last],
];
const SMALLEST = 0.75;
const KEYS = { Home: "start", ArrowLeft: "back", ArrowRight: "step", End: "end" };
const HELP =
  "Left and right arrow keys step, Home and End go to the ends, " +
  "up and down arrow keys tell about one box after the other.";

function make(tag, classes, parent, text) {
  const element = document.createElement(tag);
  element.className = classes;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function write(box, sentence, lines) {
  box.replaceChildren();
  make("p", "bpc-sentence", box, sentence);
  for (const line of lines) make("p", "bpc-line", box, line);
}

function render({ model, el }) {
  const content = model.get("content");
  const last = content.steps.length - 1;
  const turn = content.steps.filter((step) => step.phase !== "backward").length - 1;
  let chosen = null;

  const root = make("div", "bpc-stepper", el);
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `${content.label}. ${HELP}`);
  // JupyterLab moves between cells with arrow keys; not while they step.
  root.setAttribute("data-lm-suppress-shortcuts", "true");

  const bar = make("div", "bpc-bar", root);
  const buttons = {};
  for (const [name, title, target] of BUTTONS) {
    const button = make("button", `bpc-button bpc-${name}`, bar, name);
    button.type = "button";
    button.title = title;
    button.addEventListener("click", () => go(target(model.get("step"), last)));
    buttons[name] = button;
  }
  const track = make("div", "bpc-track", bar);
  track.setAttribute("aria-hidden", "true");
  const halves = [
    ["forward", 0, turn],
    ["backward", turn, last],
  ].map(([way, from, to]) => {
    const half = make("div", `bpc-half bpc-${way}`, track);
    half.style.flexGrow = to - from;
    return [make("div", "bpc-done", half), from, to];
  });
  const count = make("span", "bpc-count", bar);
  count.style.minWidth = `${place(last).length}ch`;

  const picture = make("div", "bpc-picture", root);
  picture.innerHTML = content.svg;
  const svg = picture.firstElementChild;
  // A wide picture shrinks a little in a narrow place, then scrolls: its text stays readable.
  const width = svg.getAttribute("width");
  svg.style.minWidth = `${SMALLEST * width}px`;
  svg.style.width = `calc(${width}px * var(--bpc-grow, 1))`;

  // Every text that can come lies unseen in the same place, so that the place is always as high
  // as the highest of them and nothing jumps.
  const words = make("div", "bpc-words", root);
  for (const step of content.steps) ghost(step.sentence, step.lines);
  for (const node of content.nodes) ghost(node.name, node.lines.map((line) => line[1]));
  const now = make("div", "bpc-now", words);
  now.setAttribute("aria-live", "polite");
  now.setAttribute("aria-atomic", "true");

  function ghost(sentence, lines) {
    const box = make("div", "bpc-ghost", words);
    box.setAttribute("aria-hidden", "true");
    write(box, sentence, lines);
  }

  function place(step) {
    return `step ${step} of ${last}, ${content.steps[step].phase}`;
  }

  function go(step) {
    choose(null);
    const next = Math.min(Math.max(step, 0), last);
    if (next === model.get("step")) return show();
    model.set("step", next);
    model.save_changes();
  }

  function show() {
    const step = model.get("step");
    for (const part of svg.querySelectorAll("[data-at]"))
      part.classList.toggle("later", Number(part.dataset.at) > step);
    for (const way of ["forward", "backward"])
      for (const part of svg.querySelectorAll(`[data-${way}]`))
        part.classList.toggle(`now-${way}`, Number(part.dataset[way]) === step);
    for (const [done, from, to] of halves)
      done.style.width = `${(100 * Math.min(Math.max(step - from, 0), to - from)) / (to - from)}%`;
    // A button that goes nowhere stays where it is and keeps the focus.
    for (const name of ["start", "back"]) rest(buttons[name], step === 0);
    for (const name of ["step", "end"]) rest(buttons[name], step === last);
    count.textContent = place(step);
    follow();
    tell();
  }

  // Where the picture is wider than its place, keep what happens in sight.
  function follow() {
    const part = svg.querySelector(".now-forward .core, .now-backward .core, .now-backward .band");
    if (!part) return;
    const inner = part.getBoundingClientRect();
    const outer = picture.getBoundingClientRect();
    picture.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }

  function rest(button, resting) {
    button.setAttribute("aria-disabled", String(resting));
  }

  function tell() {
    const step = model.get("step");
    for (const part of svg.querySelectorAll("[data-node]"))
      part.classList.toggle("chosen", chosen !== null && Number(part.dataset.node) === chosen);
    if (chosen === null) {
      write(now, content.steps[step].sentence, content.steps[step].lines);
      return;
    }
    const node = content.nodes[chosen];
    const known = node.lines.filter((line) => line[0] <= step).map((line) => line[1]);
    write(now, node.name, known.length ? known : ["Not reached yet."]);
  }

  function choose(node) {
    chosen = node;
    tell();
  }

  svg.addEventListener("click", (event) => {
    const part = event.target.closest("[data-node]");
    const node = part ? Number(part.dataset.node) : null;
    choose(node === chosen ? null : node);
  });

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const size = content.nodes.length;
    if (event.key in KEYS) {
      buttons[KEYS[event.key]].click();
    } else if (event.key === "ArrowDown") {
      choose(chosen === null ? 0 : (chosen + 1) % size);
    } else if (event.key === "ArrowUp") {
      choose(chosen === null ? size - 1 : (chosen + size - 1) % size);
    } else if (event.key === "Escape") {
      if (chosen === null) document.activeElement.blur();
      else choose(null);
    } else if (event.key === "Enter" || event.key === " ") {
      // A button answers to these by itself; a page of slides must not.
      event.stopPropagation();
      if (event.target === root) event.preventDefault();
      return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  model.on("change:step", show);
  show();
  return () => model.off("change:step", show);
}

const stepper = { render };
export default stepper;
