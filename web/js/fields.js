// Says how much of a bounded text is used, in the sentence that the server put
// into data-counter: "{used} of {max} characters". Code points, as the server
// counts them.
export function counters(message) {
  if (message.dataset.ready) return;
  message.dataset.ready = "1";
  const area = document.getElementById(message.dataset.for);
  const max = Number(message.dataset.max);
  const shape = new Intl.NumberFormat(document.documentElement.lang);
  let timer;
  const show = () => {
    const used = [...area.value.replace(/\r\n/g, "\n")].length;
    message.textContent = message.dataset.counter.replace("{used}", shape.format(used)).replace("{max}", shape.format(max));
    message.classList.toggle("govuk-error-message", used > max);
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 300);
  });
  show();
}

// A second press of the same button within two seconds does nothing: forms are
// not sent twice by a nervous hand.
export function once(form) {
  if (form.dataset.once) return;
  form.dataset.once = "1";
  let last = 0;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - last < 2000 && last > 0) event.preventDefault();
    else last = event.timeStamp;
  });
}
