// The reader's own time zone is proposed, never put over one that was chosen; and the browser is asked by a click only.
(function () {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  function propose() {
    const place = document.querySelector("[data-zone]"), note = document.querySelector("[data-elsewhere]");
    const select = place && place.querySelector("select");
    if (!select || ![...select.options].some((each) => each.value === zone)) return;
    const take = () => { select.value = zone; note.hidden = true; };
    if (place.hasAttribute("data-propose")) return take();
    if (select.value === zone) return;
    note.querySelector("strong").textContent = zone;
    note.querySelector("button").addEventListener("click", () => { take(); select.focus(); });
    note.hidden = false;
  }

  function ask() {
    const box = document.querySelector("input[name=browser]"), note = document.querySelector("[data-browser]");
    if (!box || !note) return;
    const say = (text) => { note.textContent = text; };
    if (!("Notification" in window)) return say(gettext("This browser cannot."));
    const denied = gettext("This browser was told not to let Tealgate; its settings of this site can change that.");
    if (Notification.permission === "denied") return say(denied);
    box.addEventListener("change", async () => {
      if (!box.checked || await Notification.requestPermission() === "granted") return;
      box.checked = false;
      say(denied);
    });
  }

  document.addEventListener("DOMContentLoaded", () => { propose(); ask(); });
})();
