"""Logs: placeholder until written."""

import logging


def configure(options: dict[str, str]) -> None:
    logging.basicConfig(level=options["level"].upper())
