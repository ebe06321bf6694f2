// A page without a kernel: a model that only remembers.
for (const place of document.querySelectorAll(".bpc-stepper-place:not([data-ready])")) {
  place.dataset.ready = "true";
  const state = JSON.parse(place.querySelector('script[type="application/json"]').textContent);
  // On paper nobody steps: there all numbers are shown.
  if (location.search.includes("print-pdf")) state.step = state.content.steps.length - 1;
  const listeners = [];
  const model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      for (const listener of listeners) listener();
    },
    save_changes: () => {},
    on: (_, listener) => listeners.push(listener),
    off: () => {},
  };
  stepper.render({ model, el: place });
}
