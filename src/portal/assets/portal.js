// Small helps. Every page works without this file.
"use strict";

// Copy buttons: the text of the element that data-copy names.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    await navigator.clipboard.writeText(button.dataset.copy === "secret-text" ? text.replaceAll(" ", "") : text);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// The filter of the accounts, where there are several.
for (const box of document.querySelectorAll("[data-filter]")) {
  const items = [...document.querySelectorAll(box.dataset.filter)];
  if (items.length < 2) continue;
  const input = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  box.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      item.hidden = !item.querySelector("summary").textContent.toLowerCase().includes(wanted);
      if (!item.hidden) shown += 1;
    }
    status.textContent = shown === 0 ? status.dataset.none : "";
  });
}

// Passwords can be looked at.
for (const input of document.querySelectorAll("input[data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain toggle";
  button.textContent = input.dataset.show;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.textContent = shows ? input.dataset.hide : input.dataset.show;
    button.setAttribute("aria-pressed", String(shows));
  });
  input.after(button);
}

// The rules of a new password, as one types. The server checks them again.
const rules = document.getElementById("password-rules");
const password = document.getElementById("new_password");
if (rules && password) {
  const tests = {
    length: (text) => [...text].length >= 8 && [...text].length <= 64,
    lower: (text) => /[a-z]/.test(text),
    upper: (text) => /[A-Z]/.test(text),
    digit: (text) => /[0-9]/.test(text),
    symbol: (text) => /[^a-zA-Z0-9]/.test(text),
  };
  const mark = () => {
    for (const item of rules.querySelectorAll("[data-rule]")) {
      const met = tests[item.dataset.rule](password.value);
      item.classList.toggle("met", met);
      item.setAttribute("aria-label", `${item.textContent} (${met ? rules.dataset.met : rules.dataset.notMet})`);
    }
  };
  password.addEventListener("input", mark);
  mark();
}

// One press sends a form once.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
