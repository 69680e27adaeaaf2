"use strict";
(() => {
  const root = document.documentElement;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const table = document.getElementById("symbol-table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const find = document.getElementById("find");
  const edition = document.getElementById("edition");
  const verdicts = [...document.querySelectorAll(".chip input")];
  const shown = document.getElementById("shown");

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/);
    const allowed = new Set(verdicts.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const keep = allowed.has(row.dataset.verdict)
        && (!edition.value || row.dataset.edition === edition.value)
        && words.every((word) => text.includes(word));
      row.hidden = !keep;
      count += keep;
    }
    shown.textContent = count === rows.length ? `${count} symbols` : `${count} of ${rows.length} symbols`;
  };
  for (const control of [find, edition, ...verdicts]) control.addEventListener("input", filter);
  filter();

  const key = (row, index) => row.cells[index].dataset.key ?? row.cells[index].textContent.trim();
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    head.tabIndex = 0;
    const sort = () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      rows.sort((a, b) => sign * key(a, index).localeCompare(key(b, index), "en", { numeric: true }));
      body.append(...rows);
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });

  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const box = target && target.closest("details");
    if (box) box.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
