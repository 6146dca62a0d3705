// Adding an environment, its form, and long lists of boxes to tick. Without this file all is shown.
(function () {
  "use strict";

  // What only another account asks is shown when that is chosen.
  function where(form) {
    const account = form.querySelector("[name=account]"), another = form.querySelector("[data-another]");
    const show = () => another.toggleAttribute("data-off", account.value !== "another");
    account.addEventListener("change", show);
    show();
  }

  function asking(form) {
    form.addEventListener("submit", (event) => {
      const pressed = event.submitter;
      form.setAttribute("aria-busy", "true");
      if (!pressed || !pressed.classList.contains("tg-button")) return;
      const words = pressed.appendChild(document.createElement("span"));
      words.dataset.asking = "";
      words.textContent = " " + gettext("… asking AWS");
    });
    // The browser's Back may show the page just as it was left.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      form.removeAttribute("aria-busy");
      form.querySelectorAll("[data-asking]").forEach((words) => words.remove());
    });
  }

  // The form of an environment: what its controller and strategy do not go by is hidden.
  function used(uses) {
    const controller = document.getElementById("id_controller");
    const strategy = document.getElementById("id_strategy");
    if (!controller || !controller.matches("select")) return;
    const line = (name) => document.getElementById(`id_${name}`)?.closest(".field-line");
    const isTyped = (name) => {
      const field = document.getElementById(`id_${name}`);
      return field && field.matches("input:not([type=checkbox]), textarea") && field.value.trim() !== "";
    };
    const show = () => {
      for (const [name, those] of Object.entries(uses.controllers)) {
        const isUsed = those.includes(controller.value) || (isTyped(name) && name !== "termination_wait_seconds");
        line(name)?.toggleAttribute("data-off", !isUsed);
      }
      const offered = uses.offered[controller.value] || [];
      for (const option of strategy ? strategy.options : []) option.hidden = option.disabled = !offered.includes(option.value);
      if (strategy && offered.length && !offered.includes(strategy.value)) strategy.value = offered[0];
      for (const [name, those] of Object.entries(uses.strategies)) {
        line(name)?.toggleAttribute("data-off", !(strategy && those.includes(strategy.value)));
      }
      for (const group of document.querySelectorAll("form fieldset.module")) {
        const lines = [...group.querySelectorAll(".field-line")];
        if (lines.length) group.toggleAttribute("data-off", lines.every((each) => each.hasAttribute("data-off")));
      }
    };
    controller.addEventListener("change", show);
    strategy?.addEventListener("change", show);
    show();
  }

  function searched(list) {
    const rows = [...list.querySelectorAll("li")];
    if (rows.length <= 12) return;
    // With the heading that it stands under.
    const said = (row) => `${row.closest("[data-tick-group]").querySelector("p")?.textContent ?? ""} ${row.textContent}`;
    const search = document.createElement("input");
    search.type = "search";
    search.className = "tg-input";
    search.placeholder = window.tealgate.filled(gettext("Search these {0}"), rows.length);
    search.setAttribute("aria-label", search.placeholder);
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase();
      for (const row of rows) row.toggleAttribute("data-off", !said(row).toLowerCase().includes(words));
      for (const group of list.querySelectorAll("[data-tick-group]")) {
        group.toggleAttribute("data-off", !group.querySelector("li:not([data-off])"));
      }
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    list.prepend(search);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("[data-choosing]"), uses = document.getElementById("field-uses");
    if (form) { where(form); asking(form); }
    if (uses) used(JSON.parse(uses.textContent));
    document.querySelectorAll("[data-ticks]").forEach(searched);
  });
})();
