// The palette: what is typed is asked of the server, and what is chosen is a link. Without this file the field is one.
(function () {
  "use strict";

  const { filled, localise } = window.tealgate;
  const PAUSE = 60; // ms without a key before it is asked
  const SETTLED = 80; // ms after a composition, as one browser sends its Enter after it
  const SLOW = 400; // ms without an answer before it says that it looks
  const LATE = 15000; // ms without an answer before it gives up
  const HEARD = 500; // ms without another answer before it is read aloud
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  let dialog, field, list, note, wait, heard, request, timer, going, speaking;
  let shown = null; // the text that the list answers
  let composing = false;
  let composed = -SETTLED;
  let pointer; // where it was last

  const options = () => [...list.querySelectorAll(".tg-palette-entry")];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function open() {
    if (!dialog || dialog.open || document.querySelector("dialog[open]")) return;
    going = pointer = undefined;
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
    busy(true);
    const slow = setTimeout(looks, SLOW, true);
    const late = setTimeout(() => mine.abort("late"), LATE);
    try {
      const query = new URLSearchParams({ part: "1", s: text }); // of half an emoji, which is no text, it makes one
      const answer = await fetch(`${field.form.action}?${query}`, { signal: mine.signal });
      const found = await answer.text();
      if (request !== mine) return;
      if (answer.redirected) return say(gettext("You are signed out. Load the page again to sign in."));
      if (!answer.ok) return say(filled(gettext("Tealgate answered {0}. Try other words, or load the page again."), answer.status));
      show(found, text);
    } catch (error) {
      if (mine.signal.reason === "late") say(gettext("Tealgate has not answered for 15 seconds. Press Enter to ask again."));
      else if (request === mine) say(gettext("Tealgate does not answer. What you typed stays; press Enter to ask again."));
    } finally {
      clearTimeout(slow);
      clearTimeout(late);
      if (request === mine) { looks(false); busy(field.value.trim() !== text); } // what was typed since is asked soon
    }
  }

  // Whether the list is not yet the one for what was typed.
  function busy(on) {
    list.setAttribute("aria-busy", String(on));
  }

  function looks(on) {
    wait.hidden = !on;
    if (on) speak(wait.textContent);
  }

  // For who does not see the list. What is said at each letter would never be heard to its end.
  function speak(sentence) {
    clearTimeout(speaking);
    speaking = setTimeout(() => { heard.textContent = sentence; }, HEARD);
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
    localise(list);
    options().forEach((option, place, all) => {
      option.setAttribute("aria-posinset", place + 1);
      option.setAttribute("aria-setsize", all.length);
      option.id = `palette-entry-${place}`;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
    });
    const none = list.querySelector(".tg-palette-none");
    none?.remove();
    tell(none ? none.textContent : "");
    if (!none) speak(filled(gettext("{0} found"), options().length));
    list.scrollTop = 0;
    choose(options()[0]);
    if (going !== undefined) go(going);
  }

  function tell(sentence) {
    note.textContent = sentence;
    note.hidden = !sentence;
    list.hidden = Boolean(sentence);
    if (!sentence) return;
    speak(sentence);
    choose();
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
    composing || event.isComposing || event.keyCode === 229 || performance.now() - composed < SETTLED;

  // Only a pointer that moves chooses: under one that rests, lists come and go.
  function onPointer(event) {
    const moved = pointer && (pointer.x !== event.clientX || pointer.y !== event.clientY);
    pointer = { x: event.clientX, y: event.clientY };
    const option = moved && event.target.closest(".tg-palette-entry");
    if (option && option !== chosen()) choose(option);
  }

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
    wait = document.getElementById("palette-wait");
    heard = document.getElementById("palette-heard");
    if (MAC) document.querySelectorAll(".tg-search-keys").forEach((keys) => { keys.textContent = "⌘K"; });
    field.addEventListener("compositionstart", () => { composing = true; });
    field.addEventListener("compositionend", () => { composing = false; composed = performance.now(); });
    field.addEventListener("input", () => {
      going = undefined;
      busy(true);
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    field.addEventListener("keydown", onKey);
    field.form.addEventListener("submit", (event) => event.preventDefault());
    dialog.addEventListener("pointermove", onPointer);
    // Escape gives up what is being composed, and not the palette.
    dialog.addEventListener("cancel", (event) => { if (composes(event)) event.preventDefault(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => {
      clearTimeout(timer);
      clearTimeout(speaking);
      request?.abort();
      request = going = undefined;
      heard.textContent = "";
      looks(false);
      busy(false);
    });
    // Whoever comes back to a page that the browser kept finds the page.
    window.addEventListener("pagehide", () => dialog.close());
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
