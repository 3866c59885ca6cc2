// The page of columns: a choice of one press where few fit, and how many are still to choose. Without script each
// column has its list, and the number is that of the beginning.
"use strict";

const columns = document.getElementById("columns");
const left = columns.querySelector("[data-left]");
const looked = new Set();

columns.querySelectorAll("button[data-choose]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const select = columns.elements[button.dataset.choose];
    select.value = button.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

columns.addEventListener("change", (event) => {
  const row = event.target.closest("tr.unsure");
  if (!row) return;
  if (event.target.value) looked.add(row);
  else looked.delete(row);
  const number = columns.querySelectorAll("tr.unsure").length - looked.size;
  const need = number > 1 ? "columns need" : "column needs";
  left.textContent = number ? `${number} ${need} you, then` : "No column needs you:";
});
