// The palette: what is typed is asked of the server, and what is chosen is a link. Without this file the field is one.
(function () {
  "use strict";

  const PAUSE = 60; // ms without a key before it is asked
  const SETTLED = 80; // ms after a composition, as one browser sends its Enter after it
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  let dialog, field, list, note, request, timer, going;
  let shown = null; // the text that the list answers
  let composed = -SETTLED;

  const options = () => [...list.querySelectorAll(".tg-palette-entry")];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function open() {
    if (!dialog || dialog.open || document.querySelector("dialog[open]")) return;
    going = undefined;
    dialog.showModal();
    field.focus();
    field.select();
    ask();
  }

  async function ask() {
    clearTimeout(timer);
    request?.abort();
    const mine = (request = new AbortController());
    const text = field.value.trim();
    try {
      const answer = await fetch(`${field.form.action}?part=1&s=${encodeURIComponent(text)}`, { signal: mine.signal });
      if (answer.redirected) return say(gettext("You are signed out. Load the page again to sign in."));
      if (!answer.ok) return say(window.tealgate.filled(gettext("Tealgate answered {0}. Try other words, or load the page again."), answer.status));
      show(await answer.text(), text);
    } catch (error) {
      if (error.name !== "AbortError") say(gettext("Tealgate does not answer. What you typed stays; try again."));
    }
  }

  function say(sentence) {
    going = undefined;
    shown = null;
    list.replaceChildren();
    tell(sentence);
  }

  function show(found, text) {
    list.innerHTML = found;
    shown = text;
    list.querySelectorAll(".tg-palette-group").forEach((group) => {
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", group.firstElementChild.id);
      group.firstElementChild.setAttribute("role", "presentation");
    });
    window.tealgate.localise(list);
    options().forEach((option, place) => {
      option.id = `palette-entry-${place}`;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
    });
    const none = list.querySelector(".tg-palette-none");
    none?.remove();
    tell(none ? none.textContent : "");
    list.scrollTop = 0;
    choose(options()[0]);
    if (going !== undefined) go(going);
  }

  function tell(sentence) {
    note.textContent = sentence;
    note.hidden = !sentence;
    list.hidden = Boolean(sentence);
    if (sentence) choose();
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    field.setAttribute("aria-expanded", String(Boolean(option)));
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  function step(by) {
    const all = options();
    if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  // What is seen may be the answer to fewer letters: then it is waited for.
  function go(elsewhere) {
    if (shown !== field.value.trim()) { going = elsewhere; ask(); return; }
    going = undefined;
    const link = chosen();
    if (!link) return;
    if (elsewhere) window.open(link.href, "_blank", "noopener"); else window.location.assign(link.href);
  }

  function isOurs(event) {
    const pressed = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    // Where keys write Hangul or Cyrillic, it is the place of the K that counts.
    const isK = /^[\x20-\x7e]$/.test(event.key) ? event.key.toLowerCase() === "k" : event.code === "KeyK";
    return pressed && isK && !event.altKey && !event.shiftKey;
  }

  const composes = (event) =>
    event.isComposing || event.keyCode === 229 || performance.now() - composed < SETTLED;

  function onKey(event) {
    if (composes(event)) return;
    const act = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => choose(options().at(Math.min(options().indexOf(chosen()) + 5, options().length - 1))),
      PageUp: () => choose(options()[Math.max(options().indexOf(chosen()) - 5, 0)]),
      Enter: () => go(event.ctrlKey || event.metaKey),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  document.addEventListener("DOMContentLoaded", () => {
    dialog = document.getElementById("palette");
    if (!dialog) return;
    field = document.getElementById("palette-field");
    list = document.getElementById("palette-found");
    note = document.getElementById("palette-note");
    if (MAC) document.querySelectorAll(".tg-search-keys").forEach((keys) => { keys.textContent = "⌘K"; });
    field.addEventListener("compositionend", () => { composed = performance.now(); });
    field.addEventListener("input", () => {
      going = undefined;
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    field.addEventListener("keydown", onKey);
    field.form.addEventListener("submit", (event) => event.preventDefault());
    // Only a pointer that moves chooses: one that rests where the list appears does not.
    list.addEventListener("pointermove", (event) => {
      const option = event.target.closest(".tg-palette-entry");
      if (option && option !== chosen()) choose(option);
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { clearTimeout(timer); request?.abort(); going = undefined; });
    // The browser's Back may show the page as it was left, by what was chosen here.
    window.addEventListener("pageshow", (event) => { if (event.persisted) dialog.close(); });
  });

  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element && event.target.closest("[data-palette-open]");
    if (!opener || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("keydown", (event) => {
    if (!dialog || !isOurs(event)) return;
    event.preventDefault();
    if (dialog.open) dialog.close(); else open();
  });
})();
