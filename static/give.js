// The giving page counts along. Without this file the server does the same sums after one click.
"use strict";
(() => {
  const form = document.querySelector("form[data-give]");
  if (!form) return;
  const { currency, feeBp, feeFixed, digits } = form.dataset;
  const unit = 10 ** Number(digits || 2);
  const say = (minor) => new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(minor / unit);
  const own = form.querySelector("input[name=own_amount]");
  const all = (selector) => form.querySelectorAll(selector);

  function chosen() {
    const preset = form.querySelector("input[name=amount]:checked");
    const text = preset && preset.value && preset.value !== "other" ? preset.value : own ? own.value : "";
    const plain = /^\s*\D?\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(text);
    return plain ? Number(plain[1]) * unit + (unit === 1 ? 0 : Number((plain[2] || "0").padEnd(2, "0")) * (unit / 100)) : 0;
  }
  // kit.money.fee and kit.money.gross_up, digit for digit
  const fee = (amount) => Math.floor((amount * Number(feeBp || 0) + 5000) / 10000) + Number(feeFixed || 0);
  function grossUp(net) {
    let gross = Math.floor(((net + Number(feeFixed || 0)) * 10000) / (10000 - Number(feeBp || 0)));
    while (gross - fee(gross) < net) gross += 1;
    while (gross > net && gross - 1 - fee(gross - 1) >= net) gross -= 1;
    return gross;
  }

  function count() {
    const net = chosen();
    const extra = net ? grossUp(net) - net : 0;
    const covers = form.querySelector("input[name=cover_fee]");
    all("[data-fee]").forEach((el) => { if (net) el.textContent = say(extra); });
    const total = net ? net + (covers && covers.checked ? extra : 0) : 0;
    all("[data-total]").forEach((el) => { el.textContent = total ? say(total) : "–"; });
    // what she has seen: the server compares, and shows the form once more if its own sum is another
    all("input[name=total]").forEach((el) => { el.value = total || ""; });
  }
  if (own) own.addEventListener("input", () => {
    const other = form.querySelector("input[name=amount][value=other], input[name=amount][value='']");
    if (other && own.value) other.checked = true;
  });
  form.addEventListener("input", count);
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);
  count();
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
})();

// The thank-you page: asks whether there is news, and comes anew when there is. Nobody is read the same page twice.
(() => {
  const waiting = document.querySelector("#thanks[data-again]");
  if (!waiting) return;
  const same = `data-state="${waiting.dataset.state}"`;
  const ask = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (answer && answer.ok && !(await answer.text()).includes(same)) location.reload();
    else setTimeout(ask, Number(waiting.dataset.again) * 1000);
  };
  setTimeout(ask, Number(waiting.dataset.again) * 1000);
})();
