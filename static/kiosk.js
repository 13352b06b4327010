// The list at the door, on the tablet and for the team lead. A press is kept here at once and shown; it is sent when
// there is a net, as often as it takes. Each has a key of its own, so the server counts it once, however often it is sent.
"use strict";
(() => {
  const list = document.getElementById("press-list");
  if (!list) return;
  const store = "presses " + list.dataset.presses;
  const net = document.querySelector("[data-net]");
  const find = document.querySelector("[data-narrow]");
  const walkIn = document.querySelector("[data-walk-in]");
  let memory = []; // where the browser keeps nothing for us

  const kept = () => {
    try { return JSON.parse(localStorage.getItem(store) || "[]"); } catch { return memory; }
  };
  const keep = (presses) => {
    memory = presses;
    try { localStorage.setItem(store, JSON.stringify(presses)); } catch { /* memory has it */ }
    if (!presses.length) net.textContent = "";
  };
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: list.dataset.zone || undefined });
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const lineOf = (press) => list.querySelector(`[data-signup="${press.signup}"], [data-key="${press.key}"]`);

  // What a press makes of its line; the same as the server will say.
  const show = (press) => {
    const line = lineOf(press) || (press.walk_in && added(press));
    if (!line) return;
    const was = line.dataset.state;
    line.dataset.state = press.what !== "undo" ? press.what : was === "out" ? "in" : "";
    const words = { in: list.dataset.here, out: list.dataset.gone, absent: list.dataset.absent }[line.dataset.state] || "";
    delete line.dataset.problem;
    line.querySelector("[data-said]").textContent = words.replace("{time}", clock(press.at));
  };
  const added = (press) => {
    const line = document.getElementById("walked-in").content.firstElementChild.cloneNode(true);
    line.dataset.key = press.key;
    line.querySelector("[data-name]").textContent = `${press.walk_in.first_name} ${press.walk_in.last_name}`;
    list.querySelector(".none")?.remove();
    list.prepend(line);
    return line;
  };
  const complain = (press, problem) => {
    const line = lineOf(press);
    if (!line) return;
    line.dataset.problem = "";
    if (press.walk_in) line.dataset.state = "";
    line.querySelector("[data-said]").textContent = problem;
  };

  let sending = false;
  let closed = false;
  const send = async () => {
    const presses = kept().slice(0, 200);
    if (sending || !presses.length) return;
    sending = true;
    try {
      const answer = await fetch(list.dataset.presses, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ presses }),
        redirect: "error",
        signal: AbortSignal.timeout(15000),
      });
      closed = [401, 403, 404].includes(answer.status);
      if (!answer.ok) throw new Error(answer.status);
      const { taken } = await answer.json();
      const done = new Map(taken.map((one) => [one.key, one.problem]));
      for (const press of presses) if (done.get(press.key)) complain(press, done.get(press.key));
      keep(kept().filter((press) => !done.has(press.key)));
      if (presses.some((press) => press.walk_in && done.get(press.key) === "")) renew();
    } catch {
      net.textContent = (closed ? net.dataset.closed : net.dataset.waiting).replace("{count}", kept().length);
    } finally {
      sending = false;
    }
    if (!closed && kept().length && !net.textContent) send();
  };

  const pressed = (press) => {
    keep([...kept(), { key: key(), at: new Date().toISOString(), ...press }]);
    show(kept().at(-1));
    send();
  };

  list.addEventListener("submit", (event) => {
    event.preventDefault();
    const { signup, people } = event.target.elements;
    const counted = people && event.submitter.value === "in" ? Number.parseInt(people.value, 10) : null;
    pressed({ signup: Number(signup.value), what: event.submitter.value, people: counted || null });
    if (find?.value) { find.value = ""; narrow(); find.focus(); }
  });
  walkIn?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    pressed({ what: "in", walk_in: Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "key")) });
    form.reset();
    walkIn.open = false;
    scrollTo(0, 0);
  });

  const narrow = () => {
    const typed = plain(find.value.trim());
    for (const line of list.children) line.hidden = typed !== "" && !plain(line.querySelector(".who")?.textContent || "").includes(typed);
  };
  if (find) {
    find.closest("label").hidden = false;
    find.addEventListener("input", narrow);
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const left = [...list.children].filter((line) => !line.hidden);
      if (left.length === 1 && left[0].dataset.state === "") left[0].querySelector("button.in")?.click();
    });
  }

  // Who signed up meanwhile comes onto the list: once a minute, when nobody is busy with it and there is a net.
  const renew = async () => {
    const busy = kept().length || walkIn?.open || find?.value || document.querySelector("[data-problem]");
    if (busy || document.hidden) return;
    try {
      const answer = await fetch(location.href, { method: "GET", redirect: "error", signal: AbortSignal.timeout(5000) });
      if (answer.ok) location.reload();
    } catch { /* later */ }
  };

  for (const press of kept()) show(press);
  addEventListener("online", send);
  setInterval(send, 5000);
  setInterval(renew, 60000);
  send();
})();
