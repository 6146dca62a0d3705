// Follows a page: asks one address, and changes only what differs, so that typed text, focus, scroll position,
// open details and running transitions stay as they are.
(function () {
  "use strict";

  const key = (node) => node.nodeType === 1 ? node.id || node.dataset.key || "" : "";
  const same = (from, to) => from.nodeType === to.nodeType && from.nodeName === to.nodeName && key(from) === key(to);

  function attributes(from, to) {
    // What a person opened or closed, and what a script set, is theirs, not the server's.
    const theirs = new Set(["title", "data-touched", "tabindex"]);
    if (from.dataset.touched) theirs.add("open");
    for (const { name, value } of to.attributes) if (!theirs.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
    for (const { name } of Array.from(from.attributes)) if (!to.hasAttribute(name) && !theirs.has(name)) from.removeAttribute(name);
  }

  function children(from, to) {
    let current = from.firstChild;
    for (const wanted of Array.from(to.childNodes)) {
      let match = current;
      if (current && !same(current, wanted)) {
        match = key(wanted) ? Array.from(from.childNodes).find((node) => same(node, wanted)) : null;
        if (match) from.insertBefore(match, current);
      }
      if (!match) { from.insertBefore(wanted, current); continue; }
      morph(match, wanted);
      current = match.nextSibling;
    }
    while (current) { const next = current.nextSibling; current.remove(); current = next; }
  }

  function morph(from, to) {
    if (from.nodeType !== 1) { if (from.data !== to.data) from.data = to.data; return; }
    // A dialog that is open, a field somebody may be typing into, and what a script draws are left alone.
    if (from.nodeName === "DIALOG" && from.open || from.hasAttribute("data-theirs")) return;
    if (from.nodeName === "TEXTAREA" || from.nodeName === "INPUT" || from.isEqualNode(to)) return;
    attributes(from, to);
    children(from, to);
  }

  function follow(root) {
    const note = root.querySelector("[data-connection]");
    const every = Number(root.dataset.liveEvery) || 1000;
    let version = root.dataset.liveVersion, seen = window.tealgate.now(), failures = 0, timer = 0, asking = false;

    function say(text) {
      if (!note) return;
      note.hidden = !text;
      if (note.textContent !== text) note.textContent = text;
    }

    function again() {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(ask, failures ? Math.min(every * 2 ** failures, 15000) : every);
    }

    const turned = () => root.querySelector("[data-turned]")?.dataset.turned;

    function put(text) {
      const before = turned();
      const page = new DOMParser().parseFromString(text, "text/html");
      window.tealgate.localise(page);
      page.querySelectorAll("[data-region]").forEach((wanted) => {
        const region = root.querySelector('[data-region="' + wanted.dataset.region + '"]');
        if (region) children(region, wanted);
      });
      root.dispatchEvent(new CustomEvent("tealgate:put"));
      // "Approved." in green above "Rolled back" would be read as how it is now.
      if (turned() !== before) document.querySelectorAll("[data-done]").forEach((said) => said.closest("li").remove());
    }

    async function ask() {
      if (asking) return;
      asking = true;
      try {
        const answer = await fetch(root.dataset.live + "?v=" + encodeURIComponent(version), { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
        if (answer.redirected) { say(gettext("You were signed out. Reload the page to sign in again.")); return; }
        if (answer.status === 403 || answer.status === 404) { say(gettext("You may not see this any more, or it is gone. Reload the page to see why.")); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        seen = window.tealgate.now();
        failures = 0;
        say("");
        // In another tab another language may have been chosen: one page is not told in two.
        const language = answer.headers.get("Content-Language");
        if (language && language !== document.documentElement.lang) { say(gettext("You chose another language meanwhile. Reload the page.")); return; }
        if (answer.status !== 204) {
          put(await answer.text());
          version = answer.headers.get("X-Tealgate-Version") || "";
        }
        if (answer.headers.get("X-Tealgate-Ended")) return;
      } catch (error) {
        failures = Math.min(failures + 1, 6);
        if (failures > 1) say(window.tealgate.filled(gettext("Connection lost, last seen {0}. Trying again."), new Date(seen).toLocaleTimeString(window.tealgate.locale)));
      } finally {
        asking = false;
      }
      again();
    }

    document.addEventListener("visibilitychange", () => { if (document.hidden) clearTimeout(timer); else ask(); });
    again();
  }

  document.addEventListener("click", (event) => {
    const summary = event.target instanceof Element && event.target.closest("summary");
    if (summary) summary.parentElement.dataset.touched = "1";
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-live]").forEach(follow));
})();
