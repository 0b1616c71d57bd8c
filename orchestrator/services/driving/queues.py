"""The queues that workers listen to: questions never wait behind runs, however many those are."""

CHAT, RUNS = "chat", "runs"
ALL = (CHAT, RUNS)
