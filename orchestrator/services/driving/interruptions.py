"""What is said of work whose process ended under it."""

# Code, message and next step.
INTERRUPTED = (
    "interrupted",
    "The program that drove this was ended in the middle. What had arrived is kept; "
    "a call that may have been charged is booked at its full hold.",
    "Send it again.",
)
# The same, from before somebody had it tried again by hand: it does not count any more.
INTERRUPTED_BEFORE = "interrupted_before"
