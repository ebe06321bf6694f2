// Breaks every screen of the lesson into pages that fit the stage, then starts reveal.js.
//
// A page holds units: a paragraph, a formula, a list, a code cell's input, one of its outputs.
// Which breaks are best is found for a whole screen at once, as a text processor breaks lines:
// a page that is full costs less than an empty one, a break between cells less than one inside a
// cell, and some breaks are never made (after a heading). What is a little too high for its page
// is made smaller; what is still too high can be scrolled.

(() => {
  const WIDTH = 1280;
  const HEIGHT = 700;
  const TEXT = 30; // size of the letters in px, as in deck.css
  const SMALLER = 0.84; // text of 25 px, code of 18 px
  const SMALLEST = 0.64; // for what cannot be broken
  const LONG = 20; // lines of an output
  const NEVER = 1e6;

  // Mathematics ---------------------------------------------------------------------------------

  function renderMath() {
    const options = {
      delimiters: [
        { left: "$$", right: "$$", display: true },
        { left: "\\[", right: "\\]", display: true },
        { left: "$", right: "$", display: false },
        { left: "\\(", right: "\\)", display: false },
      ],
      throwOnError: false,
    };
    const formulas = ".cell-block.text, .output_latex, .output_markdown";
    for (const element of document.querySelectorAll(formulas)) {
      renderMathInElement(element, options);
    }
    // The speaker's window has no style sheet of KaTeX; the browser's own MathML needs none.
    for (const element of document.querySelectorAll("aside.notes")) {
      renderMathInElement(element, { ...options, output: "mathml" });
    }
  }

  // A browser may break a line between a formula and the punctuation after it; bind the two.
  function bindPunctuation() {
    for (const inner of document.querySelectorAll(".cell-block span:not(.katex-display) > .katex")) {
      const formula = inner.parentElement;
      const next = formula.nextSibling;
      const signs = next?.nodeType === Node.TEXT_NODE && /^[.,;:!?)\]"']+/.exec(next.data);
      if (!signs) continue;
      const glued = document.createElement("span");
      glued.className = "glued";
      formula.replaceWith(glued);
      next.data = next.data.slice(signs[0].length);
      glued.append(formula, signs[0]);
    }
  }

  // Units ---------------------------------------------------------------------------------------

  function unit(kind, element, cell) {
    const made = document.createElement("div");
    made.className = `unit ${kind}`;
    made.append(element);
    if (cell.classList.contains("fragment")) made.classList.add("fragment");
    return made;
  }

  function unitsOf(screen) {
    const units = [];
    [...screen.querySelectorAll(":scope > .cell-block")].forEach((cell, number) => {
      const own = [];
      if (cell.classList.contains("text")) {
        const rendered = cell.querySelector(".rendered_html");
        own.push(...[...rendered.children].map((child) => unit("text", child, cell)));
      } else {
        const input = cell.querySelector(".input");
        if (input) own.push(unit("input", input, cell));
        const areas = [...cell.querySelectorAll(".output_area")].flatMap(linesOf);
        own.push(...areas.map((area) => unit("output", area, cell)));
      }
      for (const one of own) {
        one.cell = number;
        if (one.classList.contains("fragment")) one.dataset.fragmentIndex = number;
      }
      units.push(...own);
      cell.remove();
    });
    return units;
  }

  // A long output is broken between its paragraphs; every line of coloured code is complete markup.
  function linesOf(area) {
    const block = area.querySelector("pre");
    const coloured = area.querySelector(".highlight");
    if (!block || (block.firstElementChild && !coloured)) return [area];
    const parts = block.innerHTML.trimEnd().split(/\n[ \t]*\n/);
    if (block.innerHTML.split("\n").length < LONG || parts.length === 1) return [area];
    return parts.map((part) => {
      const copy = area.cloneNode(true);
      copy.querySelector("pre").innerHTML = part;
      return copy;
    });
  }

  const isHeading = (one) => /^H[1-6]$/.test(one.firstElementChild?.tagName ?? "");
  const isPicture = (one) => one.querySelector("img, svg") !== null;
  const isCaption = (one) => one.textContent.trim().startsWith("Figure.");

  // What it costs to end a page after `before` and to begin the next one with `after`.
  function costOfBreak(before, after) {
    if (isHeading(before)) return NEVER;
    if (isPicture(before) && isCaption(after)) return isWidget(before) ? 15 : 80;
    if (before.cell === after.cell) {
      if (before.classList.contains("output")) return 10;
      if (after.classList.contains("output")) return 60;
      return /[:,]\s*$/.test(before.textContent) ? 130 : 60;
    }
    return after.classList.contains("input") && before.classList.contains("text") ? 10 : 0;
  }

  // A widget needs its size: what stands around it goes to another page instead.
  const isWidget = (one) => one.querySelector(".bpc-film, .bpc-stepper-place") !== null;

  function costOfPage(height, unbreakable, withWidget) {
    if (height <= HEIGHT) return 100 + 30 * (1 - height / HEIGHT) ** 2;
    if (height <= HEIGHT / SMALLER && !withWidget) return 110;
    return unbreakable ? 200 : NEVER * (height / HEIGHT);
  }

  // Returns the units at which pages begin.
  function bestBreaks(units, tops, bottoms) {
    const breaks = units.map((one, k) => (k ? costOfBreak(units[k - 1], one) : 0));
    const best = [{ cost: 0, from: 0 }];
    for (let end = 1; end <= units.length; end++) {
      best[end] = { cost: Infinity, from: 0 };
      let unbreakable = true;
      let withWidget = false;
      for (let from = end - 1; from >= 0; from--) {
        if (from < end - 1 && breaks[from + 1] < NEVER) unbreakable = false;
        withWidget ||= isWidget(units[from]);
        const page = costOfPage(bottoms[end - 1] - tops[from], unbreakable, withWidget);
        const cost = best[from].cost + breaks[from] + page;
        if (cost < best[end].cost) best[end] = { cost, from };
      }
    }
    const starts = [];
    for (let end = units.length; end > 0; end = best[end].from) starts.unshift(best[end].from);
    return starts;
  }

  // Pages ---------------------------------------------------------------------------------------

  const measure = document.createElement("div");
  measure.className = "measure";

  function newPage(units) {
    const page = document.createElement("div");
    page.className = "page";
    page.append(...units);
    return page;
  }

  // Enlarges a figure to what the stage offers; in em, so that it shrinks with its page.
  function enlargeFigures(root) {
    for (const image of root.querySelectorAll(".output_png img")) {
      const { width, height } = image;
      if (!width || !height) continue;
      const factor = Math.min((WIDTH - 60) / width, 440 / height, 1.6);
      image.style.width = `${(factor * width) / TEXT}em`;
      image.style.height = "auto";
    }
  }

  // A stepper keeps its own sizes in px; it is enlarged as a whole, as far as the stage allows.
  function enlargeSteppers(root) {
    for (const place of root.querySelectorAll(".bpc-stepper-place")) {
      const { width } = place.querySelector("svg")?.getBoundingClientRect() ?? {};
      if (!width) continue;
      const factor = Math.min((WIDTH - 60) / width, 615 / place.offsetHeight, 1.5);
      place.style.setProperty("--zoom", Math.max(factor, 0.8).toFixed(3));
    }
  }

  // Makes the letters of code smaller until its longest line fits, but not below four fifths.
  function narrowCode(root) {
    for (const block of root.querySelectorAll("pre")) {
      const factor = block.clientWidth / block.scrollWidth;
      if (factor < 1) block.style.fontSize = `${0.74 * Math.max(factor - 0.005, 0.8)}em`;
    }
  }

  function withOpenAnswers(root, work) {
    const closed = [...root.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
    const result = work();
    for (const one of closed) one.open = false;
    return result;
  }

  function shrink(page) {
    for (let scale = 100; scale > 100 * SMALLEST; scale -= 2) {
      page.style.setProperty("--scale", scale / 100);
      if (page.scrollHeight <= HEIGHT) return;
    }
  }

  function pagesOf(screen) {
    const units = unitsOf(screen);
    if (!units.length) return [];
    const flow = newPage(units);
    flow.style.maxHeight = "none";
    measure.replaceChildren(flow);
    enlargeFigures(flow);
    enlargeSteppers(flow);
    narrowCode(flow);
    const starts = withOpenAnswers(flow, () => {
      const boxes = units.map((one) => one.getBoundingClientRect());
      return bestBreaks(units, boxes.map((box) => box.top), boxes.map((box) => box.bottom));
    });
    return starts.map((start, k) => {
      const page = newPage(units.slice(start, starts[k + 1]));
      measure.replaceChildren(page);
      withOpenAnswers(page, () => shrink(page));
      return page;
    });
  }

  // Gives each page of a slide the slide's notes, and its share of the slide's minutes.
  function paginate(slide) {
    const made = [];
    for (const screen of [...slide.children]) {
      const notes = screen.querySelector("aside.notes");
      for (const page of pagesOf(screen)) {
        const section = document.createElement("section");
        section.append(page);
        if (notes) section.append(notes.cloneNode(true));
        made.push(section);
      }
    }
    const { minutes, heading } = slide.dataset;
    for (const section of made) {
      section.dataset.heading = heading;
      if (minutes) section.dataset.timing = Math.round((60 * minutes) / made.length);
    }
    slide.replaceChildren(...made);
    if (!made.length) slide.remove();
  }

  // Keys ----------------------------------------------------------------------------------------

  // What has the focus may need the key for itself; the keys of a remote control always turn.
  function turnsSlides(event) {
    const focus = document.activeElement;
    const used = focus?.closest(".output, summary, a");
    if (!used || ["PageUp", "PageDown"].includes(event.key)) {
      if (used) focus.blur();
      return true;
    }
    if (event.key === "Escape") {
      focus.blur();
      return false;
    }
    return used.matches("summary, a") && ![" ", "Enter"].includes(event.key);
  }

  // Start ---------------------------------------------------------------------------------------

  // On paper nobody opens an answer: there all of them stand open, as in the handout.
  function openAnswersOnPaper() {
    if (!location.search.includes("print-pdf")) return;
    for (const answer of document.querySelectorAll("details")) answer.open = true;
  }

  async function start() {
    openAnswersOnPaper();
    renderMath();
    bindPunctuation();
    document.querySelector(".reveal").append(measure);
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    // A font is fetched when it is first shown, which would be too late for measuring.
    await Promise.all([...document.fonts].map((font) => font.load()));
    const slides = [...document.querySelectorAll(".slides > section")];
    slides.forEach(paginate);
    measure.remove();

    const timed = slides.some((slide) => slide.dataset.minutes);
    const deck = new Reveal({
      width: WIDTH,
      height: 720,
      margin: 0.045,
      center: false,
      hash: true,
      slideNumber: "c/t",
      navigationMode: "linear",
      controlsTutorial: false,
      transition: "none",
      backgroundTransition: "none",
      pdfSeparateFragments: false,
      pdfMaxPagesPerSlide: 1,
      defaultTiming: timed ? 0 : null,
      keyboardCondition: turnsSlides,
      plugins: [RevealNotes],
    });
    const running = document.querySelector(".running");
    const show = () => {
      const heading = deck.getCurrentSlide()?.dataset.heading ?? "";
      running.textContent = [document.title, heading].filter(Boolean).join(" · ");
    };
    deck.on("ready", show);
    deck.on("slidechanged", show);
    await deck.initialize();
    window.deck = deck;
    document.documentElement.dataset.ready = "yes";
  }

  // Widgets draw themselves when the page has been read; only then can they be measured.
  document.addEventListener("DOMContentLoaded", start);
})();
