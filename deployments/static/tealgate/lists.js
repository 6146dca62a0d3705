// Marks what a list has nothing to say of, for lists.css.
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("#result_list .data-row > td")) {
    cell.classList.toggle("tg-none", ["–", "-", ""].includes(cell.textContent.trim()) && !cell.querySelector("a, img, input, button"));
  }
});
