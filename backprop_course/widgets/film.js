(() => {
  const film = document.currentScript.parentElement;
  const frame = film.querySelector(".bpc-film__frame");
  const data = film.querySelector('script[type="application/json"]');
  const { pieces, reels } = JSON.parse(data.textContent);
  const sliders = [...film.querySelectorAll("input[data-reel]")];

  function say(slider) {
    const text = reels[slider.dataset.reel].values[slider.value];
    slider.setAttribute("aria-valuetext", text);
    slider.parentElement.querySelector("output").textContent = text;
  }

  function show(slider) {
    for (const other of sliders) {
      if (other !== slider) {
        other.value = reels[other.dataset.reel].start;
        say(other);
      }
    }
    say(slider);
    const frames = reels[slider.dataset.reel].frames;
    frame.innerHTML = frames[slider.value].map((number) => pieces[number]).join("");
  }

  function addPlay(button, slider) {
    let timer = null;
    const last = Number(slider.max);
    function stop() {
      clearInterval(timer);
      timer = null;
      button.textContent = "play";
      button.setAttribute("aria-pressed", "false");
    }
    function advance() {
      slider.value = Number(slider.value) + 1;
      show(slider);
      if (Number(slider.value) === last || !film.isConnected) stop();
    }
    button.addEventListener("click", () => {
      if (timer !== null) return stop();
      if (Number(slider.value) === last) {
        slider.value = 0;
        show(slider);
      }
      button.textContent = "pause";
      button.setAttribute("aria-pressed", "true");
      timer = setInterval(advance, 300);
    });
    slider.addEventListener("pointerdown", () => timer !== null && stop());
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => show(slider));
    const button = slider.parentElement.querySelector("button");
    if (button) addPlay(button, slider);
  }
})();
