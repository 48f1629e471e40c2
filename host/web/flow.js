// Sign-in and consent without a trace in the browser's history: forms are sent in the background, and the page that
// follows takes this one's place. Without this script the same forms work; the history then keeps their pages.
"use strict";
(() => {
  const take = (page) => {
    const next = new DOMParser().parseFromString(page, "text/html");
    document.title = next.title;
    document.querySelector("main").replaceWith(next.querySelector("main"));
    const first = document.querySelector("[role=alert], [role=status], h1");
    if (first) {
      first.tabIndex = -1;
      first.focus();
    }
  };
  const send = async (form, button) => {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.append(button.name, button.value);
    const answer = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { accept: "application/json, text/html" },
    });
    if ((answer.headers.get("content-type") || "").startsWith("application/json")) {
      location.replace((await answer.json()).location);
    } else {
      take(await answer.text());
    }
  };
  // A page that comes back as it was left (back-forward cache) may hold a form that was used up: the hub says what is so now.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-flow]")) return;
    event.preventDefault();
    const button = event.submitter;
    const buttons = form.querySelectorAll("button");
    // A second press while the first is on its way would use the request up twice.
    buttons.forEach((one) => one.setAttribute("aria-disabled", "true"));
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    send(form, button).catch(() => {
      delete form.dataset.busy;
      form.submit();
    });
  });
})();
