// Comforts only: every page works without this file.
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const typing = (el) => el.closest("input, textarea, select, [contenteditable]") !== null;
document.documentElement.classList.add("scripted");

// --- notices: good news leaves by itself, bad news stays until it is put away
new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(leaveLater)))
  .observe($("#notices"), { childList: true });
function leaveLater(node) {
  if (node.matches?.(".notice.good, .notice.info")) setTimeout(() => node.matches(":hover, :focus-within") ? leaveLater(node) : node.remove(), 8000);
}
document.querySelectorAll("#notices > *").forEach(leaveLater);

document.addEventListener("click", (event) => {
  event.target.closest("#notices .away")?.closest("#notices > *").remove();
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

// --- keys: / finds, n is the page's main deed, g and a letter goes, ? helps
let went = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
    if (event.target.matches("[data-find]")) event.target.blur();
    return;
  }
  if (event.target.matches("[data-find]") || event.target.closest(".find-panel")) return moveInResults(event);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  const quick = Date.now() - went < 1200;
  const place = quick && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  went = event.key === "g" ? Date.now() : 0;
  if (place) return place.click();
  const found = { "/": $("[data-find]"), n: $("[data-new]"), "?": $("#keys") }[event.key];
  if (!found) return;
  event.preventDefault();
  if (event.key === "/") found.select(), found.focus();
  else if (event.key === "n") found.click();
  else found.showModal();
});
function moveInResults(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [$("[data-find]"), ...document.querySelectorAll(".find-panel a")];
  if (!step || links.length < 2) return;
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + step))].focus();
}

// --- forms: the first error is read out; a second click does not send twice
const toErrors = (root) => $("[data-focus]", root)?.focus();
toErrors(document);
document.addEventListener("submit", (event) => {
  const form = event.target;
  // attributes, not form.method: a field called "method" would stand in its way
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("hx-post") || form.hasAttribute("data-again")) return; // a file may be had again
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; form.removeAttribute("aria-busy"); });
});

// --- a select in a list's toolbar applies itself; without script there is a button
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-apply]");
  if (form && event.target.matches("select, input[type=checkbox]") && !form.matches("[hx-get]")) form.requestSubmit();
});

// --- htmx: a dialog that was loaded opens; a network that failed is said
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  const dialog = target?.matches?.("dialog") ? target : target?.querySelector?.("dialog[data-open]");
  if (dialog && !dialog.open) dialog.showModal();
  const now = target?.isConnected ? target : document.getElementById(target?.id);
  if (now) toErrors(now);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !$("#notices [data-lost]")) $("#notices").append($("#lost").content.cloneNode(true));
});
