"""A stand-in for a vendor's command-line tool: logs how it was called, then behaves as told.

`install` puts a copy into a folder that a test uses as its PATH; the copy finds its orders and
its log beside itself, because the environment it gets is clean.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

LIFE_S = 60  # nothing outlives a failed test for long


def install(folder: Path, name: str, **orders: object) -> None:
    """Orders: lines, stdout, stderr, exit_code, mode, version; modes are the functions below."""
    script = folder / name
    source = Path(__file__).read_text(encoding="utf-8")
    script.write_text(f"#!{sys.executable} -IS\n{source}", encoding="utf-8")
    script.chmod(stat.S_IRWXU)
    script.with_suffix(".orders").write_text(json.dumps(orders), encoding="utf-8")


def calls(folder: Path, name: str) -> list[dict[str, object]]:
    log = (folder / name).with_suffix(".calls")
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def record(script: Path) -> None:
    call = {
        "pid": os.getpid(),
        "group": os.getpgid(0),
        "argv": sys.argv[1:],
        "env": dict(os.environ),
        "cwd": os.getcwd(),
        "cwd_mode": stat.S_IMODE(os.stat(".").st_mode),
        "files": {
            str(path): path.read_text(encoding="utf-8")
            for path in Path().rglob("*")
            if path.is_file()
        },
        "stdin": sys.stdin.buffer.read().decode(errors="surrogateescape"),
    }
    with script.with_suffix(".calls").open("a", encoding="utf-8") as log:
        log.write(json.dumps(call) + "\n")


def sleep_until_killed() -> None:
    time.sleep(LIFE_S)


def ignore_terms_with_a_child() -> None:
    """Both ignore TERM, and both hold the test's pipe open for as long as they live."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    subprocess.Popen(
        [sys.executable, "-IS", "-c", f"{ignoring}print(flush=True); time.sleep({LIFE_S})"],
        close_fds=False,
        stdout=subprocess.PIPE,
    ).stdout.readline()


def hold(pipe: Path) -> None:
    if pipe.exists():
        os.set_inheritable(os.open(pipe, os.O_WRONLY), True)


def flood_lines() -> None:
    line = json.dumps({"type": "noise", "text": "x" * 1000}) + "\n"
    while True:
        sys.stdout.write(line)


def flood_errors() -> None:
    for _ in range(200):
        sys.stderr.write("\x1b[31mnoise\x1b[0m " * 1000)


def endless_line() -> None:
    while True:
        sys.stdout.write("x" * 10_000)


def main() -> None:
    script = Path(__file__)
    orders = json.loads(script.with_suffix(".orders").read_text(encoding="utf-8"))
    mode = orders.get("mode", "normal")
    if sys.argv[1:] == ["--version"] and mode != "hang":
        print(orders.get("version", "9.9.9"))
        sys.exit(orders.get("exit_code", 0))
    record(script)
    hold(script.with_suffix(".alive"))
    if mode == "stubborn":
        ignore_terms_with_a_child()
    if mode == "flood-errors":
        flood_errors()
    for line in orders.get("lines", ()):
        print(json.dumps(line), flush=True)
    sys.stdout.write(orders.get("stdout", ""))
    sys.stdout.flush()
    sys.stderr.write(orders.get("stderr", ""))
    sys.stderr.flush()
    {
        "hang": sleep_until_killed,
        "stubborn": sleep_until_killed,
        "flood": flood_lines,
        "endless-line": endless_line,
    }.get(mode, int)()
    sys.exit(orders.get("exit_code", 0))


if __name__ == "__main__":
    main()
