// After htmx has changed the results: the chosen chip in sight, the focus where a person expects it, the change said aloud.
// Without this script everything works; a click then loads a page.
(() => {
  "use strict";
  let focusAfter = null;

  function showChosen() {
    for (const chosen of document.querySelectorAll(".chip[aria-current], .far[aria-current]")) {
      chosen.scrollIntoView({ inline: "center", block: "nearest" });
    }
  }

  function announce() {
    const said = document.querySelector("#results [data-announce]");
    if (said) document.getElementById("announcement").textContent = said.dataset.announce;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    // "Show more" goes away with the swap: the focus moves on to the first of the new items.
    const more = event.detail.target.id === "hits";
    focusAfter = more ? event.detail.target.children.length : null;
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (focusAfter !== null) {
      const item = document.querySelectorAll("#hits > li")[focusAfter];
      if (item) item.querySelector("a").focus();
      focusAfter = null;
    } else {
      showChosen();
    }
    announce();
  });

  // No answer, or a failure: let the browser follow the link, for it knows how to say what is wrong.
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, (event) => {
      const link = event.detail.elt.closest("a[href]");
      if (link) window.location.assign(link.href);
    });
  }

  showChosen();
})();
