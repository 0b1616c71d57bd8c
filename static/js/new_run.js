// The page for a new run: takes over the steps a model has proposed, for the person to change.
document.addEventListener("htmx:after:swap", () => {
  const drafted = document.querySelector("[data-plan]");
  if (!drafted) return;
  document.querySelector("#pattern").value = drafted.dataset.plan;
  const plan = document.querySelector("#plan");
  plan.value = drafted.textContent;
  plan.closest("details").open = true;
  drafted.remove();
  plan.dispatchEvent(new Event("change", { bubbles: true })); // the price follows
});
