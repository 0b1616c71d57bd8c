"""How long reports and the trip log take over a year of trips: `python -m benchmarks.reports`.

PostgreSQL with 1,000,000 trips and 5,000,000 calls, then SQLite with 200,000 and 1,000,000; a
number as argument takes that share of them in percent, `sqlite` or `postgres` only one database.
The PostgreSQL is one of its own unless DATABASE_URL names an empty database.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_TRIPS, SQLITE_TRIPS = 1_000_000, 200_000
TIMES = 5
PAGES_DEEP = 40
BASE = {"DJANGO_SETTINGS_MODULE": "clutchweb.settings", "CLUTCH_LOG_LEVEL": "error"}


def main(percent: int, only: str) -> None:
    from tests import servers

    if only != "sqlite":
        if url := os.environ.get("DATABASE_URL"):
            run(url, POSTGRES_TRIPS * percent // 100)
        else:
            with servers.postgres() as url:
                run(url, POSTGRES_TRIPS * percent // 100)
    if only != "postgres":
        run("", SQLITE_TRIPS * percent // 100)


def run(url: str, trips: int) -> None:
    """In a process of its own, because settings name one database."""
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as home:
        environment = {**os.environ, **BASE, "CLUTCH_HOME": home, "DATABASE_URL": url}
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        work = [sys.executable, "-m", "benchmarks.reports", "work", str(trips)]
        subprocess.run(work, env=environment, cwd=ROOT, check=True)


def work(trips: int) -> None:
    import django

    django.setup()
    from django.db import connection

    say(f"{connection.vendor}: {trips:,} trips, {trips * 5:,} calls")
    owner = build(trips)
    measure_reports(owner)
    measure_log(owner)
    measure_exports(owner)


def say(text: str) -> None:
    print(text, flush=True)


def build(trips: int) -> Any:
    from benchmarks import usage_rows
    from orchestrator.models import ApiToken, Membership, Team, User
    from orchestrator.services.reports import rollups, ties
    from orchestrator.services.upkeep import startup

    startup.prepare()
    teams = [Team.objects.create(name=f"team {number}") for number in range(usage_rows.TEAMS)]
    people = []
    for number in range(usage_rows.PEOPLE):
        user = User.objects.create(username=f"person {number}")
        team = teams[number % len(teams)]
        Membership.objects.create(user=user, team=team)
        token = ApiToken.objects.create(public_id=f"t{number:011}", digest="x", name="t", user=user)
        people.append(usage_rows.Person(user.pk, team.pk, token.pk))
    timed("built", lambda: usage_rows.load(people, trips))
    timed("counted into daily sums", lambda: rollups.advance(3600))
    timed("verified by the doctor", lambda: say(f"  differences: {len(ties.differences())}"))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return User.objects.get(is_owner=True)


def timed(what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    say(f"  {what} in {time.perf_counter() - began:.1f} s")


def median_ms(work: Callable[[], object]) -> str:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1e3)
    return f"{sorted(spent)[TIMES // 2]:6.0f} ms, slowest {max(spent):.0f} ms"


def client_of(owner: Any) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)
    return client


def page(client: Any, address: str) -> Any:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return answer


def measure_reports(owner: Any) -> None:
    client = client_of(owner)
    usd = "currency=usd"
    year = f"{usd}&period=custom&from={datetime.now(UTC).date() - timedelta(days=364)}"
    year += f"&to={datetime.now(UTC).date()}"
    questions = {
        "default monthly report": usd,
        "month by gear": f"{usd}&group=gear",
        "month of one gear by member": f"{usd}&gear=g3&group=member",
        "month of one tag by profile": f"{usd}&tag=urgent&group=profile",
        "month of one token by road": f"{usd}&token=t00000000007&group=road",
        "month of one team": f"{usd}&scope=team:3&group=member",
        "month of one person by road": f"{usd}&member=person+7&group=road",
        "year by member": f"{year}&group=member",
        "year of one gear by road": f"{year}&gear=g3&group=road",
        "year of one gear by member": f"{year}&gear=g3&group=member",
        "year of one tag by profile": f"{year}&tag=urgent&group=profile",
        "year of one person by tag": f"{year}&member=person+7&group=tag",
    }
    for name, query in questions.items():
        page(client, f"/reports/?{query}")
        say(f"  {name}: {median_ms(lambda query=query: page(client, f'/reports/?{query}'))}")


def measure_log(owner: Any) -> None:
    from orchestrator.models import Trip

    client = client_of(owner)
    middle = Trip.objects.order_by("created_at")[Trip.objects.count() // 2]
    last = Trip.objects.order_by("created_at")[60]
    for name, query in {
        "all": "scope=all",
        "one team": "scope=team:3",
        "failed": "scope=all&state=failed",
        "one gear": "scope=all&gear=g4",
        "a gear nobody used": "scope=all&gear=none",
        "one person": "scope=all&member=person+7",
        "one gear and road": "scope=all&gear=g4&road=motorway",
        "a gear and road that never met": "scope=all&gear=g4&road=racetrack",
        "a profile nobody used": "scope=all&profile=none",
    }.items():
        for depth, before in (("newest", ""), ("middle", middle.pk), ("oldest", last.pk)):
            address = f"/trips/?{query}" + (f"&before={before}" if before else "")
            say(f"  trip log, {name}, {depth}: {median_ms(lambda a=address: page(client, a))}")


def measure_exports(owner: Any) -> None:
    from orchestrator.services.reports import exporting, questions

    today = datetime.now(UTC).date()
    asked = {"currency": ["usd"], "period": ["custom"], "to": [str(today)]}
    for days in (30, 300):
        first = str(today - timedelta(days=days))
        question = questions.read(owner, {**asked, "from": [first]}, today)
        for name, form in {
            "CSV": exporting.as_csv,
            "spreadsheet": lambda found: exporting.pieces(exporting.as_spreadsheet(found)),
        }.items():
            began = time.perf_counter()
            size = sum(len(piece) for piece in form(exporting.table(question, "trips")))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            spent_s = time.perf_counter() - began
            told = f"{size >> 20} MiB in {spent_s:.1f} s, peak memory {peak} MiB"
            say(f"  {name} of {days} days of trips: {told}")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["work"]:
        work(int(words[1]))
    else:
        numbers = [int(word) for word in words if word.isdigit()]
        names = [word for word in words if not word.isdigit()]
        main(numbers[0] if numbers else 100, names[0] if names else "")
