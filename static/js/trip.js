// A trip's own page: the answer grows, and the page is loaded anew when it has ended.
import "./code_blocks.js";
import { live } from "./live.js";

const root = document.querySelector("[data-live-trip]");
if (root) {
  const closed = root.querySelector("[data-closed]");
  const tail = root.querySelector("[data-tail]");
  const status = root.querySelector("[data-status]");
  const shown = {
    routed: (frame) => {
      if (frame.again) closed.textContent = tail.textContent = "";
      status.textContent = frame.line;
    },
    run_paused: (frame) => (status.textContent = frame.reason),
    text: (frame) => {
      status.textContent = "Answering";
      if (frame.add !== undefined) return tail.append(document.createTextNode(frame.add));
      closed.insertAdjacentHTML("beforeend", frame.closed);
      tail.textContent = frame.tail;
    },
    gear_shifted: (frame) => (status.textContent = `Switched ${frame.from_gear} → ${frame.to_gear}: ${frame.reason}`),
    over: () => location.reload(),
  };
  live.follow(root.dataset.liveTrip, Number(root.dataset.after), (frame) => shown[frame.kind]?.(frame));
}
