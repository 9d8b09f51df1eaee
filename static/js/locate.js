// "Use my location": fills the box and sends the form. Without this script the box is all there is, and enough.
(() => {
  "use strict";
  const DECIMALS = 3; // about 100 m: as exact as a walk needs, and all that leaves the phone
  const TIMEOUT_MS = 10000;

  function offer(part) {
    const form = part.closest("form");
    const button = part.querySelector("button");
    const status = part.querySelector("[role=status]");

    function sayWhy(error) {
      button.removeAttribute("aria-busy");
      const reasons = { 1: part.dataset.refused, 3: part.dataset.timeout };
      status.textContent = reasons[error.code] || part.dataset.unavailable;
      form.elements.near.focus();
    }

    button.addEventListener("click", () => {
      status.textContent = "";
      if (!window.isSecureContext) {
        status.textContent = part.dataset.insecure;
        form.elements.near.focus();
        return;
      }
      button.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          form.elements.near.value = `${coords.latitude.toFixed(DECIMALS)},${coords.longitude.toFixed(DECIMALS)}`;
          form.requestSubmit();
        },
        sayWhy,
        { maximumAge: 300000, timeout: TIMEOUT_MS },
      );
    });
    part.hidden = false;
  }

  if ("geolocation" in navigator || !window.isSecureContext) {
    document.querySelectorAll("[data-locate]").forEach(offer);
  }
})();
