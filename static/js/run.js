// The page of one run: rows, cells and sums move as the run does; only what changed is touched.
import "./code_blocks.js";
import { live } from "./live.js";

const root = document.querySelector(".run");
const WORDS = { driving: "Driving", done: "Done", failed: "Failed", held: "Held" };
const SHAPES = { driving: "driving", done: "done", failed: "failed", held: "paused" };
const REFRESH_MS = 1000;

const find = (selector, within = document) => within.querySelector(selector);
const status = find("[data-status]");
const closed = find("[data-closed]");
const tail = find("[data-tail]");

// Sums come from the server, at most once a second however much happens.
class Refresh {
  constructor(url, target) {
    this.url = url;
    this.target = target;
  }

  soon() {
    this.timer ??= setTimeout(() => this.now(), REFRESH_MS);
  }

  async now() {
    const answer = await fetch(this.url, { headers: { "HX-Request": "true" } }).catch(() => null);
    this.timer = undefined;
    if (answer && answer.ok) this.target.innerHTML = await answer.text();
  }
}

const numbers = new Refresh(root.dataset.numbers, find("#numbers"));
const board = new Refresh(root.dataset.board, find("#board"));

function moveRow({ path, state, gear, error }) {
  const row = find(`.place-row[data-path="${CSS.escape(path)}"]`);
  numbers.soon();
  if (!row) return board.soon(); // a place that only this run has, like a role that its lead named
  row.dataset.state = state;
  find("[data-word]", row).textContent = WORDS[state];
  find(".state use", row).setAttribute("href", `#i-${SHAPES[state]}`);
  if (gear) find("[data-gear]", row).textContent = gear;
  const note = find("[data-error]", row);
  note.textContent = error || "";
  note.hidden = !error;
}

function moveSwarm(frame) {
  const swarm = find(`[data-swarm="${CSS.escape(frame.path)}"]`);
  numbers.soon();
  if (!swarm || (frame.total && !find("[data-cell], [data-bar]", swarm))) return board.soon();
  const left = frame.total - frame.done - frame.failed;
  for (const [name, count] of Object.entries({ done: frame.done, failed: frame.failed, left })) {
    find(`[data-count="${name}"]`, swarm).textContent = count.toLocaleString("en");
  }
  for (const [number, state] of frame.cells) {
    const cell = find(`[data-cell="${number}"]`, swarm);
    cell.dataset.state = state;
    cell.title = `${number} · ${state}`;
    cell.setAttribute("aria-label", `Item ${number}: ${state}`);
  }
  stretch(swarm, frame);
  for (const [number, error] of frame.failures) addFailure(swarm, number, error);
}

function stretch(swarm, { done, failed, total }) {
  const bars = { done: [0, done], failed: [done, failed] };
  for (const [name, [from, count]] of Object.entries(bars)) {
    const bar = find(`[data-bar="${name}"]`, swarm);
    bar?.setAttribute("x", (100 * from) / total);
    bar?.setAttribute("width", (100 * count) / total);
  }
}

const MOST_FAILURES = 50;
function addFailure(swarm, number, error) {
  const list = find("[data-failures]", swarm);
  if (find(`[data-failure="${number}"]`, list) || list.children.length >= MOST_FAILURES) return;
  find("[data-failed-box]", swarm).hidden = false;
  const line = document.createElement("li");
  line.dataset.failure = number;
  line.textContent = `${number} ${error}`;
  list.append(line);
}

function write(frame) {
  if (frame.add !== undefined) return tail.append(document.createTextNode(frame.add));
  closed.insertAdjacentHTML("beforeend", frame.closed);
  tail.textContent = frame.tail;
}

const SHOWN = {
  routed: (frame) => {
    if (frame.again) location.reload(); // it was paused and goes on, perhaps from another page
    else status.textContent = frame.refused ? frame.line : "Under way";
  },
  step_moved: moveRow,
  swarm_moved: moveSwarm,
  gear_shifted: (frame) => (status.textContent = `Switched ${frame.from_gear} → ${frame.to_gear}: ${frame.reason}`),
  leg_finished: () => numbers.soon(),
  text: write,
  run_paused: () => location.reload(),
  over: () => location.reload(),
};

if (root.dataset.run) {
  live.follow(root.dataset.run, Number(root.dataset.after), (frame) => SHOWN[frame.kind]?.(frame));
}

// One place in a dialog over the page; without a script the link opens its own page.
const dialog = find("#place");
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-close]")) return dialog.close();
  const link = event.target.closest("[data-place]");
  if (!link || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || !answer.ok) return (location.href = link.href);
  dialog.innerHTML = await answer.text();
  dialog.showModal();
});
