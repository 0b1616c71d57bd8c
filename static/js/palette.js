// Ctrl/Cmd-K: one field that finds chats, models, pages and actions. "?" lists the keys.
const dialog = document.getElementById("palette");
const shortcuts = document.getElementById("shortcuts");
const WAIT_MS = 120;
let timer, asked = 0;

const singleKeys = {
  get isOn() { try { return localStorage.getItem("clutch-single-keys") !== "off"; } catch { return true; } },
  set isOn(value) { try { localStorage.setItem("clutch-single-keys", value ? "on" : "off"); } catch { /* this page only */ } },
};

async function open(words = "") {
  if (!dialog.open || !dialog.querySelector("#palette-q")) {
    dialog.innerHTML = '<label class="hidden-text" for="palette-q">Find chats, prompts, models, pages and actions</label><input id="palette-q" role="combobox" aria-expanded="true" aria-controls="palette-list" autocomplete="off" placeholder="Chats, models, pages, actions"><div id="palette-list" role="listbox" aria-label="Found"></div>';
    dialog.querySelector("input").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, WAIT_MS); });
    if (!dialog.open) dialog.showModal();
  }
  dialog.querySelector("input").value = words;
  await find();
}

async function find() {
  const turn = ++asked;
  const field = dialog.querySelector("#palette-q");
  if (!field) return; // a prompt's form has taken its place
  const query = new URLSearchParams({ q: field.value });
  const answer = await fetch(`${dialog.dataset.src}?${query}`).catch(() => null);
  if (turn !== asked || !dialog.open) return;
  const list = dialog.querySelector("#palette-list");
  if (!list) return;
  if (answer?.ok) list.innerHTML = await answer.text();
  else list.textContent = "The server cannot be reached.";
  select(0);
}

const options = () => [...dialog.querySelectorAll("[role=option]")];
const selected = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

function select(index) {
  const all = options();
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((option, each) => option.setAttribute("aria-selected", each === at));
  all[at].scrollIntoView({ block: "nearest" });
  dialog.querySelector("input").setAttribute("aria-activedescendant", all[at].id);
}

dialog.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    select(selected() + step);
  } else if ((event.key === "Enter" || isTakenByTab(event)) && options().length) {
    event.preventDefault();
    options()[selected()]?.click();
  }
});

// After "/", where prompts alone are found, Tab takes the chosen one as well.
const isTakenByTab = (event) => event.key === "Tab" && !event.shiftKey && event.target.id === "palette-q" && event.target.value.startsWith("/");

// What an entry does: a link goes there by itself; the rest happens on the page that is open.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) return dialog.close();
  const option = event.target.closest("[data-deed]");
  if (!option) return;
  event.preventDefault();
  dialog.close();
  const deed = DEEDS[option.dataset.deed];
  deed?.(option.dataset.value);
});

const composerBox = () => document.getElementById("composer-text");
const DEEDS = {
  theme: () => document.querySelector("[data-theme-toggle]")?.click(),
  keys: () => shortcuts.showModal(),
  insert: (text, version = "") => {
    const box = composerBox();
    if (!box) return location.assign("/chat/");
    box.focus();
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.form.elements.prompt_version.value = version;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  },
  gear: (name) => {
    const select = document.getElementById("wish-gear");
    if (!select) return location.assign("/chat/");
    document.getElementById("wishes").open = true;
    select.value = name;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    composerBox().focus();
  },
  prompt: (url) => (composerBox() ? insertPrompt(url) : location.assign(url.replace(/insert\/$/, "use/"))),
  stop: () => document.querySelector("[data-stop]:not([hidden])")?.click(),
  compare: () => document.querySelector("[data-compare-toggle]")?.click(),
  attach: () => document.querySelector("[data-file-input]")?.click(),
};

// A prompt with places to fill asks for them in the dialog that found it.
async function insertPrompt(url, values) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const options = values ? { method: "POST", body: values, headers: { "X-CSRFToken": token } } : {};
  const content = await fetch(url, options).then((answer) => answer.json(), () => ({ error: "The server cannot be reached." }));
  if (content.text !== undefined) {
    if (dialog.open) dialog.close();
    return DEEDS.insert(content.text, content.version);
  }
  if (content.form) {
    dialog.innerHTML = content.form;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      insertPrompt(event.target.dataset.fill, new FormData(event.target));
    });
    return dialog.querySelector("input, select, textarea").focus();
  }
  const problem = dialog.querySelector("[data-fill-problem]");
  if (problem) Object.assign(problem, { textContent: content.error, hidden: false });
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return void (dialog.open ? dialog.close() : open());
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !singleKeys.isOn || document.querySelector("dialog[open]")) return;
  if (event.key === "?") shortcuts.showModal();
  else if (event.key === "/" && composerBox()) {
    event.preventDefault();
    composerBox().focus();
  }
});
document.addEventListener("palette", (event) => open(event.detail));
shortcuts.addEventListener("click", (event) => event.target.closest("[data-close-dialog]") && shortcuts.close());
for (const choice of document.querySelectorAll("input[name=enter]")) {
  const wanted = () => { try { return localStorage.getItem("clutch-enter") || "send"; } catch { return "send"; } };
  choice.checked = choice.value === wanted();
  choice.addEventListener("change", () => { try { localStorage.setItem("clutch-enter", choice.value); } catch { /* this page only */ } });
}
const toggle = shortcuts.querySelector("[data-single-keys]");
toggle.checked = singleKeys.isOn;
toggle.addEventListener("change", () => (singleKeys.isOn = toggle.checked));
