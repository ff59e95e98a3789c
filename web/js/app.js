// What scripts add to pages that work without them: focus on the error summary, counting characters, searching in long selects,
// keys for work lists, and partial reloads. Nothing here is needed to do
// anything. No eval, no inline style: the pages' policy forbids both.
import { ErrorSummary } from "govuk-frontend";
import { combo } from "./combo.js";
import { keys } from "./keys.js";
import { counters, once } from "./fields.js";
// htmx 4, not 2: it swaps answers with status 422 (a form with its errors) as
// they are, inherits nothing silently, and injects no style of its own when
// told so in the page's configuration. It reads that at load, so it comes last.
import "./partial.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

function enhance(root) {
  const fresh = '[data-module="govuk-error-summary"]:not([data-govuk-error-summary-init])';
  root.querySelectorAll(fresh).forEach((el) => new ErrorSummary(el));
  root.querySelectorAll("select[data-combo]").forEach(combo);
  root.querySelectorAll("[data-counter]").forEach(counters);
  root.querySelectorAll("form[method=post]").forEach(once);
}

// On a small screen the filters are folded, so that the list comes first.
if (matchMedia("(max-width: 900px)").matches) {
  document.querySelectorAll(".filters > details[open]").forEach((el) => el.removeAttribute("open"));
}
enhance(document);
keys(document);
document.addEventListener("htmx:after:swap", () => enhance(document));
