// The page's one socket: follows trips, resumes at the last number seen, asks for stops.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const SILENCE_MS = 25000; // the server is heard at least every ten seconds
const WAKE_MS = 300;
const ACK_EVERY = 32;
const STAY_CLOSED = new Set([1003, 1008, 4401]);

class Live {
  constructor() {
    this.trips = new Map();
    this.handlers = new Map();
    this.views = new Set();
    this.waitMs = FIRST_WAIT_MS;
    const wake = () => {
      clearTimeout(this.waking);
      this.waking = setTimeout(() => this.connect(), WAKE_MS);
    };
    for (const name of ["online", "pageshow"]) addEventListener(name, wake);
    document.addEventListener("visibilitychange", () => document.hidden || wake());
    addEventListener("offline", () => this.show("Offline"));
    setTimeout(() => this.connect(), 0);
  }

  // `handler` gets every frame of a trip after number `after`, once and in order.
  follow(trip, after, handler) {
    this.trips.set(trip, { last: after, acked: after, handler });
    this.send({ type: "follow", trip, after });
  }

  leave(trip) {
    if (this.trips.delete(trip)) this.send({ type: "leave", trip });
  }

  stop(trip) {
    this.send({ type: "stop", trip });
  }

  on(kind, handler) {
    this.handlers.set(kind, handler);
  }

  watch(view) {
    this.views.add(view);
    this.send({ type: "watch", view });
  }

  connect() {
    const isStale = this.heardAt && Date.now() - this.heardAt > SILENCE_MS;
    if (this.isOver || (this.socket && this.socket.readyState <= WebSocket.OPEN && !isStale)) return;
    clearTimeout(this.timer);
    if (this.socket) this.socket.onclose = this.socket.onmessage = null;
    if (isStale) this.socket.close();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/ws/live/`);
    this.socket.onopen = () => this.opened();
    this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
    this.socket.onclose = (event) => this.closed(event);
    this.heardAt = Date.now();
    this.watchdog();
  }

  opened() {
    for (const view of this.views) this.send({ type: "watch", view });
    for (const [trip, { last }] of this.trips) this.send({ type: "follow", trip, after: last });
    this.show("");
  }

  closed(event) {
    if (STAY_CLOSED.has(event.code)) {
      this.isOver = true;
      this.show("Signed out: reload the page");
      return;
    }
    this.show(navigator.onLine ? "Reconnecting…" : "Offline");
    // Anything between half and the whole wait, so that many pages do not come back at once.
    this.timer = setTimeout(() => this.connect(), this.waitMs * (0.5 + Math.random() / 2));
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  watchdog() {
    clearTimeout(this.watching);
    this.watching = setTimeout(() => {
      this.show("Reconnecting…");
      this.connect();
    }, SILENCE_MS + 1);
  }

  take(frame) {
    this.heardAt = Date.now();
    this.waitMs = FIRST_WAIT_MS;
    this.watchdog();
    const followed = this.trips.get(frame.trip);
    if (followed && frame.kind !== "trip_started") this.pass(followed, frame);
    const handler = this.handlers.get(frame.kind);
    if (handler) handler(frame);
  }

  pass(followed, frame) {
    if (frame.seq !== undefined) {
      if (frame.seq <= followed.last) return;
      followed.last = frame.seq;
    }
    followed.handler(frame);
    if (followed.last - followed.acked >= ACK_EVERY) {
      followed.acked = followed.last;
      this.send({ type: "ack", trip: frame.trip, seq: followed.last });
    }
  }

  send(message) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  show(text) {
    for (const badge of document.querySelectorAll("[data-live-state]")) {
      badge.hidden = !text;
      badge.textContent = text;
    }
  }
}

export const live = new Live();

// Gauges are rendered by the server and replaced whole.
for (const place of document.querySelectorAll("[data-gauge]")) live.watch(place.dataset.gauge);
live.on("gauge", ({ view, html }) => {
  for (const place of document.querySelectorAll(`[data-gauge="${view}"]`)) {
    place.innerHTML = html;
    speedometer.show();
  }
});

// Tokens a second over the last two seconds, about four characters to a token.
const SPAN_MS = 2000;
const CHARS_PER_TOKEN = 4;
const FULL = 120;

class Speedometer {
  constructor() {
    this.pieces = [];
  }

  add(chars) {
    this.pieces.push([Date.now(), chars]);
    this.timer ??= setInterval(() => this.show(), 250);
    this.show();
  }

  get perSecond() {
    const since = Date.now() - SPAN_MS;
    this.pieces = this.pieces.filter(([moment]) => moment > since);
    const chars = this.pieces.reduce((sum, [, count]) => sum + count, 0);
    return Math.round(chars / CHARS_PER_TOKEN / (SPAN_MS / 1000));
  }

  show() {
    const speed = this.perSecond;
    if (!speed && this.timer) this.timer = clearInterval(this.timer);
    for (const place of document.querySelectorAll("[data-speed]")) {
      place.textContent = speed ? `≈ ${speed} tokens/s` : place.dataset.speed;
    }
    const angle = Math.PI * (1 - Math.min(1, speed / FULL));
    for (const needle of document.querySelectorAll("[data-speed-needle]")) {
      needle.setAttribute("x2", (100 + 58 * Math.cos(angle)).toFixed(1));
      needle.setAttribute("y2", (100 - 58 * Math.sin(angle)).toFixed(1));
    }
  }
}

export const speedometer = new Speedometer();
