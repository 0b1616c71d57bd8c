// The live end of a trip's page. Resumes at the last number seen, whatever closed the socket.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const ACK_EVERY = 32;
const STAY_CLOSED = new Set([1008, 1003, 4401, 4404]);

const STATES = {
  routed: "Model chosen, waiting for its first word",
  driving: "Answering",
};

class LiveTrip {
  constructor(root) {
    this.root = root;
    this.answer = root.querySelector("[data-answer]");
    this.thinking = root.querySelector("[data-thinking]");
    this.status = root.querySelector("[data-status]");
    this.demo = root.querySelector("[data-demo]");
    this.stopForm = root.querySelector("[data-stop]");
    this.last = Number(root.dataset.after) || 0;
    this.acked = this.last;
    this.waitMs = FIRST_WAIT_MS;
    this.pieces = [];
    this.isOver = false;
    addEventListener("online", () => this.connect());
    document.addEventListener("visibilitychange", () => document.hidden || this.connect());
    this.stopForm.addEventListener("submit", (event) => this.stop(event));
    this.connect();
  }

  get isOpen() {
    return this.socket && this.socket.readyState <= WebSocket.OPEN;
  }

  connect() {
    if (this.isOver || this.isOpen) return;
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.root.dataset.socket}?after=${this.last}`);
    this.socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event));
  }

  closed(event) {
    if (this.isOver) return;
    if (event.code === 1000) {
      location.reload(); // it ended, and its log was tidied away meanwhile
      return;
    }
    if (STAY_CLOSED.has(event.code)) {
      this.say("Reload the page to see how it goes on.");
      return;
    }
    // Anything between half and the whole wait, so that many pages do not come back at once.
    this.timer = setTimeout(() => this.connect(), this.waitMs * (0.5 + Math.random() / 2));
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  take(frame) {
    if (frame.seq <= this.last) return;
    this.last = frame.seq;
    this.waitMs = FIRST_WAIT_MS;
    const handler = HANDLERS[frame.kind];
    if (handler) handler(this, frame);
    if (this.last - this.acked >= ACK_EVERY) this.ack();
  }

  ack() {
    this.acked = this.last;
    this.send({ type: "ack", seq: this.last });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  stop(event) {
    if (this.socket.readyState !== WebSocket.OPEN) return; // the form's own POST does it then
    event.preventDefault();
    this.send({ type: "stop" });
    this.say("Stopping");
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  // Pieces of one frame of the screen become one text node; the page follows only a reader at its end.
  append(node, text) {
    this.pieces.push([node, text]);
    if (this.pieces.length > 1) return;
    const paint = () => {
      const wasAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
      for (const [target, piece] of this.pieces.splice(0)) target.append(document.createTextNode(piece));
      if (wasAtEnd) scrollTo(0, document.documentElement.scrollHeight);
    };
    if (document.hidden) paint();
    else requestAnimationFrame(paint);
  }

  finish(frame) {
    this.isOver = true;
    this.pieces.length = 0;
    this.answer.textContent = frame.text;
    this.answer.classList.remove("is-live");
    this.say("");
    this.stopForm.remove();
    this.socket.close(1000);
    this.refresh();
  }

  // State, cost and receipt as the server knows them; opened drawers stay open.
  async refresh() {
    this.wantsRefresh = true;
    if (this.isRefreshing) return; // two at once would overtake each other
    this.isRefreshing = true;
    while (this.wantsRefresh) {
      this.wantsRefresh = false;
      await this.swapDetails();
    }
    this.isRefreshing = false;
  }

  async swapDetails() {
    const open = [...document.querySelectorAll("#trip-details details")].map((drawer) => drawer.open);
    await htmx.ajax("GET", location.pathname, { target: "#trip-details", swap: "outerHTML" });
    document.querySelectorAll("#trip-details details").forEach((drawer, index) => {
      if (index < open.length) drawer.open = open[index];
    });
  }
}

const HANDLERS = {
  routed: (trip, frame) => {
    trip.say(STATES.routed);
    trip.demo.hidden = !frame.receipt.is_demo;
    trip.refresh();
  },
  leg_started: (trip, frame) => trip.say(`G${frame.level} ${frame.gear} is working`),
  text: (trip, frame) => {
    trip.say(STATES.driving);
    trip.answer.classList.add("is-live");
    trip.append(trip.answer, frame.text);
  },
  thinking: (trip, frame) => {
    trip.thinking.closest("details").hidden = false;
    trip.append(trip.thinking, frame.text);
  },
  tool_call: (trip, frame) => frame.name && trip.say(`Asks for the tool ${frame.name}`),
  gear_shifted: (trip, frame) => trip.say(`Switched ${frame.from_gear} → ${frame.to_gear}: ${frame.reason}`),
  leg_finished: (trip, frame) => {
    if (frame.error) trip.say(frame.error);
    trip.refresh();
  },
  trip_finished: (trip, frame) => trip.finish(frame),
};

const root = document.querySelector("[data-socket]");
if (root) new LiveTrip(root);
