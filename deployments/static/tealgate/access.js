// Where keys and screen readers would be left behind. Without this file every page can still be read and sent.
(function () {
  "use strict";

  // What is wrong with what was sent is read first. A script of Django's, loaded whenever it comes, gives the focus to
  // the first field: once all have run it is moved on, but for whoever has begun to use the page.
  let used = false;
  for (const kind of ["keydown", "pointerdown"]) window.addEventListener(kind, () => { used = true; }, { capture: true, once: true });
  window.addEventListener("load", () => { if (!used) document.querySelector(".errornote, [data-errors]")?.focus(); });

  // What scrolls and holds nothing that takes the focus is scrolled by keys only if it takes it itself.
  function scrolled() {
    for (const region of document.querySelectorAll(".tg-board, .overflow-x-auto")) {
      const scrolls = region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight;
      if (scrolls && region.tabIndex < 0) region.tabIndex = 0;
    }
  }

  // The sign beside the field that filters a list has a name, which only what has a role may; the field says the same.
  document.addEventListener("DOMContentLoaded", () => window.addEventListener("load", () => {
    for (const sign of document.querySelectorAll(".search-label-icon[aria-label]")) sign.removeAttribute("aria-label");
  }));

  document.addEventListener("alpine:initialized", scrolled); // the theme hides a page until then
  window.addEventListener("resize", scrolled);

  // Paper is white: what the dark theme writes in white would not be seen on it.
  const paper = matchMedia("print"), { classList } = document.documentElement;
  let wasDark = false;
  paper.addEventListener("change", () => {
    if (paper.matches) wasDark = classList.contains("dark");
    if (wasDark) classList.toggle("dark", !paper.matches);
  });

  // A menu or a drawer that Escape closes gives the focus back to what opened it.
  let opener = null;
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest('[role="button"][aria-expanded]');
    if (pressed) opener = pressed;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !opener) return;
    const back = opener;
    opener = null;
    requestAnimationFrame(() => { if (!document.activeElement || !document.activeElement.checkVisibility() || document.activeElement === document.body) back.focus(); });
  });
})();
