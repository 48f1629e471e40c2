// Large text at a touch, remembered in this browser. Without scripts the browser's own zoom does the same.
"use strict";

const key = "large-text";
const large = () => localStorage.getItem(key) === "yes";
document.documentElement.classList.toggle("elder", large());

addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-size]");
  const button = box.querySelector("button");
  const show = () => {
    document.documentElement.classList.toggle("elder", large());
    button.setAttribute("aria-pressed", String(large()));
  };
  button.addEventListener("click", () => {
    localStorage.setItem(key, large() ? "no" : "yes");
    show();
  });
  box.hidden = false;
  show();
});
