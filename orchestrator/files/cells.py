"""Cells of tables that leave the product."""

# What begins like this is run as a formula by spreadsheets, also after spaces.
RISKY = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; plain numbers stay numbers."""
    if not text.lstrip().startswith(RISKY) and not text.startswith(RISKY):
        return text
    return text if _is_number(text) else f"'{text}"


def _is_number(text: str) -> bool:
    digits = text.strip().removeprefix("-").removeprefix("+")
    return digits.replace(".", "", 1).isdecimal() and digits.isascii()
