// "Share" and "Copy link", and a phone's own map app. Without this script there are plain links and the address.
(() => {
  "use strict";

  // Some browsers copy only over https; the older way also works without.
  async function copy(text, source) {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
    window.getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }

  function offer(part) {
    const { url, title, text, copied, failed } = part.dataset;
    const status = part.querySelector("[role=status]");
    const show = (button, act) => {
      button.addEventListener("click", act);
      button.parentElement.hidden = false;
    };

    if (navigator.share) {
      // Whoever closes the sheet has changed their mind: that is no error.
      show(part.querySelector("[data-sheet]"), () => navigator.share({ url, title, text }).catch(() => {}));
    }
    show(part.querySelector("[data-copy]"), async () => {
      status.textContent = "";
      const done = await copy(url, part.querySelector(".address")).catch(() => false);
      status.textContent = done ? copied : failed;
    });
  }

  document.querySelectorAll("[data-share]").forEach(offer);
  // Elsewhere a geo: link may open nothing at all.
  if (/Android/.test(navigator.userAgent)) {
    document.querySelectorAll("[data-geo]").forEach((link) => { link.hidden = false; });
  }
})();
