// Inside a frame on somebody else's page: says how tall the widget is, so that the frame can fit it. Without this script
// the frame scrolls. It needs no origin of its own, no storage and no cookie, so a sandbox of allow-scripts alone will do.
// Two ways of saying it: ours, and WordPress's (wp-includes/js/wp-embed.js), whose page tells us a secret by the fragment.
(() => {
  "use strict";
  if (window.parent === window) return;
  const [, secret] = /[#?&]secret=([a-z\d]+)/i.exec(location.hash) || [];
  const [, id] = /[#&]doorstep=([\w-]+)/.exec(location.hash) || [];
  let told = 0;

  // Whose page it is we cannot know, and a height is no secret.
  const tell = (message) => window.parent.postMessage(message, "*");

  function tellHeight() {
    // Of what there is to read, and not of the frame: else a frame that has grown would never shrink.
    const value = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (!value || value === told) return;
    told = value;
    tell({ doorstep: "height", value, id });
    if (secret) tell({ message: "height", value, secret });
  }

  // Not before it is styled: what stands in the page for a moment is of another height.
  function begin() {
    new ResizeObserver(tellHeight).observe(document.documentElement);
    window.addEventListener("resize", tellHeight);
    document.addEventListener("toggle", tellHeight, true);
    tellHeight();
  }
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);

  // The page may have begun to listen after we spoke.
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || !data) return;
    if (data.doorstep !== "ready" && (!secret || data.message !== "ready" || data.secret !== secret)) return;
    told = 0;
    if (document.readyState === "complete") tellHeight();
  });

  // WordPress's sandbox lets nothing open a page but WordPress, when it is asked, and only on our own site.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = !event.button && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!secret || !link || !isPlain || !link.target) return;
    event.preventDefault();
    tell({ message: "link", value: link.href, secret });
  });

  // Whoever moves on inside the frame stays with the page that listens.
  for (const link of document.querySelectorAll("a[href]:not([target])")) {
    if (!link.hash && link.origin === location.origin) link.hash = location.hash;
  }
  for (const form of document.querySelectorAll("form:not([target])")) form.action += location.hash;
})();
