// Times in the reader's own zone, and clocks that go on counting between two answers of the server.
// It is the first of our scripts: how all of them speak the reader's language stands here.
// Where the catalog of words did not come, they speak English.
window.gettext = window.gettext || ((text) => text);
window.tealgate = window.tealgate || {};
// Puts values into the numbered places of a text: filled("{0} of {1}", 2, 3).
window.tealgate.filled = (text, ...values) => text.replace(/\{(\d+)\}/g, (_, number) => values[number]);
// How dates are written; English ones as in Britain, with the day first.
window.tealgate.locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || "en-GB";

// The server's time: by a clock of the reader's that is minutes off, time would be left where none is.
// It is known from what the page says and when its answer came; what is less than that is the way here.
(function () {
  "use strict";
  const LEAST = 5000;
  let ahead = 0;
  window.tealgate.now = () => Date.now() - ahead;
  document.addEventListener("DOMContentLoaded", () => {
    const said = document.querySelector("[data-now]"), [came] = performance.getEntriesByType("navigation");
    if (!said || !came) return;
    const found = performance.timeOrigin + came.responseStart - 1000 * said.dataset.now;
    if (Math.abs(found) > LEAST) ahead = found;
  });
})();

(function () {
  "use strict";
  const { filled, locale, now } = window.tealgate;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || gettext("local time");

  function units(total, parts) {
    const all = [
      [Math.floor(total / 86400), gettext("{0} d")], [Math.floor(total % 86400 / 3600), gettext("{0} h")],
      [Math.floor(total % 3600 / 60), gettext("{0} min")], [total % 60, gettext("{0} s")],
    ];
    return all.filter(([count]) => count).slice(0, parts).map(([count, said]) => filled(said, count)).join(" ") || filled(gettext("{0} s"), 0);
  }

  function clock(total) {
    // 23:59:13 would be read as a time of day.
    if (total >= 3600) return units(total - total % 60, 2);
    return Math.floor(total / 60) + ":" + String(total % 60).padStart(2, "0");
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function seconds(from, to) {
    return Math.max(0, Math.round((to - from) / 1000));
  }

  function localise(root) {
    root.querySelectorAll("time[data-local]").forEach((element) => {
      const moment = new Date(element.dateTime);
      const today = moment.toDateString() === new Date(now()).toDateString();
      // A sentence that says "10:14" knows no second: ":00" would be one that nobody read anywhere.
      const said = element.dataset.local !== "minutes" && (today || element.dataset.local === "exact");
      const second = said ? "2-digit" : undefined;
      const time = { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23" };
      const thisYear = moment.getFullYear() === new Date(now()).getFullYear();
      const day = today ? {} : { weekday: thisYear ? "short" : undefined, year: thisYear ? undefined : "numeric", month: "short", day: "numeric" };
      put(element, moment.toLocaleString(locale, { ...day, ...time }));
      element.title = moment.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" }) + ", " + zone;
    });
    root.querySelectorAll("time[data-ago]").forEach((element) => {
      const moment = new Date(element.dateTime);
      put(element, filled(gettext("{0} ago"), units(seconds(moment, now()), 1)));
      element.title = moment.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" }) + ", " + zone;
    });
    root.querySelectorAll("[data-elapsed]").forEach((element) => put(element, units(seconds(new Date(element.dataset.elapsed), now()), 2)));
    root.querySelectorAll("[data-countdown]").forEach((element) => put(element, clock(seconds(now(), new Date(element.dataset.countdown)))));
  }

  window.tealgate.localise = localise;
  document.addEventListener("DOMContentLoaded", () => {
    localise(document);
    document.querySelector(".tg-foot")?.prepend(filled(gettext("Times of {0}"), zone) + " · ");
    setInterval(() => { if (!document.hidden) localise(document); }, 1000);
  });
})();
