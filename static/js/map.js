// Draws on the map that folium made: where the person is, and a pin a venue, gathered by the server where they would
// lie on one another. Without this script the drawn map and the list are there.
// Every text goes in by textContent or as an attribute: nothing that a provider wrote can become markup.
window.doorstep = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = window.matchMedia("(min-width: 64rem)");
  const STEP_PX = 80; // of an arrow key

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function symbol(name, className) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", className);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#${name}`);
    svg.append(use);
    return svg;
  }

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // As `search.results.number_label` has it: 3, 3–5 or 3, 7–9.
  function numberLabel(numbers) {
    const runs = [];
    for (const number of [...numbers].sort((one, other) => one - other)) {
      const last = runs[runs.length - 1];
      if (last && number === last[1] + 1) last[1] = number;
      else runs.push([number, number]);
    }
    return runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  }

  // What fits on a pin; its name says all of them.
  const brief = (label) => (label.length > 7 ? `${label.split(", ")[0]}…` : label);

  // As `catalogue.grid.cell` has it.
  function squareOf({ latitude, longitude }, level) {
    const size = 2 ** level;
    const northing = Math.asinh(Math.tan((latitude * Math.PI) / 180));
    return `${Math.floor(((longitude + 180) / 360) * size)}.${Math.floor(((1 - northing / Math.PI) / 2) * size)}`;
  }

  function edgesOf(squares, level) {
    const size = 2 ** level;
    const corner = (x, y) => [
      (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI,
      (x / size) * 360 - 180,
    ];
    const pairs = squares.map((square) => square.split(".").map(Number));
    return L.latLngBounds(pairs.flatMap(([x, y]) => [corner(x, y), corner(x + 1, y + 1)]));
  }

  function begin(map) {
    const box = map.getContainer();
    const part = (id) => document.getElementById(id);
    const shows = JSON.parse(box.dataset.shows);
    const { words, stops } = shows;
    const hits = part("hits") || document.querySelector(".place-page");
    const marks = new Map(); // by squares and label: what is drawn
    const names = L.layerGroup().addTo(map);
    let level = 0;
    let asked = null; // the fetch under way
    let opened = null; // the mark whose pop-up is open
    let lookFor = null; // where the focus goes once new pins are drawn
    let isMissing = true; // the background, until a tile is there
    let wasMoved = false;

    // ---- Pins

    function face({ label, count, venues, kind, layer, more }) {
      const made = element("span", `pin ${venues > 1 ? "crowd" : layer || "several"}${label ? "" : " unlisted"}`);
      if (label || venues > 1) made.append(element("b", "pin-number", brief(label) || `${count}`));
      if (label && more > 0) made.append(element("small", "pin-more", `+${more}`));
      if (venues === 1) {
        made.append(symbol(`sign-${kind || "several"}`, "pin-sign"));
        if (layer) made.append(symbol(`steps-${layer}`, `pin-steps ${layer}`));
      }
      return made;
    }

    function told({ label, count, venues, name, kind, layer }) {
      const many = count.toLocaleString();
      const what = venues > 1 ? fill(words.crowd, { count: many, venues }) : fill(words.venue, { name, count: many });
      const listed = label.includes("–") || label.includes(",") ? words.numbers : words.number;
      const parts = [label && fill(listed, { numbers: label }), what];
      if (venues === 1) parts.push(kind && words[`kind ${kind}`], layer && words[`layer ${layer}`]);
      return parts.filter(Boolean).join(". ");
    }

    function addMark(key, spot, pin) {
      const marker = L.marker(spot, {
        icon: L.divIcon({ html: face(pin), className: "pin-holder", iconSize: null }),
        riseOnHover: true,
      }).addTo(map);
      const holder = marker.getElement();
      const mark = { key, spot, pin, marker, holder };
      holder.setAttribute("aria-label", told(pin));
      marker.on("click", () => open(mark));
      holder.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open(mark);
      });
      for (const [sort, isOn] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) {
        holder.addEventListener(sort, () => lightCards(mark, isOn));
      }
      marks.set(key, mark);
      return mark;
    }

    function draw(collection) {
      level = collection.level;
      const listed = new Map();
      for (const stop of stops) {
        const square = squareOf(stop, level);
        listed.set(square, [...(listed.get(square) || []), ...stop.numbers]);
      }
      const kept = new Set();
      for (const { geometry, properties } of collection.features) {
        const numbers = properties.squares.flatMap((square) => listed.get(square) || []);
        const label = numberLabel(numbers);
        const pin = { name: "", ...properties, numbers, label, more: properties.count - numbers.length };
        const spot = L.latLng(geometry.coordinates[1], geometry.coordinates[0]);
        const key = [level, ...properties.squares, label, pin.count, pin.name].join(" ");
        kept.add(key);
        if (!marks.has(key)) addMark(key, spot, pin);
      }
      const hadFocus = [...marks.values()].find((mark) => mark.holder === document.activeElement && !kept.has(mark.key));
      for (const [key, mark] of marks) {
        if (kept.has(key)) continue;
        mark.marker.remove();
        marks.delete(key);
      }
      const isElsewhere = document.activeElement !== document.body && !box.contains(document.activeElement);
      if (isElsewhere) lookFor = null;
      const place = lookFor || (hadFocus && L.latLngBounds([hadFocus.spot, hadFocus.spot]).pad(1));
      // What was drawn may be of the view before: then the next pins are looked through too.
      if (place && focusWithin(place)) lookFor = null;
    }

    function focusWithin(place) {
      const middle = place.getCenter();
      const inside = [...marks.values()].filter((mark) => place.contains(mark.spot));
      inside.sort((one, other) => middle.distanceTo(one.spot) - middle.distanceTo(other.spot));
      (inside.length ? inside[0].holder : box).focus({ preventScroll: true });
      return inside.length > 0;
    }

    // The stops alone, gathered as the server would.
    function ownPins() {
      const at = Math.min(map.getZoom() + 2, 22);
      const bySquare = new Map();
      const bounds = map.getBounds();
      for (const stop of stops.filter((each) => bounds.contains([each.latitude, each.longitude]))) {
        const square = squareOf(stop, at);
        bySquare.set(square, [...(bySquare.get(square) || []), stop]);
      }
      const features = [...bySquare].map(([square, here]) => ({
        geometry: { coordinates: [here[0].longitude, here[0].latitude] },
        properties: {
          squares: [square],
          count: here.reduce((sum, stop) => sum + stop.numbers.length, 0),
          venues: here.length,
          name: here[0].name,
          kind: here[0].kind,
          layer: here[0].layer,
        },
      }));
      return { level: at, features };
    }

    async function refresh() {
      if (!shows.pins) {
        draw(ownPins());
        return;
      }
      asked?.abort();
      const mine = (asked = new AbortController());
      const edges = map.getBounds();
      const address = new URL(shows.pins, window.location);
      const bbox = [edges.getWest(), edges.getSouth(), edges.getEast(), edges.getNorth()];
      address.searchParams.set("bbox", bbox.map((each) => each.toFixed(5)).join(","));
      address.searchParams.set("zoom", Math.round(map.getZoom()));
      if (isMissing) address.searchParams.set("names", "1");
      try {
        const answer = await fetch(address, { signal: mine.signal });
        if (!answer.ok) throw new Error(answer.status);
        const collection = await answer.json();
        if (mine.signal.aborted) return;
        draw(collection);
        drawNames(collection.names);
        part("map-said").textContent = collection.said;
        part("no-pins").hidden = true;
      } catch (problem) {
        if (mine.signal.aborted) return;
        draw(ownPins());
        part("no-pins").hidden = false;
      }
      box.dataset.drawn = `${map.getZoom()}`;
    }

    function drawNames(found) {
      names.clearLayers();
      for (const { name, latitude, longitude } of isMissing ? found : []) {
        const icon = L.divIcon({ html: element("span", "town-label", name), className: "spot-holder", iconSize: null });
        L.marker([latitude, longitude], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(names);
      }
    }

    // ---- What is at a pin

    function popup(mark, venues, more) {
      const content = element("div", "pin-popup");
      const known = cardNumbers();
      for (const venue of venues) {
        content.append(element("p", "pin-venue", venue.name));
        const where = [venue.distance, venue.where].filter(Boolean).join(" · ");
        if (where) content.append(element("p", "pin-where", where));
        const list = element("ul");
        for (const item of venue.items) {
          const line = element("li");
          const number = known.get(item.url.split("?")[0]);
          const link = element("a", "", number ? `${number}. ${item.title}` : item.title);
          link.href = item.url;
          line.append(link, element("span", "pin-kind", item.said));
          list.append(line);
        }
        if (venue.items.length) content.append(list);
      }
      if (!venues.length) content.append(element("p", "pin-failed", words.failed));
      if (more) {
        const link = element("a", "pin-all", words.more);
        link.href = more;
        content.append(link);
      }
      if (!content.querySelector("a")) content.tabIndex = -1;
      opened = mark;
      const maxWidth = Math.min(270, map.getSize().x - 76); // its edges and some air come on top
      const made = L.popup({ minWidth: 220, maxWidth, maxHeight: 260, offset: [0, -30], autoPanPadding: [12, 12] });
      made.setLatLng(mark.spot).setContent(content).openOn(map);
      made.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
      (content.querySelector("a") || content).focus({ preventScroll: true });
    }

    function cardNumbers() {
      const cards = hits ? [...hits.querySelectorAll("li[value]")] : [];
      return new Map(cards.map((card) => [card.querySelector("h3 a").pathname, card.value]));
    }

    async function open(mark) {
      const { pin } = mark;
      showCard(mark);
      if (pin.venues > 1 && map.getZoom() < map.getMaxZoom()) {
        const edges = edgesOf(pin.squares, level);
        if (document.activeElement === mark.holder) lookFor = edges;
        map.setView(edges.getCenter(), Math.max(map.getZoom() + 1, Math.min(map.getBoundsZoom(edges), map.getMaxZoom())));
        return;
      }
      if (!shows.at) {
        const here = stops.filter((stop) => pin.numbers.some((number) => stop.numbers.includes(number)));
        popup(mark, here.map((stop) => ({ name: `${numberLabel(stop.numbers)}. ${stop.name}`, items: [] })));
        return;
      }
      mark.holder.setAttribute("aria-busy", "true");
      const address = new URL(shows.at, window.location);
      address.searchParams.set("level", level);
      for (const square of pin.squares.slice(0, 30)) address.searchParams.append("square", square);
      try {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(answer.status);
        const { venues, more } = await answer.json();
        popup(mark, venues, more);
      } catch {
        popup(mark, []);
      }
      mark.holder.removeAttribute("aria-busy");
    }

    // A button over the map would lie over what has opened.
    map.on("popupopen popupclose", ({ type }) => box.parentElement.classList.toggle("is-open", type === "popupopen"));
    map.on("popupclose", () => {
      const back = opened && (marks.get(opened.key) || [...marks.values()].find((mark) => mark.spot.equals(opened.spot)));
      opened = null;
      const lost = document.activeElement === document.body || box.contains(document.activeElement);
      if (lost) (back ? back.holder : box).focus({ preventScroll: true });
    });

    // ---- The list and the map follow each other

    function lightCards(mark, isOn) {
      mark.holder.classList.toggle("lit", isOn);
      for (const number of mark.pin.numbers) part(`item-${number}`)?.classList.toggle("lit", isOn);
    }

    function showCard(mark) {
      const card = mark.pin.numbers.length && part(`item-${Math.min(...mark.pin.numbers)}`);
      // Where they stand side by side; below the map it would pull the page away.
      if (card && WIDE.matches) card.scrollIntoView({ block: "center" });
    }

    function lightPin(event, isOn) {
      const number = event.target.closest("li[value]")?.value;
      if (!number) return;
      for (const mark of marks.values()) {
        if (!mark.pin.numbers.includes(number)) continue;
        mark.holder.classList.toggle("lit", isOn);
        mark.marker.setZIndexOffset(isOn ? 2000 : 0);
      }
    }

    if (hits) {
      for (const [sort, isOn] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
        hits.addEventListener(sort, (event) => lightPin(event, isOn));
      }
    }

    // ---- Moving: a map must not be a trap. One finger and the wheel scroll the page until the map is tapped.

    const isTouched = L.Browser.mobile || window.matchMedia("(pointer: coarse)").matches;
    if (isTouched) map.dragging.disable();

    function hold(isHeld) {
      if (isTouched) map.dragging[isHeld ? "enable" : "disable"]();
      map.scrollWheelZoom[isHeld ? "enable" : "disable"]();
      box.classList.toggle("held", isHeld);
      part("let-go").hidden = !(isHeld && isTouched);
      part("how-to-move").textContent = isHeld ? words.held : words.free;
    }

    map.on("click", () => hold(true));
    part("let-go").addEventListener("click", () => {
      hold(false);
      box.focus({ preventScroll: true });
    });
    document.addEventListener("pointerdown", (event) => {
      if (!box.parentElement.contains(event.target)) hold(false);
    });
    box.addEventListener("mouseleave", () => isTouched || hold(false));

    // Leaflet hears keys only while the map itself has the focus, not one of its pins.
    const arrows = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (opened) map.closePopup();
        else hold(false);
      } else if (arrows[event.key] && event.target.classList.contains("pin-holder")) {
        event.preventDefault();
        map.panBy(arrows[event.key].map((each) => each * STEP_PX));
      }
    });

    // ---- Searching what is shown

    map.on("autopanstart", () => { wasMoved = false; });
    map.on("movestart", () => { wasMoved = true; });
    map.on("moveend", () => {
      if (wasMoved && shows.area) part("search-here").hidden = false;
      refresh();
    });
    part("search-here").addEventListener("click", () => {
      const edges = map.getBounds();
      const inwards = (edge, round) => round(edge * 1e4) / 1e4;
      const address = new URL(shows.area, window.location);
      address.searchParams.set("box", [
        inwards(edges.getWest(), Math.ceil),
        inwards(edges.getSouth(), Math.ceil),
        inwards(edges.getEast(), Math.floor),
        inwards(edges.getNorth(), Math.floor),
      ].join(","));
      address.hash = "found";
      window.location.assign(address);
    });

    // ---- The background

    function background(layer) {
      let loaded = 0;
      const say = (isGone) => {
        part("no-background").hidden = !isGone;
        if (isMissing === isGone) return;
        isMissing = isGone;
        if (isGone) refresh();
        else names.clearLayers();
      };
      isMissing = false;
      layer.on("loading", () => { loaded = 0; });
      layer.on("tileload", () => { loaded += 1; say(false); });
      layer.on("tileerror", () => { if (!loaded) say(true); });
    }
    map.eachLayer((layer) => { if (layer instanceof L.TileLayer) background(layer); });

    // ---- What stays: the person, how far was searched, the way

    function here({ latitude, longitude, radius_m, name }) {
      L.circle([latitude, longitude], { radius: radius_m, className: "here-about", interactive: false }).addTo(map);
      const icon = L.divIcon({ html: element("span", "here"), className: "spot-holder", iconSize: null });
      const options = { icon, interactive: false, keyboard: false, zIndexOffset: -500 };
      const marker = L.marker([latitude, longitude], options).addTo(map);
      marker.getElement().setAttribute("role", "img");
      marker.getElement().setAttribute("aria-label", name);
      if (!shows.ring) return;
      L.circle([latitude, longitude], { radius: shows.ring.radius_m, className: "reach", interactive: false }).addTo(map);
    }

    const spots = stops.map((stop) => L.latLng(stop.latitude, stop.longitude));
    if (shows.here) here(shows.here);
    if (shows.way) L.polyline(shows.way, { className: "way", interactive: false }).addTo(map);

    function fit() {
      if (shows.box) {
        const [west, south, east, north] = shows.box;
        const searched = L.latLngBounds([south, west], [north, east]);
        L.rectangle(searched, { className: "reach", interactive: false }).addTo(map);
        map.fitBounds(searched, { animate: false });
        return;
      }
      const middle = shows.here && L.latLng(shows.here.latitude, shows.here.longitude);
      const shown = L.latLngBounds(middle ? [...spots, middle] : spots);
      const farthest = middle ? Math.max(0, ...spots.map((spot) => middle.distanceTo(spot))) : 0;
      // The whole circle, unless it is so wide that what is listed would shrink to a heap.
      if (shows.ring && shows.ring.radius_m < 2 * farthest) shown.extend(middle.toBounds(2 * shows.ring.radius_m));
      if (shown.isValid()) map.fitBounds(shown, { animate: false, padding: [28, 36], maxZoom: 16 });
    }

    fit();
    wasMoved = false;
    part("search-here").hidden = true;
  }

  return { begin };
})();
