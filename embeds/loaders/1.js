// Doorstep on your own page:
//
//   <script async src="https://doorstep.example/embed.js"></script>
//   <doorstep-pathway slug="cook-for-a-living" near="PL1"><a href="…">Cook for a living</a></doorstep-pathway>
//
// also <doorstep-opportunities provider near> and <doorstep-search near>. Each makes one sandboxed frame and fits it
// to what is in it. Without JavaScript the link inside stays. It sets no cookie, keeps nothing and makes no global.
(() => {
  "use strict";
  const OPTIONS = "near lang theme accent ground radius compact steps heading target provider".split(" ");
  // No allow-same-origin: the widget needs no cookie and no storage, and so gets an origin that has none.
  const SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox";
  const SILENCE = 4000; // milliseconds after which a frame that has loaded and said nothing is not ours
  const script = document.currentScript;
  const home = script && /\/embed[-\d]*\.js/.test(script.src) && new URL(script.src).origin;

  function define(name, path) {
    // Included twice, the first stays.
    if (customElements.get(name)) return;
    customElements.define(name, class extends HTMLElement {
      static get observedAttributes() {
        return ["slug", ...OPTIONS];
      }

      connectedCallback() {
        if (this.hear) return;
        // In a bundle we do not know where we come from; the link inside does.
        const link = this.querySelector("a");
        this.home = home || (link && link.origin);
        if (!this.home) return;
        this.root = this.root || this.attachShadow({ mode: "open" });
        this.hear = (event) => this.heard(event);
        addEventListener("message", this.hear);
        // A theme's rules for whatever stands in a text must not cut it off; the frame itself they cannot reach.
        this.style.cssText += ";height:auto!important;max-height:none!important;visibility:visible";
        this.show();
      }

      disconnectedCallback() {
        removeEventListener("message", this.hear);
        this.hear = null;
      }

      attributeChangedCallback() {
        // A page may change several at a time: one new frame for them all.
        if (this.hear && !this.due) this.due = Promise.resolve().then(() => this.show());
      }

      show() {
        this.due = null;
        if (!this.hear) return;
        const slug = path.endsWith("/") ? encodeURIComponent(this.getAttribute("slug") || "") : "";
        const url = new URL(path + slug, this.home);
        for (const name of OPTIONS) {
          const value = this.getAttribute(name);
          // As HTML has it, compact is on where it stands, whatever it says.
          if (name === "compact" ? value !== null && value !== "0" : value) {
            url.searchParams.set(name, name === "compact" ? "1" : value);
          }
        }
        const frame = document.createElement("iframe");
        const height = parseInt(this.style.minHeight, 10) || 480;
        this.isFit = false;
        frame.setAttribute("sandbox", SANDBOX);
        frame.loading = "lazy";
        frame.src = url;
        frame.style.cssText = `all:initial;display:block;width:100%;height:${height}px`;
        frame.onload = () => {
          this.entitle(frame);
          setTimeout(() => this.give(frame), SILENCE);
        };
        this.entitle(frame);
        this.frame = frame;
        this.root.replaceChildren(frame);
      }

      // What is inside may be read only after we are.
      entitle(frame) {
        frame.title = this.title || this.textContent.trim() || "Doorstep";
      }

      // Not allowed here, or not there: the link inside comes back.
      give(frame) {
        if (frame === this.frame && !this.isFit && this.offsetWidth) frame.replaceWith(document.createElement("slot"));
      }

      heard({ source, origin, data }) {
        // Its own frame and no other. A sandboxed frame's origin is called "null".
        if (source !== this.frame.contentWindow || !source || (origin !== "null" && origin !== this.home)) return;
        if (!data || data.doorstep !== "height" || !(data.value > 0)) return;
        this.isFit = true;
        this.frame.style.height = `${Math.min(data.value, 20000)}px`;
      }
    });
  }

  define("doorstep-pathway", "/embed/pathways/");
  define("doorstep-opportunities", "/embed/opportunities");
  define("doorstep-search", "/embed/search");
})();
