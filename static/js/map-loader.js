// Fetches what an interactive map is made of once one comes into sight, or is asked for. Without this script the
// drawn map stays, and nothing else is missing.
(() => {
  "use strict";
  const frame = document.querySelector("[data-map]");
  if (!frame) return;

  function fetchScript(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  async function fetchMap() {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = frame.dataset.style;
    // Before the page's own, which change some of it.
    document.head.prepend(style);
    try {
      for (const address of frame.dataset.scripts.split(" ")) await fetchScript(address);
    } catch {
      document.documentElement.classList.add("no-map");
    }
  }

  if ("asked" in frame.dataset) {
    const asking = document.getElementById("ask-for-map");
    asking.hidden = false;
    asking.addEventListener("click", () => {
      asking.hidden = true;
      frame.hidden = false;
      document.documentElement.classList.add("map-asked");
      // The button that had the focus is gone: the map takes it.
      fetchMap().then(() => frame.querySelector(".leaflet-container")?.focus({ preventScroll: true }));
    });
    return;
  }
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    watch.disconnect();
    fetchMap();
  }, { rootMargin: "100px" });
  watch.observe(frame);
})();
