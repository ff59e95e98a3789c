// Keys for those who live in a work list: j and k walk the rows, Enter opens
// one, x picks it, [ and ] go from tab to tab, / goes to the search, ? says so.
// Never while someone is typing, and off for whoever needs the letters
// (data-keys="off" on the body).
export function keys(document) {
  if (document.body.dataset.keys === "off") return;
  let at = -1;
  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")].filter((row) => row.querySelector("a[href]"));
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    at = Math.min(all.length - 1, Math.max(0, at + step));
    all.forEach((row, i) => row.classList.toggle("here", i === at));
    all[at].querySelector("a[href]").focus();
  };
  const tab = (step) => {
    const all = [...document.querySelectorAll("nav.tabs a")];
    all[all.findIndex((a) => a.hasAttribute("aria-current")) + step]?.click();
  };
  const does = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
    "[": () => tab(-1),
    "]": () => tab(1),
    "/": () => document.querySelector("[data-find]")?.focus(),
    "?": () => {
      const help = document.querySelector("details.keys");
      if (help) {
        help.open = true;
        help.querySelector("summary").focus();
      }
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const act = Object.hasOwn(does, event.key) && does[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
