// The calendar's comforts: arrow keys go from day to day, and a shift is dragged to another day, which opens the page
// that moves it and says who will be told. Links and forms do all of it without this file.
"use strict";
for (const table of document.querySelectorAll("[data-calendar]")) {
  const days = [...table.querySelectorAll("[data-day]")];
  for (const item of table.querySelectorAll("[data-move]")) item.draggable = true;

  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const way = { PageUp: "before", PageDown: "after" }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(step || way)) return;
    event.preventDefault();
    if (way) return document.querySelector(`[data-cal="${way}"]`)?.click();
    const here = days.indexOf(event.target.closest("[data-day]"));
    days[here + step]?.querySelector("a.date").focus();
  });

  let dragged = "";
  const under = (event) => event.target.closest?.("[data-day]");
  const unmark = () => table.querySelectorAll(".drop").forEach((day) => day.classList.remove("drop"));
  table.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.("[data-move]");
    dragged = item ? item.dataset.move : "";
    if (item) event.dataTransfer.setData("text/plain", dragged), event.dataTransfer.effectAllowed = "move";
  });
  table.addEventListener("dragover", (event) => {
    unmark();
    if (!dragged || !under(event)) return;
    event.preventDefault();
    under(event).classList.add("drop");
  });
  table.addEventListener("dragend", () => { dragged = ""; unmark(); });
  table.addEventListener("drop", (event) => {
    const day = under(event);
    if (!dragged || !day) return;
    event.preventDefault();
    location.assign(`${dragged}?day=${day.dataset.day}`);
  });
}
