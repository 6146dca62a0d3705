// Times in the reader's own zone, and clocks that go on counting between two answers of the server.
(function () {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

  function units(total, parts) {
    const all = [[Math.floor(total / 86400), "d"], [Math.floor(total % 86400 / 3600), "h"], [Math.floor(total % 3600 / 60), "min"], [total % 60, "s"]];
    return all.filter(([count]) => count).slice(0, parts).map(([count, unit]) => count + " " + unit).join(" ") || "0 s";
  }

  function clock(total) {
    if (total >= 86400) return units(total, 2);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(total / 3600), minutes = Math.floor(total % 3600 / 60);
    return hours ? hours + ":" + two(minutes) + ":" + two(total % 60) : minutes + ":" + two(total % 60);
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
      const day = today ? {} : { year: moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric", month: "short", day: "numeric" };
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
    setInterval(() => { if (!document.hidden) localise(document); }, 1000);
  });
})();
