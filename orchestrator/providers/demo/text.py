"""The demo's canned passages, and what they say about the task they answer."""

import re
from itertools import cycle, islice

from orchestrator.providers.demo.commands import HELP

ECHO_WORDS = 8
ECHO_CHARS = 80
WORDS_A_PARAGRAPH = 60

KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("a translation", r"\b(translate|translation|übersetze?|traduis|traduce)\b"),
        ("a summary", r"\b(summari[sz]e|summary|tl;?dr|zusammenfass\w*)\b"),
        ("a review", r"\b(review|check|proofread|prüfe)\b"),
        ("a coding task", r"```|\b(code|function|bug|class|refactor|test|python|sql|regex)\b"),
        ("a calculation", r"\b(calculate|sum|equation|percent|berechne)\b|\d\s*[+*/^=]\s*\d"),
        ("a plan", r"\b(plan|steps|roadmap|strategy|organi[sz]e)\b"),
        ("a piece of writing", r"\b(write|draft|poem|story|letter|e-?mail|essay|schreibe?)\b"),
        ("a question", r"\?\s*$|^\s*(what|why|how|when|where|who|which)\b"),
    )
)
TIPS = (
    "Say who the answer is for; the same facts read differently to a colleague and a customer.",
    "Name the format you want: three bullet points, a table, one paragraph.",
    "Give one example of a good answer; it says more than a page of rules.",
    "Put the question last, after the material it is about.",
    "Ask for one thing at a time, and for the next one when the first is right.",
)
LIST = """\
What a real model would need to do this well:

- **the goal** in one sentence
- **the material** it should use, and nothing else
- *limits*: length, language, tone
- a way to tell a good answer from a bad one
"""
CODE = """\
## A small piece of code

Every demo answer of this level shows a code block, so that you can see how it looks:

```python
def count_words(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts
```
"""
STEPS = """\
## How to go on

1. Open **Why this gear?** below the answer to see the receipt of the decision.
2. Move the throttle and send the same task again: a real model thinks longer, the demo says so.
3. Add a key under *Settings*, or start Ollama, and the same task gets a real answer.

> A canned text can show how an answer looks. It cannot know whether it is right.
"""
THOUGHTS = (
    "This is canned demo thinking, not reasoning.",
    "First I look at what kind of task this is.",
    "Then I count its words and pick the passages of my level.",
    "A real model would weigh several ways to answer here.",
    "It would check its first idea against the limits of the task.",
    "It would look for what is missing and say so.",
    "I have no facts of my own, so I add none.",
    "The answer is ready.",
)


def opening(model_id: str) -> str:
    return f"This is a canned demo answer from {model_id}, not from a language model."


def kind_of(task: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(task)), "a general task")


def echo(task: str) -> str:
    """The first words on one line, without anything that could end the quote or start Markdown."""
    plain = re.sub(r"[\x00-\x1f\x7f\"“”`<>\[\]*_|\\]", " ", task)
    words = plain.split()
    short = " ".join(words[:ECHO_WORDS])[:ECHO_CHARS]
    return f"{short} …" if len(words) > ECHO_WORDS else short


def about(task: str) -> str:
    words = len(task.split())
    if not words:
        return "Your message has no words."
    noun = "word" if words == 1 else "words"
    return f"Your message looks like {kind_of(task)} of {words} {noun}. It begins “{echo(task)}”."


def passage(level: int, seed: int, facts: tuple[tuple[str, str], ...]) -> str:
    """Each level adds a part, so that the levels differ in length and form."""
    blocks = [TIPS[seed % len(TIPS)], LIST, CODE, _table(facts), STEPS]
    return "\n\n".join(block.strip() for block in blocks[:level])


def long_text(words: int) -> str:
    source = " ".join((*TIPS, LIST, STEPS)).replace("#", "").replace(">", "").split()
    picked = list(islice(cycle(source), words))
    starts = range(0, len(picked), WORDS_A_PARAGRAPH)
    return "\n\n".join(" ".join(picked[at : at + WORDS_A_PARAGRAPH]) for at in starts)


def help_text() -> str:
    return f"The demo knows these commands at the start of a message:\n\n{HELP.strip()}"


def thoughts(max_chars: int) -> str:
    text = ""
    for sentence in cycle(THOUGHTS):
        if len(text) + len(sentence) + 1 > max_chars:
            return text.rstrip() or sentence[:max_chars]
        text += f"{sentence} "
    return text


def _table(facts: tuple[tuple[str, str], ...]) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts)
    return f"## What arrived\n\n| part | value |\n| --- | --- |\n{rows}"
