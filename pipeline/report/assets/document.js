// A document side by side: what is told of an edit, filters, and the way from edit to edit.
(function () {
  "use strict";
  const marks = JSON.parse(document.getElementById("marks").textContent);
  const sides = document.getElementById("sides");
  const tip = document.getElementById("tip");
  const place = document.getElementById("place");
  const nodes = marks.map(() => []);
  for (const node of sides.querySelectorAll("mark")) {
    nodes[node.dataset.m].push(node);
  }
  const off = new Set();
  let hints = true;
  let changedOnly = false;
  let current = -1;

  function on(number) {
    return marks[number].some((edit) => (edit.applied || hints) && !off.has(edit.kind));
  }

  function shownMarks() {
    return marks.map((_, number) => number).filter(on);
  }

  function draw() {
    nodes.forEach(function (pair, number) {
      const dull = !on(number);
      for (const node of pair) {
        node.classList.toggle("off", dull);
      }
    });
    sides.classList.toggle("no-hints", !hints);
    for (const row of sides.querySelectorAll(".row:not(.heads)")) {
      row.hidden = changedOnly && !row.querySelector("mark:not(.off)");
    }
    for (const chip of document.querySelectorAll("[data-kind]")) {
      chip.setAttribute("aria-pressed", String(!off.has(chip.dataset.kind)));
    }
    document.getElementById("all").setAttribute("aria-pressed", String(off.size === 0));
    document.getElementById("hints").setAttribute("aria-pressed", String(hints));
    document.getElementById("changed-only").setAttribute("aria-pressed", String(changedOnly));
    count();
  }

  function count() {
    const shown = shownMarks();
    const at = shown.indexOf(current);
    place.textContent = (at < 0 ? "–" : at + 1) + " / " + shown.length;
  }

  function say(name) {
    const found = document.querySelector('[data-word="' + CSS.escape(name) + '"]');
    return found ? found.cloneNode(true) : document.createTextNode(name);
  }

  function part(name, content, ...more) {
    const made = document.createElement(name);
    made.append(content, ...more);
    return made;
  }

  function told(edit) {
    const box = document.createElement("div");
    box.className = "edit k-" + edit.kind;
    const kind = part("span", say("kind." + edit.kind));
    kind.className = "chip";
    const state = part("span", say(edit.applied ? "applied" : "suggested"));
    state.className = "state";
    const change = part("p", part("del", edit.before || "∅"), " → ", part("ins", edit.after || "∅"));
    const rule = part("p", say("rule." + edit.rule), " ", part("code", edit.rule));
    const sure = part("p", say("sure"), " ", part("strong", edit.sure.toFixed(2)));
    sure.className = "sure";
    box.append(part("p", kind, " ", state), change, rule, sure);
    if (edit.why) {
      const chinese = part("span", edit.why[0]);
      const english = part("span", edit.why[1]);
      chinese.className = "zh";
      english.className = "en";
      box.append(part("p", chinese, english));
    }
    return box;
  }

  function show(node) {
    const number = Number(node.dataset.m);
    if (!on(number)) {
      return;
    }
    hide();
    const wanted = marks[number].filter((edit) => (edit.applied || hints) && !off.has(edit.kind));
    tip.replaceChildren(...wanted.slice(0, 8).map(told));
    if (wanted.length > 8) {
      tip.append(part("p", "… +" + (wanted.length - 8)));
    }
    tip.hidden = false;
    nodes[number].forEach((twin) => twin.classList.add("twin"));
    node.setAttribute("aria-describedby", "tip");
    // Beside the mark: below it where there is room, else above; a narrow screen shows it at the bottom (CSS).
    const at = node.getClientRects()[0] ?? node.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left - 16), innerWidth - size.width - 8);
    const below = at.bottom + 8;
    const top = below + size.height < innerHeight ? below : Math.max(8, at.top - size.height - 8);
    tip.style.left = left + "px";
    tip.style.top = top + "px";
  }

  function hide() {
    tip.hidden = true;
    for (const node of sides.querySelectorAll(".twin, [aria-describedby]")) {
      node.classList.remove("twin");
      node.removeAttribute("aria-describedby");
    }
  }

  function visibleNode(number) {
    const found = nodes[number].filter((node) => node.offsetParent !== null);
    return found.find((node) => node.closest(".clean")) ?? found[0];
  }

  function choose(number) {
    if (current >= 0) {
      nodes[current].forEach((node) => {
        node.classList.remove("current");
        node.tabIndex = -1;
      });
    }
    current = number;
    nodes[number].forEach((node) => node.classList.add("current"));
    count();
  }

  function go(number) {
    choose(number);
    const node = visibleNode(number);
    if (node) {
      node.tabIndex = 0;
      node.scrollIntoView({ block: "center" });
      node.focus({ preventScroll: true });
      show(node);
    }
  }

  function step(forward) {
    const shown = shownMarks();
    const next = forward ? shown.find((n) => n > current) : shown.findLast((n) => n < current);
    if (next !== undefined) {
      go(next);
      return;
    }
    const other = document.getElementById(forward ? "next-part" : "previous-part");
    if (other) {
      location.href = other.getAttribute("href") + (forward ? "#first" : "#last");
    }
  }

  function markOf(event) {
    return event.target.closest ? event.target.closest("mark") : null;
  }

  sides.addEventListener("mouseover", function (event) {
    const node = markOf(event);
    if (node) {
      show(node);
    }
  });
  sides.addEventListener("mouseout", function (event) {
    if (markOf(event)) {
      hide();
      const focused = document.activeElement.closest("mark");
      if (focused) {
        show(focused);
      }
    }
  });
  sides.addEventListener("focusin", function (event) {
    const node = markOf(event);
    if (node) {
      choose(Number(node.dataset.m));
      show(node);
    }
  });
  sides.addEventListener("focusout", hide);
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) {
      return;
    }
    if (event.key === "n" || event.key === "p") {
      event.preventDefault();
      step(event.key === "n");
    } else if (event.key === "Escape") {
      hide();
    }
  });
  document.getElementById("next").addEventListener("click", () => step(true));
  document.getElementById("previous").addEventListener("click", () => step(false));
  document.getElementById("hints").addEventListener("click", function () {
    hints = !hints;
    draw();
  });
  document.getElementById("changed-only").addEventListener("click", function () {
    changedOnly = !changedOnly;
    draw();
  });
  document.getElementById("all").addEventListener("click", function () {
    const kinds = [...document.querySelectorAll("[data-kind]")].map((chip) => chip.dataset.kind);
    const any = off.size > 0;
    off.clear();
    if (!any) {
      kinds.forEach((kind) => off.add(kind));
    }
    draw();
  });
  for (const chip of document.querySelectorAll("[data-kind]")) {
    chip.addEventListener("click", function () {
      const kind = chip.dataset.kind;
      if (!off.delete(kind)) {
        off.add(kind);
      }
      draw();
    });
  }

  draw();
  const shown = shownMarks();
  if (shown.length && (location.hash === "#first" || location.hash === "#last")) {
    go(location.hash === "#first" ? shown[0] : shown[shown.length - 1]);
  }
})();
