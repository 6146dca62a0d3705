// The badge in the tab's title and the navigation, and notifications of this browser, for whoever has a page open.
(function () {
  "use strict";
  const SHOWN = 20000, HIDDEN = 60000;
  const WANTED = "tealgate-browser-notices", TOLD = "tealgate-told";

  const stored = {
    get(name) { try { return localStorage.getItem(name) || ""; } catch (error) { return ""; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch (error) { /* private windows keep nothing */ } },
  };
  const supported = () => "Notification" in window && window.isSecureContext;
  // As they chose for themselves, unless they said otherwise for this browser.
  let chosen = false;
  const wanted = () => supported() && Notification.permission === "granted" && (stored.get(WANTED) || (chosen ? "on" : "off")) === "on";

  function title(unread) {
    const plain = document.title.replace(/^\(\d+\+?\) /, "");
    const text = (unread ? "(" + (unread >= 100 ? "99+" : unread) + ") " : "") + plain;
    if (document.title !== text) document.title = text;
  }

  function badge(page, unread) {
    const link = Array.from(document.querySelectorAll("#nav-sidebar-apps a")).find((each) => each.getAttribute("href") === page);
    if (!link) return;
    let mark = link.querySelector("[data-unread]");
    if (!mark) {
      mark = link.appendChild(document.createElement("span"));
      mark.dataset.unread = "";
      mark.className = "tg-badge";
    }
    mark.hidden = !unread;
    mark.textContent = unread >= 100 ? "99+" : String(unread);
    mark.setAttribute("aria-label", window.tealgate.filled(gettext("{0} unread"), mark.textContent));
  }

  function show(notice, page) {
    // The tag keeps several open tabs from showing it twice.
    try {
      const shown = new Notification(notice.subject, { tag: "tealgate-" + notice.id });
      shown.onclick = () => { window.focus(); location.assign(page + notice.id + "/change/"); shown.close(); };
    } catch (error) {
      stored.set(WANTED, "off");  // browsers on phones show them only for installed apps
    }
  }

  function tell(newest, page) {
    const last = Number(stored.get(TOLD)) || 0;
    const fresh = newest.filter((notice) => notice.id > last);
    if (!fresh.length) return;
    stored.set(TOLD, String(Math.max(...fresh.map((notice) => notice.id))));
    if (wanted()) fresh.reverse().forEach((notice) => show(notice, page));
  }

  // Its scripts and styles are those of the version that made it: what newer pages say may be drawn wrong by them.
  function updated(isNewer) {
    const note = document.querySelector("[data-updated]"), text = isNewer ? gettext("Tealgate was updated meanwhile. Reload the page.") : "";
    note.hidden = !text;
    if (note.textContent !== text) note.textContent = text;
  }

  function follow(element) {
    const { inbox: address, inboxPage: page } = element.dataset;
    let timer = 0, failures = 0;

    async function ask() {
      clearTimeout(timer);
      try {
        const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
        if (answer.redirected) return;  // signed out
        if (!answer.ok) throw new Error(String(answer.status));
        const said = await answer.json();
        failures = 0;
        chosen = said.browser;
        updated(said.release !== element.dataset.release);
        title(said.unread);
        badge(page, said.unread);
        tell(said.newest, page);
      } catch (error) {
        failures = Math.min(failures + 1, 5);
      }
      timer = setTimeout(ask, (document.hidden ? HIDDEN : SHOWN) * 2 ** failures);
    }

    document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
    element.addEventListener("read", ask);
    ask();
  }

  // Asked for only by a click.
  function offer(button) {
    const why = document.querySelector("[data-browser-notices-why]");
    const words = button.querySelector("span:last-child");
    function say(text) { why.textContent = text; why.hidden = !text; }
    function draw() {
      words.textContent = wanted() ? gettext("Do not tell me in this browser") : gettext("Tell me in this browser");
      button.setAttribute("aria-pressed", String(wanted()));
    }
    button.hidden = !supported();
    draw();
    button.addEventListener("click", async () => {
      if (wanted()) { stored.set(WANTED, "off"); say(gettext("This browser shows nothing more.")); draw(); return; }
      const answer = await Notification.requestPermission();
      if (answer === "granted") {
        stored.set(WANTED, "on");
        say(gettext("This browser shows what you are told while a page of Tealgate is open."));
      } else {
        say(gettext("This browser does not allow it. Allow notifications for this site in its settings, then try again."));
      }
      draw();
    });
  }

  // Whoever looks at it has read it.
  function read(form) {
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true })
      .then(() => { form.hidden = true; document.querySelectorAll("[data-inbox]").forEach((each) => each.dispatchEvent(new Event("read"))); })
      .catch(() => { /* the button is still there */ });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-inbox]").forEach(follow);
    document.querySelectorAll("[data-browser-notices]").forEach(offer);
    document.querySelectorAll("[data-read-by-looking]").forEach(read);
  });
})();
