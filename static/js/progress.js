// Ticks a step off in place: nothing moves, what comes next is said aloud. Without this script the page comes anew.
(() => {
  "use strict";
  // One after the other: the first tick brings the cookie that the next one needs.
  let last = Promise.resolve();
  let isLeaving = false;

  async function send(form) {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "HX-Request": "true" },
      keepalive: true, // whoever goes on at once has ticked it off nevertheless
    });
    if (!answer.ok || answer.redirected) throw new Error(`not ticked: ${answer.status}`);
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
    const button = form.querySelector("button");
    const hadFocus = document.activeElement === button;
    const fresh = parts.querySelector("[data-tick]");
    document.getElementById("progress").replaceWith(parts.getElementById("progress"));
    form.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("button").focus({ preventScroll: true });
    const line = document.querySelector("#progress .line").textContent;
    document.getElementById("progress-said").textContent = line.replace(/\s+/g, " ").trim();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-tick]")) return;
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    // No answer, or one that is no tick: let the browser send it, for then the answer is a page that says why.
    last = last.then(() => send(form)).catch(() => isLeaving || form.submit());
  });
  addEventListener("beforeunload", () => { isLeaving = true; });
  addEventListener("pageshow", () => { isLeaving = false; });
})();
