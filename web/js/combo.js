// Turns a long select into an input with suggestions, as the ARIA practices
// describe a combobox. The select stays in the form and keeps the value.
let made = 0;

const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export function combo(select) {
  if (select.dataset.comboReady) return;
  select.dataset.comboReady = "1";
  const options = [...select.options].filter((o) => o.value);
  const box = document.createElement("div");
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const status = document.createElement("div");
  const id = select.id;
  const base = `combo-${++made}`;

  box.className = "combo";
  input.type = "text";
  input.className = "govuk-input" + (select.classList.contains("govuk-select--error") ? " govuk-input--error" : "");
  input.autocomplete = "off";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", `${base}-list`);
  const described = select.getAttribute("aria-describedby");
  if (described) input.setAttribute("aria-describedby", described);
  list.id = `${base}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.dataset.combo);
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");

  const chosen = () => options.find((o) => o.value === select.value);
  input.value = chosen()?.text ?? select.dataset.typed ?? "";
  // What fits no option is sent along, so that the page can show it again.
  input.name = `${select.name}.typed`;
  // The label and the error summary point at the input from now on.
  select.id = `${base}-select`;
  select.hidden = true;
  input.id = id;
  select.after(box);
  box.append(input, list, status);

  let active = -1;
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    select.value = option ? option.value : "";
    input.value = option ? option.text : "";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  const mark = (n) => {
    const rows = [...list.children];
    if (!rows.length) return;
    active = (n + rows.length) % rows.length;
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", rows[active].id);
    rows[active].scrollIntoView({ block: "nearest" });
  };
  const suggest = () => {
    const wanted = fold(input.value.trim());
    const hits = options
      .filter((o) => !wanted || o.value.toLowerCase() === wanted || fold(o.text + " " + (o.dataset.also ?? "")).includes(wanted))
      .sort((a, b) => Number(fold(b.text).startsWith(wanted)) - Number(fold(a.text).startsWith(wanted)))
      .slice(0, 12);
    list.replaceChildren(
      ...hits.map((option, i) => {
        const row = document.createElement("li");
        row.id = `${base}-${i}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        row.textContent = option.text;
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(option);
        });
        return row;
      }),
    );
    list.hits = hits;
    list.hidden = hits.length === 0;
    active = -1;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    input.removeAttribute("aria-activedescendant");
    status.textContent = select.dataset.comboCount.replace("{count}", String(hits.length));
  };

  input.addEventListener("input", suggest);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) suggest();
      mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(list.hits[active]);
    } else if (event.key === "Escape") {
      close();
    }
  });
  input.addEventListener("blur", () => {
    const typed = fold(input.value.trim());
    const exact = options.find((o) => fold(o.text) === typed || o.value.toLowerCase() === typed);
    if (exact) take(exact);
    else if (typed === "") take(null);
    else {
      // What was typed stays in sight; the select is emptied so that the server
      // asks again instead of taking the answer before it.
      select.value = "";
      close();
    }
  });
}
