// Dialogs instead of extra pages, keys, and rows that can be added. Without this file every link still works.
(function () {
  "use strict";

  function open(id) {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
    return Boolean(dialog);
  }

  function addRow(name) {
    const rows = document.querySelector('[data-rows="' + name + '"]');
    const count = document.querySelector('[name="' + name + '-TOTAL_FORMS"]');
    const pattern = document.querySelector('[data-row-template="' + name + '"]');
    const row = pattern.content.cloneNode(true);
    row.querySelectorAll("[name], [id], [for]").forEach((element) => {
      for (const attribute of ["name", "id", "for"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace("__prefix__", count.value));
      }
    });
    count.value = Number(count.value) + 1;
    rows.append(row);
    rows.lastElementChild.querySelector("input").focus();
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest("[data-dialog]");
    if (opener && open(opener.dataset.dialog)) event.preventDefault();
    const closer = event.target.closest("[data-dialog-close]");
    const dialog = closer && closer.closest("dialog");
    if (dialog) { event.preventDefault(); dialog.close(); }
    const adder = event.target.closest("[data-add-row]");
    if (adder) { event.preventDefault(); addRow(adder.dataset.addRow); }
  });

  // Of the demo's sign-in page.
  document.addEventListener("click", (event) => {
    const person = event.target instanceof Element && event.target.closest("[data-sign-in-as]");
    if (!person) return;
    const form = document.getElementById("login-form");
    form.elements.username.value = person.dataset.signInAs;
    form.elements.password.value = person.dataset.password;
    form.querySelector("[type=submit]").focus();
  });

  // A second click while the first is under way would only be refused; do not even send it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(".tg") || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });

  // The browser's Back may show a page just as it was left: what was asked and answered then is not asked any more.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      const dialog = form.closest("dialog[open]");
      if (dialog) dialog.close();
    });
  });

  // Who was signed out meanwhile finds what they had typed when they have signed in again, in this tab and as themselves.
  const TYPED = "tealgate-typed";
  const person = () => document.querySelector("[data-person]")?.dataset.person;
  const kept = {
    get: () => { try { return JSON.parse(sessionStorage.getItem(TYPED)); } catch (error) { return null; } },
    set: (typed) => { try { sessionStorage.setItem(TYPED, JSON.stringify(typed)); } catch (error) { /* it is typed again */ } },
  };
  document.addEventListener("submit", ({ target }) => {
    const texts = [...target.querySelectorAll("textarea[name]")].map(({ name, value }) => [name, value]);
    kept.set(person() && texts.length ? { by: person(), path: new URL(target.action).pathname, texts } : null);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const typed = kept.get();
    if (!typed) return;
    if (document.getElementById("login-form")) { kept.set({ ...typed, isLost: true }); return; }
    kept.set(null);
    if (!typed.isLost || typed.by !== person() || typed.path !== location.pathname) return;
    for (const [name, text] of typed.texts) {
      const field = document.querySelector(`main textarea[name="${CSS.escape(name)}"]`);
      if (field && !field.value) field.value = text;
    }
  });

  // Where what is asked comes below what is read, the long parts of it are folded.
  document.addEventListener("DOMContentLoaded", () => {
    if (!matchMedia("(max-width: 900px)").matches) return;
    document.querySelectorAll("details[data-folded-when-narrow]").forEach((details) => { details.open = false; });
  });

  // The theme hides a page until its script runs, and what is hidden cannot take the focus.
  document.addEventListener("alpine:initialized", () => {
    const field = document.querySelector("[autofocus]");
    if (field) requestAnimationFrame(() => field.focus());
  });

  // Who speaks to the machine, or presses keys by accident, would press one of them with each word.
  const LETTERS = "tealgate-single-keys";
  let letters = true;
  try { letters = localStorage.getItem(LETTERS) !== "off"; } catch (error) { /* private windows keep nothing */ }
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-single-keys]")) return;
    letters = target.checked;
    try { localStorage.setItem(LETTERS, letters ? "on" : "off"); } catch (error) { /* until it is reloaded */ }
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-single-keys]").forEach((box) => { box.checked = letters; });
  });

  document.addEventListener("keydown", (event) => {
    if (!letters) return;
    if (event.ctrlKey || event.metaKey || event.altKey || !document.querySelector(".tg-deployment, .tg-decide")) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    const first = document.querySelector('[data-dialog="do-roll-back"], [data-dialog="do-stop"]');
    if (event.key === "a" && document.getElementById("gate-comment")) {
      event.preventDefault();
      document.getElementById("gate-comment").focus();
    } else if (event.key === "r" && first) {
      event.preventDefault();
      first.click();
    } else if (event.key === "?") {
      open("keys");
    }
  });
})();
