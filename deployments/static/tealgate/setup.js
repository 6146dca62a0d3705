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

// The form of an environment: what its controller and strategy do not go by is hidden. Without this, all is shown.
{
    const data = document.getElementById("field-uses");
    const controller = document.getElementById("id_controller");
    const strategy = document.getElementById("id_strategy");
    const uses = data && JSON.parse(data.textContent);
    const line = (name) => document.getElementById(`id_${name}`)?.closest(".field-line");
    const isTyped = (name) => {
        const field = document.getElementById(`id_${name}`);
        return field && field.matches("input:not([type=checkbox]), textarea") && field.value.trim() !== "";
    };
    const show = () => {
        for (const [name, those] of Object.entries(uses.controllers)) {
            const isUsed = those.includes(controller.value) || (isTyped(name) && name !== "termination_wait_seconds");
            line(name)?.toggleAttribute("data-off", !isUsed);
        }
        const offered = uses.offered[controller.value] || [];
        for (const option of strategy ? strategy.options : []) option.hidden = option.disabled = !offered.includes(option.value);
        if (strategy && offered.length && !offered.includes(strategy.value)) strategy.value = offered[0];
        for (const [name, those] of Object.entries(uses.strategies)) {
            line(name)?.toggleAttribute("data-off", !(strategy && those.includes(strategy.value)));
        }
        for (const group of document.querySelectorAll("form fieldset.module")) {
            const lines = [...group.querySelectorAll(".field-line")];
            if (lines.length) group.toggleAttribute("data-off", lines.every((each) => each.hasAttribute("data-off")));
        }
    };
    if (uses && controller && controller.matches("select")) {
        controller.addEventListener("change", show);
        strategy?.addEventListener("change", show);
        show();
    }
}

// A long list of boxes to tick can be searched.
for (const list of document.querySelectorAll("[data-ticks]")) {
    const rows = [...list.querySelectorAll("li")];
    if (rows.length <= 12) continue;
    const search = document.createElement("input");
    search.type = "search";
    search.className = "tg-input";
    search.placeholder = "Search these " + rows.length;
    search.setAttribute("aria-label", search.placeholder);
    search.addEventListener("input", () => {
        const words = search.value.toLowerCase();
        for (const row of rows) row.toggleAttribute("data-off", !row.textContent.toLowerCase().includes(words));
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    list.prepend(search);
}
