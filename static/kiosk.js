// The list at the door, on the tablet and for the team lead. A press is kept here at once and shown; it is sent when
// there is a net, as often as it takes. Each has a key of its own, so the server counts it once, however often it is sent.
"use strict";
(() => {
  const list = document.getElementById("press-list");
  if (!list) return;
  const store = "presses " + list.dataset.presses;
  const net = document.querySelector("[data-net]");
  const tally = document.querySelector("[data-tally]");
  const find = document.querySelector("[data-narrow]");
  const walkIn = () => document.querySelector("[data-walk-in]");
  const problems = new Map(); // what the server would not take, by key: it stays to be seen, and can be tried again
  let memory = []; // where the browser keeps nothing for us
  let stored = true;

  const kept = () => {
    if (!stored) return memory;
    try { return JSON.parse(localStorage.getItem(store) || "[]"); } catch { return memory; }
  };
  const keep = (presses) => {
    memory = presses;
    try { localStorage.setItem(store, JSON.stringify(presses)); } catch { stored = false; }
    if (!presses.length) net.textContent = "";
  };
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: list.dataset.zone || undefined });
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const lineOf = (press) => list.querySelector(`[data-signup="${press.signup}"], [data-key="${press.key}"]`);

  // What a press makes of its line; the same as the server will say.
  const show = (press) => {
    for (const [key, one] of problems) if (press.signup && one.press.signup === press.signup) problems.delete(key);
    const line = lineOf(press) || (press.walk_in && added(press));
    if (!line) return;
    const was = line.dataset.state;
    line.dataset.state = press.what !== "undo" ? press.what : was === "out" ? "in" : "";
    const words = { in: list.dataset.here, out: list.dataset.gone, absent: list.dataset.absent }[line.dataset.state] || "";
    delete line.dataset.problem;
    if (line.dataset.state === "in") line.dataset.since ||= clock(press.at);
    if (line.dataset.state === "") line.dataset.since = "";
    const time = line.dataset.state === "in" ? line.dataset.since : clock(press.at);
    line.querySelector("[data-said]").textContent = words.replace("{time}", time);
  };
  const added = (press) => {
    const line = document.getElementById("walked-in").content.firstElementChild.cloneNode(true);
    line.dataset.key = press.key;
    line.querySelector("[data-name]").textContent = `${press.walk_in.first_name} ${press.walk_in.last_name}`;
    list.querySelector(".none")?.remove();
    list.prepend(line);
    return line;
  };
  const complain = ({ press, problem }) => {
    const line = lineOf(press) || (press.walk_in && added(press));
    if (!line) return;
    line.dataset.problem = "";
    if (press.walk_in) line.dataset.state = "";
    line.querySelector("[data-said]").textContent = problem;
  };

  let sending = false;
  const send = async () => {
    const presses = kept().slice(0, 200);
    if (sending || !presses.length) return;
    sending = true;
    let more = false;
    try {
      const answer = await fetch(list.dataset.presses, {
        method: "POST",
        headers: { "content-type": "application/json" },
        // Our clock may be wrong: the server sees by how much.
        body: JSON.stringify({ now: new Date().toISOString(), presses }),
        redirect: "error",
        signal: AbortSignal.timeout(15000),
      });
      if ([401, 403, 404].includes(answer.status)) return await shut();
      if (!answer.ok) throw new Error(answer.status);
      const { taken } = await answer.json();
      const done = new Map(taken.map((one) => [one.key, one.problem]));
      keep(kept().filter((press) => !done.has(press.key)));
      for (const press of presses) if (done.get(press.key)) problems.set(press.key, { press, problem: done.get(press.key) });
      for (const press of presses) if (problems.has(press.key)) complain(problems.get(press.key));
      if (tally || presses.some((press) => press.walk_in && done.get(press.key) === "")) renew();
      more = kept().length > 0;
    } catch {
      net.textContent = net.dataset.waiting.replace("{count}", kept().length);
    } finally {
      sending = false;
    }
    if (more) send();
  };

  // Nothing is taken from here any more: the PIN is to be typed again, or somebody closed the list.
  const shut = async (page) => {
    if (stored && (page || await fetched())?.querySelector("[name=pin]")) return location.reload();
    net.textContent = (kept().length ? net.dataset.closedKept : net.dataset.closed).replace("{count}", kept().length);
  };

  let made = 0;
  const pressed = (press) => {
    made += 1;
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
  document.addEventListener("submit", (event) => {
    const place = event.target.closest("[data-walk-in]");
    if (!place) return;
    event.preventDefault();
    const form = event.target;
    const since = form.dataset.since ? { at: form.dataset.since } : {}; // tried again: they came then
    delete form.dataset.since;
    pressed({ what: "in", ...since, walk_in: Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "key")) });
    form.reset();
    overrule(form, false);
    place.open = false;
    scrollTo(0, 0);
  });
  // What was typed comes back into the form; the lead may say there that they know.
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[data-again]")?.closest("[data-key]");
    const form = walkIn()?.querySelector("form");
    if (!line || !form) return;
    const { press, problem } = problems.get(line.dataset.key);
    form.dataset.since = press.at;
    for (const [name, value] of Object.entries(press.walk_in)) {
      const field = form.elements[name];
      if (field && field.type !== "checkbox") field.value = value;
    }
    problems.delete(line.dataset.key);
    line.remove();
    overrule(form, true, problem);
    walkIn().open = true;
    form.elements.first_name.focus();
  });
  const overrule = (form, asked, why = "") => {
    const box = form.querySelector("[data-overrule]");
    if (!box) return;
    box.hidden = !asked;
    box.querySelector("[data-why]").textContent = why;
  };

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

  // Who signed up meanwhile comes onto the list: once a minute, when nobody is busy with it. The page stays where it is, so
  // that a net which goes this moment leaves it whole.
  const fetched = () => new Promise((done) => {
    const ask = new XMLHttpRequest();
    ask.open("GET", location.href);
    ask.responseType = "document";
    ask.timeout = 5000;
    ask.onloadend = () => done(ask.status ? ask.response : null);
    ask.send();
  });
  const busy = () => kept().length || walkIn()?.open || find?.value || document.hidden;
  const renew = async () => {
    const before = made;
    const page = busy() ? null : await fetched();
    if (!page || busy() || made !== before) return; // somebody pressed since: the page does not know of it yet
    const fresh = page.getElementById("press-list");
    if (!fresh) return shut(page);
    net.textContent = "";
    const { value, form } = document.activeElement;
    const on = list.contains(form) && form.closest("[data-signup]")?.dataset.signup;
    list.replaceChildren(...fresh.children);
    if (fresh.dataset.zone) list.dataset.zone = fresh.dataset.zone;
    if (on) list.querySelector(`[data-signup="${on}"] [value="${value}"]`)?.focus({ preventScroll: true });
    for (const name of ["[data-tally]", "[data-walk-ins]"]) {
      const [old, now] = [document.querySelector(name), page.querySelector(name)];
      if (old && now) old.replaceChildren(...now.childNodes);
    }
    for (const one of problems.values()) complain(one);
  };

  for (const press of kept()) show(press);
  addEventListener("online", send);
  setInterval(send, 5000);
  setInterval(renew, 60000);
  send();
})();
