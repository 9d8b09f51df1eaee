// The previews fit what is in them, the lines to copy say the height that was measured, and "Copy" copies.
// Without this script the form is sent by its button, the previews scroll, and the lines can be marked by hand.
(() => {
  "use strict";

  // Some browsers copy only over https; the older way also works without.
  async function copy(field) {
    field.select();
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(field.value);
      return true;
    }
    return document.execCommand("copy");
  }

  document.addEventListener("click", async ({ target }) => {
    const part = target.closest("[data-copy]")?.closest("[data-snippet]");
    if (!part) return;
    const { copied, failed } = document.getElementById("made").dataset;
    const status = part.querySelector("[role=status]");
    status.textContent = "";
    const done = await copy(part.querySelector("textarea")).catch(() => false);
    status.textContent = done ? copied : failed;
  });

  window.addEventListener("message", ({ source, data }) => {
    const frame = [...document.querySelectorAll(".previews iframe")].find((each) => each.contentWindow === source);
    if (!frame || data?.doorstep !== "height" || !(data.value > 0)) return;
    frame.height = data.value + 2; // its border
    // The room to keep is that of a widget as it is found, not of one with a step opened.
    if (!("measured" in frame.dataset)) return;
    delete frame.dataset.measured;
    for (const field of document.querySelectorAll("[data-snippet] textarea")) {
      field.value = field.value.replace(/(height(?:="|:))\d+/g, `$1${data.value}`);
    }
  });

  // Leave out of the address what was not filled in.
  document.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
  });

  // Frames that spoke before we listened are asked again.
  function begin() {
    document.querySelectorAll(".copy").forEach((button) => { button.hidden = false; });
    for (const frame of document.querySelectorAll(".previews iframe")) frame.contentWindow.postMessage({ doorstep: "ready" }, "*");
  }
  document.addEventListener("htmx:afterSettle", begin);
  begin();
})();
