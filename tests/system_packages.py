"""The servers and the browser that tests use for real; installed with apt where allowed."""

import os
import shutil
import subprocess
import sys
from glob import glob

NEEDED = {
    "redis-server": ("redis-server",),
    "postgresql": ("postgres", "/usr/lib/postgresql/*/bin/postgres"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
}


def is_there(names: tuple[str, ...]) -> bool:
    return any(glob(name) if name.startswith("/") else shutil.which(name) for name in names)


def missing() -> list[str]:
    return [package for package, names in NEEDED.items() if not is_there(names)]


def apt() -> list[str] | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    can_sudo = (
        shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], check=False).returncode
    )
    return ["sudo", "-n", "apt-get"] if can_sudo else None


def main() -> int:
    packages = missing()
    if not packages:
        return 0
    command = apt()
    if command:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*command, "update", "-qq"], check=False, env=environment)
        subprocess.run(
            [*command, "install", "-y", "-qq", *packages],
            check=False,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    if left := missing():
        print(
            f"The tests need these programs: {', '.join(left)}. Install them, then run again.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
