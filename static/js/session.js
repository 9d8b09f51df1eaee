// A session with one person after another: "/" goes to the place, recent places wait under it, and "start again" leaves
// nothing behind, not even under the back button. All of it stays on this device. Without this script the pages work;
// only the browser's own list of visited pages then still leads back.
(() => {
  "use strict";
  const PLACES = "doorstep-places";
  const SESSION = "doorstep-session"; // a random word: which pages of the history are of the person who is here now
  const SLASH = "doorstep-slash"; // "off" for whoever turned that key off, such as people who speak to their computer
  const CHANGES = "doorstep-changes"; // how often something was sent from this tab
  const MOST = 5;

  // Storage may be full, or forbidden: then nothing is remembered.
  function read(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  }
  function write(name, value) {
    try { localStorage.setItem(name, value); } catch { /* as it was */ }
  }
  function places() {
    try {
      const found = JSON.parse(read(PLACES) || "[]");
      return Array.isArray(found) ? found.filter((each) => typeof each === "string").slice(0, MOST) : [];
    } catch { return []; }
  }
  function changes() {
    try { return Number(sessionStorage.getItem(CHANGES)); } catch { return 0; }
  }
  let seen = changes();
  function change(event) {
    try { sessionStorage.setItem(CHANGES, changes() + 1); } catch { /* then pages are as they were left */ }
    // Shown in place by now, unless the answer is another page.
    setTimeout(() => { if (event.defaultPrevented) seen = changes(); });
  }
  function forget() {
    try {
      localStorage.clear();
      sessionStorage.clear();
    } catch { /* there is nothing then */ }
  }

  // Sent from here just now: to leave before the answer has come would leave the cookies.
  let isStartingAgain = false;

  // A page of somebody before: the back button leads no farther than here.
  function leaveIfOver() {
    const session = history.state?.session;
    if (isStartingAgain || !session || session === read(SESSION)) return false;
    document.documentElement.hidden = true; // not for a moment
    for (const form of document.forms) form.reset();
    // To the same address it would be a reload, which keeps the state and so would go on for ever.
    history.replaceState(null, "");
    location.replace("/");
    return true;
  }
  // From the browser's memory of whole pages too.
  addEventListener("pageshow", (event) => {
    if (event.persisted) isStartingAgain = false;
    // From there a page comes as it was left, before what was added or ticked off on another.
    if (!leaveIfOver() && event.persisted && changes() !== seen) location.reload();
  });
  // Started again in another tab.
  addEventListener("storage", (event) => {
    if (event.key === null || event.key === SESSION) leaveIfOver();
  });
  if (leaveIfOver()) return;

  const recent = document.querySelector("[data-recent]");
  const found = recent?.dataset.recent; // what was typed, once it has been found

  // Nothing is kept before a person has searched.
  function begin() {
    if (!read(SESSION)) write(SESSION, Math.random().toString(36).slice(2));
  }
  if (found) {
    begin();
    const others = places().filter((each) => each.toLowerCase() !== found.toLowerCase());
    write(PLACES, JSON.stringify([found, ...others].slice(0, MOST)));
  }

  function stamp() {
    const session = read(SESSION);
    if (session && !history.state?.session) history.replaceState({ ...history.state, session }, "");
  }
  stamp();
  // htmx writes the state of the page that it leaves anew, and then makes one of its own.
  for (const moment of ["htmx:beforeHistoryUpdate", "htmx:afterSettle"]) document.addEventListener(moment, stamp);

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-start-again]")) {
      isStartingAgain = true;
      forget();
      return;
    }
    if (event.target.method === "post") change(event);
    // What asks or changes something is theirs. So is the page that is left: browsers put back into its box what was typed.
    if (event.target.id !== "where" && event.target.method !== "post") return;
    begin();
    stamp();
  });

  const box = document.getElementById("near");
  if (!box) return;
  const slash = document.querySelector("[data-slash]");
  let isOn = read(SLASH) !== "off";
  function saySlash() {
    const button = slash.querySelector("button");
    button.textContent = isOn ? button.dataset.off : button.dataset.on;
    for (const key of document.querySelectorAll("[data-key]")) key.hidden = !isOn;
    if (isOn) box.setAttribute("aria-keyshortcuts", "/");
    else box.removeAttribute("aria-keyshortcuts");
  }
  slash.querySelector("button").addEventListener("click", () => {
    isOn = !isOn;
    write(SLASH, isOn ? "on" : "off");
    saySlash();
  });
  slash.hidden = false;
  saySlash();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !isOn) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
    box.scrollIntoView({ block: "nearest" });
  });

  if (!recent) return;
  const list = recent.querySelector("[data-places]");
  for (const place of places().filter((each) => each !== found && each !== box.value)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet-button";
    button.textContent = place;
    button.addEventListener("click", () => {
      box.value = place;
      box.form.requestSubmit();
    });
    list.append(button);
  }
  recent.hidden = !list.childElementCount;
  recent.querySelector("[data-clear]").addEventListener("click", () => {
    try { localStorage.removeItem(PLACES); } catch { /* nor was it kept */ }
    list.replaceChildren();
    recent.hidden = true;
    box.focus();
  });
})();
