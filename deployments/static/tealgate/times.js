// Times in the reader's own zone, and clocks that go on counting between two answers of the server.
(function () {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

  function units(total, parts) {
    const all = [[Math.floor(total / 86400), "d"], [Math.floor(total % 86400 / 3600), "h"], [Math.floor(total % 3600 / 60), "min"], [total % 60, "s"]];
    return all.filter(([count]) => count).slice(0, parts).map(([count, unit]) => count + " " + unit).join(" ") || "0 s";
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
      const today = moment.toDateString() === new Date().toDateString();
      const time = { hour: "2-digit", minute: "2-digit", second: today ? "2-digit" : undefined, hourCycle: "h23" };
      const thisYear = moment.getFullYear() === new Date().getFullYear();
      const day = today ? {} : { weekday: thisYear ? "short" : undefined, year: thisYear ? undefined : "numeric", month: "short", day: "numeric" };
      put(element, moment.toLocaleString("en-GB", { ...day, ...time }));
      element.title = moment.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" }) + ", " + zone;
    });
    root.querySelectorAll("time[data-ago]").forEach((element) => {
      const moment = new Date(element.dateTime);
      put(element, units(seconds(moment, Date.now()), 1) + " ago");
      element.title = moment.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" }) + ", " + zone;
    });
    root.querySelectorAll("[data-elapsed]").forEach((element) => put(element, units(seconds(new Date(element.dataset.elapsed), Date.now()), 2)));
    root.querySelectorAll("[data-countdown]").forEach((element) => put(element, clock(seconds(Date.now(), new Date(element.dataset.countdown)))));
  }

  window.tealgate = window.tealgate || {};
  window.tealgate.localise = localise;
  document.addEventListener("DOMContentLoaded", () => {
    localise(document);
    document.querySelector(".tg-foot")?.prepend("Times of " + zone + " · ");
    setInterval(() => { if (!document.hidden) localise(document); }, 1000);
  });
})();
