// Puts a thing on the shortlist in place, and lets items be dragged into order. Without this script the page comes anew.
(() => {
  "use strict";
  // One after the other: the first addition brings the cookie that the next one needs.
  let last = Promise.resolve();
  let isLeaving = false;

  function showLink(fresh) {
    const old = document.getElementById("shortlist-link");
    if (old) old.replaceWith(fresh);
    else document.querySelector(".masthead nav").append(" ", fresh);
  }

  async function send(form, button) {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ item: button.value }),
      headers: { "HX-Request": "true" },
      keepalive: true, // whoever goes on at once has added it nevertheless
    });
    if (!answer.ok || answer.redirected) throw new Error(`not kept: ${answer.status}`);
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
    const hadFocus = document.activeElement === button;
    // The same thing may stand on a page more than once.
    for (const each of document.querySelectorAll(`[data-keep="${CSS.escape(form.dataset.keep)}"]`)) {
      const fresh = parts.querySelector("[data-keep]").cloneNode(true);
      fresh.id = each.id;
      if (!each.id) fresh.removeAttribute("id");
      each.replaceWith(fresh);
      if (each === form && hadFocus) fresh.querySelector("button").focus({ preventScroll: true });
    }
    showLink(parts.getElementById("shortlist-link"));
    document.getElementById("shortlist-said").textContent = parts.querySelector("p").textContent;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("[data-keep]") || !button) return;
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    // No answer, or one that says no: let the browser send it, for then the answer is a page that says why.
    last = last.then(() => send(form, button)).catch(() => {
      if (isLeaving) return;
      const value = document.createElement("input");
      Object.assign(value, { type: "hidden", name: "item", value: button.value });
      form.append(value);
      form.submit();
    });
  });
  addEventListener("beforeunload", () => { isLeaving = true; });
  addEventListener("pageshow", () => { isLeaving = false; });

  function drag(list) {
    let held = null;
    function show(name, item) {
      for (const each of list.children) each.classList.toggle(name, each === item);
    }
    for (const item of list.children) item.querySelector(".number").draggable = true;
    const hint = document.querySelector("[data-drag]");
    if (hint && matchMedia("(any-pointer: fine)").matches) hint.hidden = false;
    list.addEventListener("dragstart", (event) => {
      held = event.target.closest("[data-item]");
      event.dataTransfer.setDragImage(held, 0, 0);
      show("held", held);
    });
    list.addEventListener("dragend", () => {
      held = null;
      show("held", null);
      show("onto", null);
    });
    list.addEventListener("dragover", (event) => {
      if (!held) return;
      event.preventDefault();
      const target = event.target.closest("[data-item]");
      show("onto", target === held ? null : target);
    });
    list.addEventListener("drop", (event) => {
      const target = event.target.closest("[data-item]");
      if (!held || !target || target === held) return;
      event.preventDefault();
      const form = held.querySelector(".order");
      const to = document.createElement("input");
      Object.assign(to, { type: "hidden", name: "to", value: [...list.children].indexOf(target) + 1 });
      form.append(to);
      form.submit();
    });
  }

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-order]").forEach(drag);
    for (const button of document.querySelectorAll("[data-print]")) {
      button.parentElement.hidden = false;
      button.addEventListener("click", () => print());
    }
  });
})();
