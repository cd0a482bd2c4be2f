"use strict";
// Sorts and searches the table of runs; without it the table is complete, newest run first.
const body = document.querySelector("tbody");
const rows = [...body.rows];
const heads = [...document.querySelectorAll("thead th")];
const search = document.getElementById("search");
const count = document.getElementById("count");

const key = (row, at) => row.cells[at].dataset.sort ?? row.cells[at].textContent.trim();

function compare(one, other) {
  if (one === "" || other === "") return (one === "") - (other === "");
  const numbers = [Number(one), Number(other)];
  if (!numbers.some(Number.isNaN)) return numbers[0] - numbers[1];
  return one.localeCompare(other, "en", { numeric: true });
}

function sortBy(at, descending) {
  const sign = descending ? -1 : 1;
  const sorted = [...rows].sort((one, other) => {
    const keys = [key(one, at), key(other, at)];
    return keys.includes("") ? compare(...keys) : sign * compare(...keys);
  });
  body.append(...sorted);
  heads.forEach((head, other) => {
    if (other === at) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  count.textContent = `${shown} of ${rows.length} run${rows.length === 1 ? "" : "s"}`;
}

heads.forEach((head, at) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => sortBy(at, head.getAttribute("aria-sort") === "ascending"));
});
search.addEventListener("input", filter);
document.getElementById("tools").hidden = false;
filter();
