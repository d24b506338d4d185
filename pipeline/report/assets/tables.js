// Tables that can be sorted, filtered and paged. Without this file they are plain tables with all their rows.
(function () {
  "use strict";
  const PAGE = 50;

  function word(name) {
    return document.querySelector('#table-words [data-word="' + name + '"]').cloneNode(true);
  }

  function button(content, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.append(content);
    made.addEventListener("click", act);
    return made;
  }

  function figure(cell) {
    const text = cell.dataset.v ?? cell.textContent.replaceAll(",", "");
    const found = /-?\d+(\.\d+)?(e[+-]?\d+)?/.exec(text);
    return found ? Number(found[0]) : -Infinity;
  }

  function enhance(table) {
    const body = table.tBodies[0];
    const all = [...body.rows];
    let rows = all;
    let page = 0;
    let redraw = function () {};

    function sort(head) {
      const column = head.cellIndex;
      const numeric = head.classList.contains("number");
      const now = head.getAttribute("aria-sort");
      const descending = now ? now === "ascending" : numeric;
      for (const other of table.tHead.rows[0].cells) {
        other.removeAttribute("aria-sort");
      }
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const collator = new Intl.Collator("zh-CN", { numeric: true });
      const keyed = all.map(function (row) {
        const cell = row.cells[column];
        return { row: row, key: numeric ? figure(cell) : cell.textContent };
      });
      keyed.sort(function (a, b) {
        if (numeric) {
          return a.key === b.key ? 0 : a.key - b.key;
        }
        return collator.compare(a.key, b.key);
      });
      if (descending) {
        keyed.reverse();
      }
      all.splice(0, all.length, ...keyed.map((entry) => entry.row));
      body.append(...all);
      page = 0;
      redraw();
    }

    for (const head of table.tHead.rows[0].cells) {
      head.append(button(wrapped(head), () => sort(head)));
    }
    if (table.classList.contains("paged") && all.length > 10) {
      page = 0;
      redraw = paging();
      redraw();
    }

    function wrapped(head) {
      const content = document.createElement("span");
      content.append(...head.childNodes);
      return content;
    }

    function paging() {
      const tools = document.createElement("div");
      tools.className = "table-tools";
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "search";
      label.append(word("filter"), input);
      const state = document.createElement("output");
      const back = button(word("previous"), () => turn(-1));
      const on = button(word("next"), () => turn(1));
      tools.append(label, back, state, on);
      table.parentElement.before(tools);
      input.addEventListener("input", function () {
        page = 0;
        draw();
      });

      function turn(step) {
        page += step;
        draw();
      }

      function draw() {
        const wanted = input.value.trim().toLowerCase();
        rows = wanted ? all.filter((row) => row.textContent.toLowerCase().includes(wanted)) : all;
        const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
        page = Math.min(Math.max(page, 0), last);
        const shown = new Set(rows.slice(page * PAGE, (page + 1) * PAGE));
        for (const row of all) {
          row.hidden = !shown.has(row);
        }
        const from = rows.length ? page * PAGE + 1 : 0;
        state.textContent = from + "–" + Math.min(rows.length, (page + 1) * PAGE) + " / " + rows.length;
        back.disabled = page === 0;
        on.disabled = page === last;
        back.hidden = on.hidden = last === 0;
      }
      return draw;
    }
  }

  document.querySelectorAll("table.sortable").forEach(enhance);
})();
