"""How long it takes to find chats by their words: `python -m benchmarks.search`.

Always on SQLite in a temporary home: 10,000 chats of ten messages each.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHATS = 10_000
MESSAGES = 10
WORDS_EACH = 60
VOCABULARY = 20_000
TIMES = 7


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as home:
        environment = {
            **os.environ,
            "CLUTCH_HOME": home,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "clutchweb.settings",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        work = [sys.executable, "-m", "benchmarks.search", "work"]
        subprocess.run(work, env=environment, cwd=ROOT, check=True)


def work() -> None:
    """One process with Django set up; every query is asked as often as the others."""
    import django

    django.setup()
    from orchestrator.models import User
    from orchestrator.services.chat import search

    chance = random.Random(1)
    words = [_word(chance) for _ in range(VOCABULARY)]
    user = User.objects.create(username="searcher")
    _fill(user.pk, chance, words)
    queries = {
        "a rare word": words[-1],
        "a common word": words[0],
        "two words": f"{words[20]} {words[30]}",
        "two letters": words[0][:2],
        "nothing": "zzzzzz",
    }
    for name, query in queries.items():
        spent_s = []
        for _ in range(TIMES):
            began = time.perf_counter()
            search.find(user.pk, query)
            spent_s.append(time.perf_counter() - began)
        print(f"search of {CHATS} chats, {name}: {statistics.median(spent_s) * 1e3:.1f} ms")


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(3))


def _fill(user_id: int, chance: random.Random, words: Sequence[str]) -> None:
    """Few words are common and most are rare, as in any language."""
    from django.db import transaction

    from orchestrator.models import Conversation, Message

    weights = [1 / place for place in range(1, len(words) + 1)]
    texts = _texts(chance, words, weights)
    with transaction.atomic():
        chats = [Conversation(user_id=user_id, title=next(texts)[:60]) for _ in range(CHATS)]
        Conversation.objects.bulk_create(chats, batch_size=500)
        messages = (
            Message(conversation=chat, role="user", text=next(texts))
            for chat in chats
            for _ in range(MESSAGES)
        )
        Message.objects.bulk_create(messages, batch_size=500)


def _texts(chance: random.Random, words: Sequence[str], weights: Sequence[float]) -> Iterator[str]:
    while True:
        said = chance.choices(words, weights, k=WORDS_EACH * 100)
        for first in range(0, len(said), WORDS_EACH):
            yield " ".join(said[first : first + WORDS_EACH])


if __name__ == "__main__":
    work() if sys.argv[1:] else main()
