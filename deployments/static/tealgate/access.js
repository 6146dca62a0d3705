// Where keys and screen readers would be left behind. Without this file every page can still be read and sent.
(function () {
  "use strict";

  // What is wrong with what was sent is read first. The theme hides a page until its script runs.
  function toTheErrors() {
    const note = document.querySelector(".errornote, [data-errors]");
    let looks = 0;
    // What is hidden does not take it: on a slow machine the page is drawn some looks later.
    const focus = () => {
      note.focus();
      if (document.activeElement !== note && ++looks < 300) requestAnimationFrame(focus);
    };
    if (note) requestAnimationFrame(focus);
  }

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

  document.addEventListener("alpine:initialized", () => { toTheErrors(); scrolled(); });
  window.addEventListener("resize", scrolled);

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
