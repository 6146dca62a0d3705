// Adding an environment: what only another account asks is shown when that is chosen. Without this, all is shown.
"use strict";
{
    const form = document.querySelector("[data-choosing]");
    const account = form && form.querySelector("[name=account]");
    const another = form && form.querySelector("[data-another]");
    if (account && another) {
        const show = () => another.toggleAttribute("data-off", account.value !== "another");
        account.addEventListener("change", show);
        show();
    }
    if (form) {
        form.addEventListener("submit", (event) => {
            const pressed = event.submitter;
            form.setAttribute("aria-busy", "true");
            if (pressed && pressed.classList.contains("tg-button")) pressed.append(" … asking AWS");
        });
    }
}
