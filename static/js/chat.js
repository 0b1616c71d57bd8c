// The chat page: drawer, buttons of the turns, Escape, and the start of everything else.
import "./code_blocks.js";
import * as composer from "./composer.js";
import * as thread from "./thread.js";

const drawer = document.getElementById("drawer");
let opener = null;

async function openDrawer(url, from) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return composer.say("This cannot be shown now. Try again.");
  drawer.innerHTML = await answer.text();
  htmx.process(drawer);
  drawer.hidden = false;
  opener = from;
  drawer.focus();
}

function closeDrawer() {
  if (drawer.hidden) return false;
  drawer.hidden = true;
  drawer.replaceChildren();
  opener?.focus();
  return true;
}

async function postAndShow(element) {
  const form = element.dataset.form && document.querySelector(element.dataset.form);
  const data = form ? new FormData(form) : new FormData();
  if (element.dataset.gear) data.set("gear", element.dataset.gear);
  element.disabled = true;
  try {
    composer.show(await composer.post(element.dataset.post, data));
    closeDrawer();
  } catch (error) {
    composer.say(error.message);
    element.disabled = false;
  }
}

async function go(url) {
  const token = document.querySelector("#composer [name=csrfmiddlewaretoken]").value;
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
  if (answer?.ok) location.assign(answer.url);
  else composer.say("The branch could not be made. Try again.");
}

async function copyAnswer(element) {
  const text = element.closest(".turn").querySelector(".md")?.innerText ?? "";
  const label = element.querySelector(".hidden-text");
  const before = label.textContent;
  label.textContent = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not copied");
  element.classList.add("is-done");
  setTimeout(() => { label.textContent = before; element.classList.remove("is-done"); }, 1500);
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-drawer], [data-close-drawer], [data-post], [data-go], [data-copy]");
  if (!element || element.disabled) return;
  if ("drawer" in element.dataset) openDrawer(element.dataset.drawer, element);
  else if ("closeDrawer" in element.dataset) closeDrawer();
  else if ("post" in element.dataset) postAndShow(element);
  else if ("go" in element.dataset) go(element.dataset.go);
  else copyAnswer(element);
});

function retitle(title) {
  const heading = document.getElementById("chat-title");
  document.title = document.title.replace(heading.textContent, () => title);
  heading.textContent = title;
}

// What the drawer changed about this chat.
document.addEventListener("htmx:after:request", (event) => {
  const source = event.target.closest?.("[data-close-after], [data-deleted], [data-retitle]");
  if (!source) return;
  if ("retitle" in source.dataset) retitle(source.elements.title.value);
  if ("deleted" in source.dataset) location.hash = "";
  closeDrawer();
});

// Escape closes what is open, innermost first; with nothing open it stops the answer.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (closeDrawer() || composer.closeSide() || composer.cancelEdit()) return;
  if (thread.isAnswering()) thread.stopAll();
});

// Lists come from the server without knowing which chat is open here.
function markHere() {
  for (const link of document.querySelectorAll("#chat-list a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
document.addEventListener("htmx:after:swap", markHere);

thread.followAll();
if (!location.hash && !document.querySelector(".welcome")) thread.toEnd();
if (document.getElementById("composer-text").value) composer.reroute();
