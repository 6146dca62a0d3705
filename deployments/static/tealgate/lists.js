// Marks what a list has nothing to say of, for lists.css, and names columns as sentences begin.
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("#result_list .data-row > td")) {
    const label = cell.dataset.label;
    if (label) cell.dataset.label = label.charAt(0).toUpperCase() + label.slice(1);
    cell.classList.toggle("tg-none", ["–", "-", ""].includes(cell.textContent.trim()) && !cell.querySelector("a, img, input, button"));
  }
});
