// The dashboard's speedometer moves with every trip of this person that is under way.
import { live, speedometer } from "./live.js";

const CHARS = { text: (frame) => frame.chars, thinking: (frame) => frame.text.length };

live.on("trip_started", ({ trip }) => {
  live.follow(trip, 0, (frame) => {
    if (CHARS[frame.kind]) speedometer.add(CHARS[frame.kind](frame));
    if (frame.kind === "over") live.leave(trip);
  });
});
