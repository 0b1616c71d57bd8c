"""Reports and their trips as CSV or as a spreadsheet, with memory that does not grow with them."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from orchestrator.files import cells
from orchestrator.services.reports import columns, drilling, reading
from orchestrator.services.reports.columns import Column, Kind
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.refusals import ReportRefused

# What one sheet holds, less its head.
MOST_SHEET_ROWS = 1_048_575
PIECE = 64 * 1024
LINES_AT_ONCE = 200
Table = tuple[tuple[Column, ...], Iterable[Sequence[Any]]]

TABLES: dict[str, Callable[[Question], Table]] = {
    "groups": lambda question: (
        columns.of_groups(question),
        columns.rows(reading.answer(question)),
    ),
    "days": lambda question: (columns.of_steps(), columns.step_rows(reading.answer(question))),
    "trips": lambda question: (drilling.COLUMNS, drilling.rows(question)),
}


def table(question: Question, what: str) -> Table:
    if what not in TABLES:
        raise ReportRefused(f"{what[:40]!r} cannot be exported. Use one of: {', '.join(TABLES)}.")
    if what == "trips" and not question.scope.shows_people:
        raise ReportRefused("You see this team's sums, not its trips.")
    return TABLES[what](question)


def as_csv(found: Table) -> Iterator[str]:
    """Cells that a spreadsheet would run as a formula are marked as text."""
    titles, rows = found
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.title for column in titles])
    yield "\ufeff" + _taken(out)
    for number, row in enumerate(rows, 1):
        writer.writerow([_one_line(text) for text in columns.texts(titles, row)])
        if number % LINES_AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _one_line(text: str) -> str:
    """A name with a line break must not look like another row where quotes are not read."""
    return cells.harmless(" ".join(text.splitlines()) if "\n" in text or "\r" in text else text)


def as_spreadsheet(found: Table, title: str = "Report") -> "IO[bytes]":
    """A file that is gone when it is closed. Rows go to disk as they come."""
    titles, rows = found
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
        "remove_timezone": True,
    }
    with ExitStack() as closing:
        file = closing.enter_context(tempfile.TemporaryFile())
        with xlsxwriter.Workbook(file, options) as book:
            _write(book, book.add_worksheet(title), titles, rows)
        closing.pop_all()
    file.seek(0)
    return file


def _write(book: Any, sheet: Any, titles: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    bold = book.add_format({"bold": True})
    formats = {
        Kind.MONEY: book.add_format({"num_format": "0.000000000"}),
        Kind.SECONDS: book.add_format({"num_format": "0.00"}),
    }
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(titles):
        sheet.set_column(place, place, 24 if column.kind is Kind.TEXT else 16)
        sheet.write_string(0, place, column.title, bold)
    for number, row in enumerate(rows, 1):
        if number > MOST_SHEET_ROWS:
            raise ReportRefused("One sheet holds a million rows. Choose a shorter period, or CSV.")
        for place, (column, value) in enumerate(zip(titles, row, strict=True)):
            _cell(sheet, (number, place), column.kind, value, formats.get(column.kind))


def _cell(sheet: Any, at: tuple[int, int], kind: Kind, value: Any, form: Any) -> None:
    if value is None:
        return
    if kind is Kind.TEXT:
        sheet.write_string(*at, _one_line(str(value)))
    elif kind is Kind.MOMENT:
        sheet.write_datetime(*at, value)
    else:
        sheet.write_number(*at, _number(kind, value), form)


def _number(kind: Kind, value: Any) -> Any:
    return Decimal(value).scaleb(-columns.NANO_DIGITS) if kind is Kind.MONEY else value


def pieces(file: "IO[bytes]") -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
