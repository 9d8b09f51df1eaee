// Draws pins on the map that folium made. Without this script the numbered rings and the list are there.
// Every text goes in by textContent: nothing that a provider wrote can become markup.
window.doorstep = (() => {
  "use strict";

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function popup(pin) {
    const box = element("div", "pin-popup");
    box.append(element("p", "pin-venue", pin.venue), element("p", "pin-distance", pin.distance));
    const list = element("ol");
    for (const item of pin.items) {
      const line = element("li");
      const link = element("a", "", `${item.number}. ${item.title}`);
      link.href = item.url;
      line.append(link, element("span", "pin-kind", item.kind));
      list.append(line);
    }
    box.append(list);
    return box;
  }

  function addPin(map, pin) {
    const face = element("span", `pin ${pin.layer}`, pin.label);
    const marker = L.marker([pin.latitude, pin.longitude], {
      icon: L.divIcon({ html: face, className: "pin-holder", iconSize: null }),
      riseOnHover: true,
    });
    marker.bindPopup(popup(pin), { minWidth: 200, maxWidth: 240, maxHeight: 220 });
    marker.addTo(map);
    const holder = marker.getElement();
    holder.setAttribute("aria-label", `${pin.label}: ${pin.venue}, ${pin.distance}`);
    marker.on("popupopen", (event) => event.popup.getElement().querySelector("a").focus({ preventScroll: true }));
    marker.on("popupclose", () => holder.focus({ preventScroll: true }));
  }

  function pins(map, data) {
    // One finger scrolls the page, two move the map: a map must not be a trap.
    if (L.Browser.mobile) map.dragging.disable();
    const here = L.marker([data.here.latitude, data.here.longitude], {
      icon: L.divIcon({ html: element("span", "here"), className: "pin-holder", iconSize: null }),
      interactive: false,
      keyboard: false,
    }).addTo(map);
    here.getElement().setAttribute("role", "img");
    here.getElement().setAttribute("aria-label", data.here.name);
    for (const pin of data.pins) addPin(map, pin);
    // Leaflet hears Escape only while the map itself has the focus, not one of its pins.
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
  }

  return { pins };
})();
