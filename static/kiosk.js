// The tablet at the door. A press is kept here at once and shown; it is sent when there is a net, as often as it takes.
// Each has a key of its own, so the server counts it once, however often it is sent.
"use strict";
(() => {
  const list = document.getElementById("kiosk-list");
  if (!list) return;
  const store = "presses " + list.dataset.presses;
  const net = document.querySelector("[data-net]");
  const kept = () => JSON.parse(localStorage.getItem(store) || "[]");
  const keep = (presses) => localStorage.setItem(store, JSON.stringify(presses));
  let sending = false;

  const show = (signup, what, problem) => {
    const line = list.querySelector(`[data-signup="${signup}"]`);
    if (!line) return;
    if (!problem) line.dataset.state = what;
    line.querySelector("[data-said]").textContent = problem || (what === "in" ? list.dataset.here : list.dataset.gone);
  };

  const send = async () => {
    const presses = kept();
    if (sending || !presses.length) return;
    sending = true;
    try {
      const answer = await fetch(list.dataset.presses, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ presses: presses.slice(0, 200) }),
      });
      if (!answer.ok) throw new Error(answer.status);
      const { taken } = await answer.json();
      const done = new Set(taken.map((one) => one.key));
      for (const one of taken.filter((one) => one.problem)) {
        show(presses.find((press) => press.key === one.key).signup, "", one.problem);
      }
      keep(kept().filter((press) => !done.has(press.key)));
      net.textContent = "";
    } catch {
      net.textContent = net.dataset.offline;
    } finally {
      sending = false;
    }
  };

  list.addEventListener("submit", (event) => {
    event.preventDefault();
    const signup = Number(event.target.elements.signup.value);
    const what = event.submitter.value;
    keep([...kept(), { key: crypto.randomUUID(), signup, what, at: new Date().toISOString() }]);
    show(signup, what);
    send();
  });
  document.querySelector("[data-narrow]").addEventListener("input", (event) => {
    const typed = event.target.value.trim().toLocaleLowerCase();
    for (const line of list.children) line.hidden = !line.textContent.toLocaleLowerCase().includes(typed);
  });
  for (const press of kept()) show(press.signup, press.what);
  addEventListener("online", send);
  setInterval(send, 5000);
  send();
})();
