"""A worker process beside a served home."""

import subprocess
from dataclasses import dataclass

from tests.process.served import CLUTCH, START_S, ServedHome


@dataclass
class Worker:
    home: ServedHome
    words: tuple[str, ...] = ()
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Returns when it takes trips."""
        with (self.home.folder / "worker.log").open("a") as log:
            self.process = subprocess.Popen(
                [CLUTCH, "worker", *self.words],
                env=self.home.environment,
                cwd=self.home.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self.process.stdout or ():
            if "takes trips" in line:
                return
        raise RuntimeError((self.home.folder / "worker.log").read_text())

    def stop(self) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.terminate()
        status = process.wait(timeout=START_S)
        if process.stdout is not None:
            process.stdout.close()
        return status
