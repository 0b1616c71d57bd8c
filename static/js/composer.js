// Writing, attaching, editing and sending. Nothing typed is lost before the server has it.
import * as thread from "./thread.js";

const PASTE_IS_FILE = 4000;
const form = document.getElementById("composer");
const box = document.getElementById("composer-text");
const main = document.querySelector("main.chat");
const problem = form.querySelector("[data-problem]");
const editing = form.querySelector("[data-editing]");
const fileList = form.querySelector("[data-files]");
const compare = form.querySelector("[data-compare]");
const compareToggle = form.querySelector("[data-compare-toggle]");
const sendButton = form.querySelector("[data-send]");
const stopButton = form.querySelector("[data-stop]");
const shell = document.querySelector(".side");

const token = () => form.elements.csrfmiddlewaretoken.value;
const draftKey = () => `clutch-draft-${main.hasAttribute("data-kept") ? main.dataset.chat : "new"}`;
const stored = {
  get: (key) => { try { return localStorage.getItem(key) || ""; } catch { return ""; } },
  set: (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* this page only */ } },
};

let edit = null; // the message that is edited, and what the composer held before
let clientId = crypto.randomUUID?.() ?? makeId();
let isSending = false;

function makeId() { // over plain http from another machine there is no randomUUID
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}

// ---- the route: asked a moment after the last change; an answer that comes too late is dropped
const TYPING_MS = 400;
const CHANGE_MS = 30;
let routing, asked = 0;

export function reroute(waitMs = CHANGE_MS) {
  clearTimeout(routing);
  routing = setTimeout(async () => {
    const turn = ++asked;
    const answer = await fetch(form.dataset.route, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (answer?.ok && turn === asked) document.getElementById("chip").innerHTML = await answer.text();
  }, waitMs);
}
box.addEventListener("input", () => reroute(TYPING_MS));
document.getElementById("wishes").addEventListener("change", () => reroute());

export function say(text, buttons = []) {
  problem.hidden = !text;
  problem.textContent = text;
  problem.append(...buttons);
}

export function setText(text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

// ---- drafts; a prompt that was filled on its page comes before what was not sent yet
const fromPrompt = form.elements.prompt_version;
const begun = box.defaultValue, draft = stored.get(draftKey());
box.value = draft.includes(begun) ? draft : [begun, draft].filter(Boolean).join("\n\n");
if (begun) stored.set(draftKey(), box.value);
box.addEventListener("input", () => {
  if (!box.value) fromPrompt.value = "";
  edit || stored.set(draftKey(), box.value);
});

// ---- keys: an Enter that ends a composition never sends half a word
let isComposing = false;
box.addEventListener("compositionstart", () => (isComposing = true));
box.addEventListener("compositionend", () => setTimeout(() => (isComposing = false), 0));
box.addEventListener("keydown", (event) => {
  if (event.isComposing || isComposing || event.keyCode === 229) return;
  const wantsNewLine = stored.get("clutch-enter") === "newline";
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && !event.shiftKey && (isCommand || !wantsNewLine)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "ArrowUp" && !box.value && !edit) {
    const questions = document.querySelectorAll(".question");
    if (questions.length) beginEdit(questions[questions.length - 1]);
    event.preventDefault();
  } else if (event.key === "/" && !box.value) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("palette", { detail: "/" }));
  }
});

// ---- sending
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isSending) return;
  if (thread.isAnswering()) return say("Wait for the answer, or stop it (Esc).");
  if (!box.value.trim() && !fileList.children.length) return say("The message is empty. Write what you want done.");
  if (fileList.querySelector("[data-busy]")) return say("A file is still being read. Send again in a moment.");
  await send();
});

async function send(extra = {}) {
  isSending = true;
  sendButton.disabled = true;
  say("");
  const data = new FormData(form);
  data.set("client_id", clientId);
  if (edit) data.set("fork", "1");
  for (const [name, value] of Object.entries(extra)) data.set(name, value);
  try {
    take(await post(form.action, data));
  } catch (error) {
    const isStale = error.isStale;
    say(error.message, isStale ? [button("Reload", () => location.reload()), button("Send as a branch", () => send({ fork: "1" }))] : []);
  } finally {
    isSending = false;
    sendButton.disabled = false;
  }
}

const REFUSALS = {
  403: "You were signed out. Sign in again in another tab; your text is kept.",
  413: "This is too large: a file may have 20 MB, a message 4 MB. Send a part of it.",
};

const button = (text, act) => Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: text, onclick: act });

// Any request that changes the thread; a refusal is thrown as its plain sentence.
export async function post(url, data = new FormData()) {
  let response;
  try {
    response = await fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
  } catch {
    throw new Error("The server cannot be reached. Your text is kept; send again when it is back.");
  }
  const content = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (!response.ok) {
    const text = content.error || REFUSALS[response.status] || `The server answered ${response.status}. Your text is kept.`;
    throw Object.assign(new Error(text), { isStale: content.is_stale });
  }
  return content;
}

function take(content) {
  stored.set(draftKey(), "");
  edit = null;
  editing.hidden = true;
  box.value = fromPrompt.value = "";
  clientId = crypto.randomUUID?.() ?? makeId();
  fileList.replaceChildren();
  fileList.hidden = true;
  setComparing(false);
  document.getElementById("wishes").open = false;
  show(content);
  if (!main.hasAttribute("data-kept")) keepChat(content);
  stored.set(draftKey(), "");
  reroute();
  box.focus();
}

// The thread as an answer to a POST tells it.
export function show(content) {
  form.elements.parent.value = content.parent;
  if (content.thread !== undefined) {
    thread.replace(content.thread);
    thread.toEnd();
  } else thread.add(content.added);
}

function keepChat(content) {
  main.setAttribute("data-kept", "");
  history.replaceState(null, "", content.url);
  document.getElementById("chat-title").textContent = content.title;
  document.title = document.title.replace("New chat", content.title);
  const menu = document.querySelector("[data-chat-menu]");
  menu.hidden = false;
  menu.dataset.drawer = `${content.url}details/`;
  htmx.ajax("GET", "/chat/list/", { target: "#chat-list", swap: "innerHTML" });
}

// ---- editing an earlier message makes a new version of it
function beginEdit(article) {
  edit = { text: box.value, parent: form.elements.parent.value, prompt: fromPrompt.value };
  fromPrompt.value = "";
  form.elements.parent.value = article.dataset.parent;
  fileList.replaceChildren();
  for (const file of article.querySelectorAll("[data-file]")) addChip(file.dataset.name).done({ id: file.dataset.file });
  editing.hidden = false;
  setText(article.querySelector("[data-said]").textContent);
}

export function cancelEdit() {
  if (!edit) return false;
  form.elements.parent.value = edit.parent;
  fileList.replaceChildren();
  fileList.hidden = true;
  setText(edit.text);
  fromPrompt.value = edit.prompt;
  edit = null;
  editing.hidden = true;
  return true;
}
form.querySelector("[data-cancel-edit]").addEventListener("click", cancelEdit);
document.getElementById("thread").addEventListener("click", (event) => {
  const pencil = event.target.closest("[data-edit]");
  if (pencil) beginEdit(pencil.closest(".question"));
});

// ---- files
function addChip(name) {
  const chip = document.createElement("li");
  chip.className = "badge";
  chip.dataset.busy = "";
  const label = document.createElement("span");
  label.textContent = `${name} …`;
  const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  remove.setAttribute("aria-label", `Remove ${name}`);
  remove.onclick = () => { chip.remove(); fileList.hidden = !fileList.children.length; reroute(); };
  chip.append(label, remove);
  fileList.append(chip);
  fileList.hidden = false;
  const done = (file) => {
    delete chip.dataset.busy;
    label.textContent = name;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "files", value: file.id });
    chip.append(field);
    reroute();
  };
  return { chip, label, remove, done };
}

async function attach(file, text = null) {
  const { chip, done, remove } = addChip(file.name || "pasted.png");
  const data = new FormData();
  data.set("file", file, file.name || "pasted.png");
  try {
    done(await post(form.dataset.upload, data));
    if (text !== null) chip.insertBefore(button("As text", () => { remove.click(); setText(box.value + text); }), remove);
  } catch (error) {
    chip.remove();
    fileList.hidden = !fileList.children.length;
    say(error.message);
    if (text !== null) setText(box.value + text);
  }
}

form.querySelector("[data-file-input]").addEventListener("change", (event) => {
  for (const file of event.target.files) attach(file);
  event.target.value = "";
});
box.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text/plain");
  if (!files.length && text.length <= PASTE_IS_FILE) return;
  event.preventDefault();
  for (const file of files) attach(file);
  if (!files.length) attach(new File([text], "pasted.txt", { type: "text/plain" }), text);
});
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
main.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  main.classList.add("is-dropping");
});
main.addEventListener("dragleave", (event) => main.contains(event.relatedTarget) || main.classList.remove("is-dropping"));
main.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  main.classList.remove("is-dropping");
  for (const file of event.dataTransfer.files) attach(file);
});

// ---- comparing
function setComparing(isOn) {
  compare.hidden = !isOn;
  compareToggle.setAttribute("aria-pressed", isOn);
  for (const field of compare.querySelectorAll("input")) {
    field.disabled = !isOn;
    if (!isOn) field.checked = false;
  }
}
compareToggle.addEventListener("click", () => setComparing(compare.hidden));
compare.addEventListener("change", (event) => {
  const chosen = compare.querySelectorAll("input:checked");
  if (chosen.length > 4) {
    event.target.checked = false;
    say("At most 4 models can be compared.");
  }
});

// ---- what was chosen by hand
form.addEventListener("click", (event) => {
  if (!event.target.closest("[data-unwish]")) return;
  event.preventDefault();
  form.elements.gear.value = "";
  form.elements.pin.checked = false;
  reroute();
});
form.elements.profile.addEventListener("change", () => { // it stays with the chat, also before the next message
  reroute();
  if (!main.hasAttribute("data-kept")) return;
  const data = new FormData();
  data.set("profile", form.elements.profile.value);
  post(`/chat/${main.dataset.chat}/profile/`, data).catch((error) => say(error.message));
});
form.elements.pin.addEventListener("change", () => {
  const badge = form.querySelector("[data-pin-badge]");
  if (badge) badge.hidden = !form.elements.pin.checked;
  if (!form.elements.pin.checked && main.hasAttribute("data-kept")) post(`/chat/${main.dataset.chat}/unpin-wishes/`).catch((error) => say(error.message));
});

// ---- stop
stopButton.addEventListener("click", thread.stopAll);
thread.onChange(() => {
  stopButton.hidden = !thread.isAnswering();
  sendButton.hidden = thread.isAnswering();
});

// ---- samples of the first minute
document.getElementById("thread").addEventListener("click", (event) => {
  const sample = event.target.closest("[data-sample]");
  if (!sample) return;
  setText(sample.dataset.sample);
  if (sample.hasAttribute("data-send-now")) form.requestSubmit();
});

export const closeSide = () => {
  const wasOpen = shell.classList.contains("is-open");
  shell.classList.remove("is-open");
  return wasOpen;
};
document.querySelector("[data-open-side]").addEventListener("click", () => shell.classList.add("is-open"));
