// The one thing a report cannot do without a script: open the browser's own print window.
const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A date that is chosen means the period between two dates.
const period = document.querySelector("#r-period");
for (const day of document.querySelectorAll("#r-from, #r-to")) {
  day.addEventListener("change", () => {
    if (day.value) period.value = "custom";
  });
}
