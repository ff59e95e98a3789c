import htmx from "htmx.org";

// Our pages carry no code in attributes; what htmx would evaluate is refused by
// the policy already. A request that fails leaves the page as it is and lets the
// browser do it the plain way.
window.addEventListener("htmx:error", (event) => {
  const form = event.target.closest?.("form");
  if (form && form.method === "get") form.submit();
});

export default htmx;
