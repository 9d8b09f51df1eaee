// After htmx has changed the results: the chosen chip in sight, the focus where a person expects it, the change said aloud.
// Without this script everything works; a click then loads a page.
(() => {
  "use strict";
  let focusAfter = null; // the index of the first new item, after "Show more"
  let throughAfter = null;
  let wasFiltering = false;

  function showChosen() {
    for (const chosen of document.querySelectorAll(".chip[aria-current], .far[aria-current]")) {
      chosen.scrollIntoView({ inline: "center", block: "nearest" });
    }
  }

  function announce() {
    const wrong = [...document.querySelectorAll("#results .message")].map((message) => message.textContent);
    const said = document.querySelector("#results [data-announce]")?.dataset.announce || "";
    document.getElementById("announcement").textContent = [...wrong, said].join(" ");
  }

  // Leave out of the address what was not filled in, whether htmx sends the form or the browser.
  document.addEventListener("formdata", (event) => {
    const when = event.formData.get("when");
    const isTimed = Boolean(event.formData.get("minutes"));
    for (const [name, value] of [...event.formData.entries()]) {
      const isOther = (name === "from" || name === "to") && when !== "dates";
      const isIdle = name === "by" && (!isTimed || value === "foot");
      if (value === "" || isOther || isIdle || value === "dates") event.formData.delete(name);
    }
  });

  // Whoever fills in a day means it.
  document.addEventListener("input", (event) => {
    if (event.target.type === "date") event.target.form.querySelector("[value=dates]").checked = true;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    wasFiltering = event.target.id === "filter-form";
    // What stands below makes room at once, while the tap explains it, and not when the answer comes.
    if (event.detail.target.id === "hits") document.getElementById("more").classList.add("awaiting");
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    // "Show more" goes away with the swap: the focus moves on to the first of the new items.
    const more = event.detail.target.id === "hits";
    focusAfter = more ? event.detail.target.children.length : null;
    throughAfter = more ? event.detail.requestConfig.elt.dataset.through : null;
  });

  // The boxes stand outside what was swapped: they say what the address says.
  function fillIn() {
    const asked = new URLSearchParams(window.location.search);
    for (const name of ["near", "q"]) {
      const box = document.getElementById(name);
      if (box !== document.activeElement) box.value = asked.get(name) || "";
    }
  }

  // Whoever comes back to this list later finds all of it.
  function keepInAddress(through) {
    const address = new URL(window.location.href);
    address.searchParams.set("through", through);
    window.history.replaceState(window.history.state, "", address);
  }

  document.addEventListener("htmx:afterSettle", () => {
    if (focusAfter !== null) {
      const item = document.querySelectorAll("#hits > li")[focusAfter];
      if (item) item.querySelector("a").focus();
      focusAfter = null;
      keepInAddress(throughAfter);
    } else {
      showChosen();
      fillIn();
      // What had the focus may be gone, or folded away with the filters. What is wrong comes first.
      const wrong = document.querySelector("#results .message");
      if (wrong) wrong.focus();
      else if (wasFiltering || document.activeElement === document.body) document.getElementById("found")?.focus();
    }
    wasFiltering = false;
    announce();
  });

  // No answer, or a failure: let the browser follow the link, for it knows how to say what is wrong.
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, (event) => {
      const asked = event.detail.elt.closest("a[href], form");
      if (asked instanceof HTMLFormElement) asked.submit();
      else if (asked) window.location.assign(asked.href);
    });
  }

  // Whoever went back again before this script ran has the address of one list and sees another.
  const [loaded] = performance.getEntriesByType("navigation");
  const isOther = loaded && loaded.name.split("#")[0] !== window.location.href.split("#")[0];
  if (loaded && loaded.type === "reload" && isOther) window.location.reload();

  showChosen();
})();
