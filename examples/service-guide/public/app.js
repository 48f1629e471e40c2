// Enhances pages that already work without it: results while typing, halls by distance.
"use strict";

for (const form of document.querySelectorAll("form[data-live]")) {
  const results = document.querySelector(form.dataset.live);
  let timer = 0;
  let running = null;

  const search = async () => {
    running?.abort();
    running = new AbortController();
    const address = "/?" + new URLSearchParams(new FormData(form));
    results.classList.add("busy");
    try {
      const answer = await fetch(address, { signal: running.signal, headers: { accept: "text/html" } });
      if (!answer.ok) return form.submit();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      results.replaceChildren(...page.querySelector(form.dataset.live).childNodes);
      document.querySelector(".chips").replaceWith(page.querySelector(".chips"));
      history.replaceState(null, "", address);
      results.classList.remove("busy");
    } catch (error) {
      // A newer search goes on; without a network the page stays as it is.
      if (error.name !== "AbortError") results.classList.remove("busy");
    }
  };

  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(search, 300);
  });
  form.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 300);
  });
}

for (const box of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation) continue;
  const button = box.querySelector("button");
  const status = box.querySelector("[role=status]");
  box.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = button.dataset.waiting;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const at = { lat: coords.latitude.toFixed(5), lon: coords.longitude.toFixed(5) };
        location.assign("/halls?" + new URLSearchParams(at));
      },
      () => { status.textContent = button.dataset.failed; },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
