(() => {
  const film = document.currentScript.parentElement;
  const frame = film.querySelector(".bpc-film__frame");
  const data = film.querySelector('script[type="application/json"]');
  const { pieces, reels } = JSON.parse(data.textContent);
  const sliders = [...film.querySelectorAll("input[data-reel]")];
  let stop = () => {}; // what runs by itself, if anything does

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
    const last = Number(slider.max);
    let timer = null;
    function pause() {
      clearInterval(timer);
      timer = null;
      button.textContent = "play";
    }
    function advance() {
      slider.value = Number(slider.value) + 1;
      show(slider);
      if (Number(slider.value) === last || !film.isConnected) pause();
    }
    button.addEventListener("click", () => {
      const playing = timer !== null;
      stop();
      if (playing) return;
      if (Number(slider.value) === last) {
        slider.value = 0;
        show(slider);
      }
      button.textContent = "pause";
      timer = setInterval(advance, 300);
      stop = pause;
    });
  }

  for (const slider of sliders) {
    // Whoever takes a slider in hand takes over: nothing may pull it away again.
    slider.addEventListener("pointerdown", () => stop());
    slider.addEventListener("input", () => {
      stop();
      show(slider);
    });
    const button = slider.parentElement.querySelector("button");
    if (button) addPlay(button, slider);
  }
})();
