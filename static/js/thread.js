// The turns on the page: answers that grow, the place of the reader, finished text swapped in.
import { live, speedometer } from "./live.js";

const NEAR_END_PX = 80;
const MOST_ANNOUNCED = 1500;
const thread = document.getElementById("thread");
const scroller = document.querySelector("[data-scroller]");
const pill = document.querySelector("[data-new-text]");
const announcer = document.getElementById("announcer");

let isFollowing = true;
const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;

export function toEnd() {
  isFollowing = true;
  pill.hidden = true;
  scroller.scrollTop = scroller.scrollHeight;
}

scroller.addEventListener("scroll", () => {
  isFollowing = isAtEnd();
  if (isFollowing) pill.hidden = true;
}, { passive: true });
// A turn of the wheel upwards lets go at once, before the browser has scrolled.
scroller.addEventListener("wheel", (event) => event.deltaY < 0 && (isFollowing = false), { passive: true });
pill.addEventListener("click", toEnd);

function grown() {
  if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
  else pill.hidden = false;
}

const announce = (text) => (announcer.textContent = text);

class LiveAnswer {
  constructor(article) {
    this.article = article;
    this.trip = article.dataset.trip;
    this.closed = article.querySelector("[data-closed]");
    this.tail = article.querySelector("[data-tail]");
    this.status = article.querySelector("[data-status]");
    this.thought = article.querySelector("[data-thought]");
    this.waiting = [];
    answers.set(this.trip, this);
    live.follow(this.trip, Number(article.dataset.after), (frame) => this.take(frame));
  }

  take(frame) {
    const show = SHOWN[frame.kind];
    if (show) show(this, frame);
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  // Everything that came within one frame of the screen is painted together.
  paint(change) {
    this.waiting.push(change);
    if (this.waiting.length > 1) return;
    const run = () => {
      for (const each of this.waiting.splice(0)) each();
      grown();
    };
    if (document.hidden) run();
    else requestAnimationFrame(run);
  }

  text(frame) {
    speedometer.add(frame.chars);
    if (!this.hasBegun) {
      this.hasBegun = true;
      announce("Answer started");
      this.say("");
    }
    this.paint(() => {
      if (frame.add !== undefined) {
        this.tail.append(document.createTextNode(frame.add));
      } else {
        this.closed.insertAdjacentHTML("beforeend", frame.closed);
        this.tail.textContent = frame.tail;
      }
    });
  }

  // A run that goes on writes its answer from the beginning.
  begin() {
    this.paint(() => (this.closed.textContent = this.tail.textContent = ""));
  }

  // The turn as the server knows it now: final text, footer, buttons.
  async finish() {
    if (this.isOver) return;
    this.isOver = true;
    answers.delete(this.trip);
    live.leave(this.trip);
    const answer = await fetch(this.article.dataset.url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer || !answer.ok) return this.say("Reload the page to see the whole answer.");
    const box = document.createElement("template");
    box.innerHTML = await answer.text();
    const fresh = box.content.querySelector(`[data-message="${this.article.dataset.message}"]`);
    this.waiting.length = 0;
    fresh.classList.add("is-fresh"); // shown whole at once, or the reader's place would jump
    this.article.replaceWith(fresh);
    htmx.process(fresh);
    const text = (fresh.querySelector(".md") || fresh.querySelector(".ending") || fresh).innerText;
    announce(text.length > MOST_ANNOUNCED ? `${text.slice(0, MOST_ANNOUNCED)} … Answer finished.` : text);
    changed();
    grown();
  }
}

const SHOWN = {
  routed: (answer, frame) => {
    if (frame.again) answer.begin();
    answer.say(frame.refused ? frame.line : `Waiting for ${frame.gear}`);
  },
  leg_started: (answer, frame) => answer.say(`Waiting for G${frame.level} ${frame.gear}${frame.attempt > 1 ? `, try ${frame.attempt}` : ""}`),
  text: (answer, frame) => answer.text(frame),
  thinking: (answer, frame) => {
    answer.say("Thinking");
    speedometer.add(frame.text.length);
    answer.paint(() => {
      answer.thought.hidden = false;
      answer.thought.querySelector("[data-thinking]").append(document.createTextNode(frame.text));
    });
  },
  step_moved: (answer, frame) => answer.say(`${frame.name}: ${frame.state === "driving" ? "under way" : frame.state}${frame.error ? `, ${frame.error}` : ""}`),
  run_paused: (answer, frame) => {
    answer.say(`${frame.reason} `);
    const way = document.createElement("a");
    way.href = `/runs/${answer.trip}/`;
    way.textContent = "Raise the cap or end it";
    answer.status.append(way);
  },
  tool_call: (answer, frame) => frame.name && answer.say(`Asks for the tool ${frame.name}`),
  gear_shifted: (answer, frame) => answer.say(`Switched ${frame.from_gear} → ${frame.to_gear}: ${frame.reason}`),
  leg_finished: (answer, frame) => frame.error && answer.say(frame.error),
  trip_finished: (answer) => answer.finish(),
  over: (answer) => answer.finish(),
  not_found: (answer) => answer.say("Reload the page to see how it goes on."),
};

const answers = new Map();
let changed = () => {};
export const onChange = (handler) => (changed = handler);
export const isAnswering = () => answers.size > 0;
export const stopAll = () => {
  for (const answer of answers.values()) {
    answer.say("Stopping");
    live.stop(answer.trip);
  }
};

// Follows every answer in the thread that is still being written.
export function followAll() {
  for (const article of thread.querySelectorAll("[data-trip]")) {
    const known = answers.get(article.dataset.trip);
    if (known && known.article === article) continue;
    new LiveAnswer(article);
  }
  changed();
}

export function add(html) {
  thread.querySelector(".welcome")?.remove();
  thread.insertAdjacentHTML("beforeend", html);
  htmx.process(thread);
  followAll();
  toEnd();
}

export function replace(html) {
  for (const trip of answers.keys()) live.leave(trip);
  answers.clear();
  thread.innerHTML = html;
  htmx.process(thread);
  followAll();
}

// Earlier messages are put above without moving what is being read.
thread.addEventListener("htmx:before:swap", () => {
  const fromEnd = scroller.scrollHeight - scroller.scrollTop;
  requestAnimationFrame(() => (scroller.scrollTop = scroller.scrollHeight - fromEnd));
});
