// Dragging entries of a list to another place. The buttons beside them do the same.
// What the drop means is decided by the server, which answers with the whole list.

let dragged = null;

const entryOf = (node) => node.closest?.("[data-reorder] > [data-move]");
const listOf = (node) => node.closest?.("[data-reorder]");

const clear = () => {
  for (const marked of document.querySelectorAll("[data-reorder].is-target, [data-reorder] .is-target")) marked.classList.remove("is-target");
};

// Only the grip starts a drag, so that text in an entry can still be selected.
document.addEventListener("pointerdown", (event) => {
  const entry = event.target.closest?.("[data-grip]") && entryOf(event.target);
  for (const other of document.querySelectorAll("[data-move][draggable]")) other.removeAttribute("draggable");
  if (entry) entry.setAttribute("draggable", "true");
});

document.addEventListener("dragstart", (event) => {
  dragged = entryOf(event.target);
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.name);
  dragged.classList.add("is-dragged");
});

// An entry goes only where entries of its kind are: another level, or its own list.
const mayDrop = (list) => list && dragged && (list === listOf(dragged) || Boolean(list.dataset.level));

document.addEventListener("dragover", (event) => {
  const list = listOf(event.target);
  if (!mayDrop(list)) return;
  event.preventDefault();
  clear();
  (entryOf(event.target) || list).classList.add("is-target");
});

document.addEventListener("drop", (event) => {
  const list = listOf(event.target);
  if (!mayDrop(list)) return;
  event.preventDefault();
  const before = entryOf(event.target);
  if (before === dragged) return;
  const place = before?.dataset.name || "";
  const { group, level = "", target } = list.dataset;
  // Rows of a form are sent along with it; elsewhere the grip, as it has no fields to be sent.
  const source = group ? dragged.closest("form") : dragged.querySelector("[data-grip]");
  const values = group ? { deed: `put ${group} ${dragged.dataset.name} ${place}` } : { before: place, level };
  htmx.ajax("POST", dragged.dataset.move, { source, target: target || "#fleet", swap: "outerHTML", values });
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  clear();
});
