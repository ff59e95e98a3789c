// Keys for those who live in a work list: j and k walk the rows, Enter opens
// one, / goes to the search. Never while someone is typing, and off for whoever
// needs the letters (data-keys="off" on the body).
export function keys(document) {
  if (document.body.dataset.keys === "off") return;
  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const find = document.querySelector("[data-find]");
      if (find) {
        event.preventDefault();
        find.focus();
      }
      return;
    }
    if (event.key !== "j" && event.key !== "k") return;
    const rows = [...document.querySelectorAll("[data-rows] tbody tr")].filter((row) => row.querySelector("a[href]"));
    if (!rows.length) return;
    at = Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
    rows.forEach((row, i) => row.classList.toggle("here", i === at));
    rows[at].querySelector("a[href]").focus();
  });
}
