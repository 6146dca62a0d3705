// What a link's address is for the newest deployment, while somebody types it on the application's page.
(function () {
  "use strict";
  const PAUSE = 300;
  let waiting = 0;

  function show(input) {
    const place = input.closest("fieldset, .inline-related, tr")?.querySelector("[data-link-preview]");
    if (!place) return;
    const address = new URL("../link-preview/", window.location.href);
    address.searchParams.set("template", input.value);
    fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : { said: "" }))
      .then((answer) => { place.textContent = answer.said; })
      .catch(() => { place.textContent = gettext("Tealgate does not answer; the address is checked when it is saved."); });
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-link-template]")) return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => show(event.target), PAUSE);
  });
})();
