// The page for a new run: price and places follow what happens to the plan.
document.addEventListener("htmx:after:swap", (event) => {
  const area = document.querySelector("#plan-area");
  const drafted = document.querySelector("template[data-drafted]");
  if (drafted) {
    // Steps that a model has proposed, for the person to change.
    document.querySelector("#pattern").value = drafted.dataset.drafted;
    area.replaceChildren(drafted.content);
    drafted.remove();
    htmx.process(area);
  } else if (!area.contains(event.target) && event.target.id !== "plan-box") return;
  area.dispatchEvent(new Event("change", { bubbles: true }));
});
