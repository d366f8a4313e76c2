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

// The search of accounts and roles, as one types: the server sends the list.
for (const input of document.querySelectorAll("input[data-search]")) {
  let asked = null;
  input.form.querySelector("button").hidden = true;
  input.form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", async () => {
    asked?.abort();
    const mine = asked = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.search}?q=${encodeURIComponent(input.value)}`,
        { signal: mine.signal, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!mine.signal.aborted) document.getElementById("accounts-found").replaceWith(page.getElementById("accounts-found"));
    } catch (error) {
      // Signed out meanwhile, or the server is gone: the ordinary way says so.
      if (error.name !== "AbortError") input.form.submit();
    }
  });
}

// Credentials: the time that is left.
for (const timer of document.querySelectorAll("[data-until]")) {
  const until = Number(timer.dataset.until);
  const two = (number) => String(number).padStart(2, "0");
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) {
      timer.textContent = timer.dataset.over;
      timer.classList.add("over");
      clearInterval(ticking);
      return;
    }
    const text = `${two(Math.floor(left / 3600))}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
    timer.textContent = timer.dataset.left.replace("{}", text);
  };
  const ticking = setInterval(show, 1000);
  timer.hidden = false;
  show();
}

// Security keys and passkeys (WebAuthn Level 3): bytes are base64url in JSON.
const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const described = (list) => list.map((key) => ({ ...key, id: bytesOf(key.id) }));

async function answerOfKey(ceremony, options) {
  options.challenge = bytesOf(options.challenge);
  if (ceremony === "create") {
    options.user.id = bytesOf(options.user.id);
    options.excludeCredentials = described(options.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: options });
    return {
      id: made.id, rawId: textOf(made.rawId), type: made.type,
      response: {
        clientDataJSON: textOf(made.response.clientDataJSON),
        attestationObject: textOf(made.response.attestationObject),
        transports: made.response.getTransports?.() ?? [],
      },
      clientExtensionResults: made.getClientExtensionResults(),
    };
  }
  options.allowCredentials = described(options.allowCredentials);
  const got = await navigator.credentials.get({ publicKey: options });
  return {
    id: got.id, rawId: textOf(got.rawId), type: got.type,
    response: {
      clientDataJSON: textOf(got.response.clientDataJSON),
      authenticatorData: textOf(got.response.authenticatorData),
      signature: textOf(got.response.signature),
      ...(got.response.userHandle?.byteLength ? { userHandle: textOf(got.response.userHandle) } : {}),
    },
    clientExtensionResults: {},
  };
}

for (const button of document.querySelectorAll("button[data-key]")) {
  if (!window.PublicKeyCredential) break;
  const form = button.form;
  const failed = form.querySelector("[data-key-failed]");
  form.querySelector("[data-key-missing]").hidden = true;
  button.hidden = false;
  const run = async () => {
    button.disabled = true;
    failed.hidden = true;
    failed.removeAttribute("role");
    try {
      const answer = await answerOfKey(button.dataset.key, JSON.parse(button.dataset.options));
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    } catch {
      failed.textContent = failed.dataset.keyFailed;
      failed.hidden = false;
      failed.setAttribute("role", "alert");
      button.disabled = false;
    }
  };
  button.addEventListener("click", run);
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  if ("atOnce" in button.dataset) run();
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
    "root-length": (text) => [...text].length >= 8 && [...text].length <= 128,
    kinds: (text) => [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(text)).length >= 3,
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
