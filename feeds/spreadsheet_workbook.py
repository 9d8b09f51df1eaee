"""Workbooks of Excel (XLSX): their rows, read warily, and the template that we hand out.

A workbook is a zip of XML. Before openpyxl sees it, every part is unpacked once, to nowhere, so that it holds no more
than `MAX_UNPACKED_BYTES` in all, and no part declares a document type, which is what entities that explode or that
fetch files need, or an encoding in which such a declaration would go unseen.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import BinaryIO

from feeds.reading import SourceUnreadable
from feeds.spreadsheet_cells import Cell, moment
from feeds.spreadsheet_columns import COLUMNS
from feeds.table_files import BROKEN_ARCHIVE

MAX_UNPACKED_BYTES = 60_000_000
MAX_PARTS = 500
MAX_SHEETS = 20
MAX_ROWS = 100_000
MAX_COLUMNS = 100
_BLOCK = 1 << 16
_TYPES = "[Content_Types].xml"
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_PLAIN = {b"utf-8", b"us-ascii", b"ascii"}
_BROKEN = "This workbook is damaged. Open it, save it anew as .xlsx or CSV, and try again"

Rows = list[tuple[Cell, ...]]


def is_workbook(file: BinaryIO) -> bool:
    """Whether a file is one, to be read by `sheets`.

    Raises:
        SourceUnreadable: it is a spreadsheet of another sort, and the message says what to save it as.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceUnreadable(
            "This is an old Excel file (.xls), or one with a password: save it as .xlsx or CSV, without a password"
        )
    if not start.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except BROKEN_ARCHIVE as error:
        raise SourceUnreadable(_BROKEN) from error
    finally:
        file.seek(0)
    if "mimetype" in names and "content.xml" in names:
        raise SourceUnreadable("This is an OpenDocument file (.ods): save it as .xlsx or CSV")
    return _TYPES in names


def sheets(file: BinaryIO) -> "Iterator[Rows]":
    """The rows of each visible sheet, as values: of a formula what it came to when the workbook was last saved.

    Raises:
        SourceUnreadable: it is damaged, too large once unpacked, or made to do harm.
    """
    _check(file)
    import openpyxl

    try:
        # It warns of drop-downs and styles that it does not know, which are nothing to us.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            found = []
            for sheet in book.worksheets[:MAX_SHEETS]:
                if sheet.sheet_state == "visible":
                    # What a sheet says of its own size may be anything.
                    sheet.reset_dimensions()
                    rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True)
                    found.append(list(islice(rows, MAX_ROWS + 1)))
            book.close()
    except Exception as error:  # openpyxl raises whatever its parsing meets
        raise SourceUnreadable(_BROKEN) from error
    yield from found


def _check(file: BinaryIO) -> None:
    length = 0
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise SourceUnreadable(f"This workbook has more than {MAX_PARTS} parts")
            for part in parts:
                with archive.open(part) as content:
                    tail = b""
                    is_first = True
                    while block := content.read(_BLOCK):
                        length += len(block)
                        if length > MAX_UNPACKED_BYTES:
                            raise SourceUnreadable(
                                f"This workbook is larger than {MAX_UNPACKED_BYTES:,} bytes once it is unpacked"
                            )
                        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                            _check_text(tail + block, is_first=is_first)
                        tail, is_first = block[-16:], False
    except SourceUnreadable:
        raise
    except BROKEN_ARCHIVE as error:
        raise SourceUnreadable(_BROKEN) from error
    file.seek(0)


def _check_text(text: bytes, *, is_first: bool) -> None:
    declared = _ENCODING.search(text[:200]) if is_first else None
    is_plain = not text.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in text[:200]
    if (is_first and not is_plain) or (declared and declared[1].lower() not in _PLAIN):
        raise SourceUnreadable("This workbook is not written in UTF-8, as workbooks are")
    lowered = text.lower()
    if b"<!doctype" in lowered or b"<!entity" in lowered:
        raise SourceUnreadable("This workbook declares a document type, which no spreadsheet does; it is not read")


@cache
def template_xlsx() -> bytes:
    """Our workbook to fill in: the headings and an example that is never read, and a second sheet about the columns."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Opportunities"
    guide = book.create_sheet("About the columns")
    for place, column in enumerate(COLUMNS, 1):
        heading = sheet.cell(1, place, column.name)
        heading.font = Font(bold=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, min(40, len(column.example) + 2))
        example = sheet.cell(2, place, _example(column.example) if column.is_moment else column.example)
        example.font = Font(italic=True, color="767676")
        if column.is_moment:
            example.number_format = "dd/mm/yyyy hh:mm"
            for row in range(3, 203):
                sheet.cell(row, place).number_format = "dd/mm/yyyy hh:mm"
        if column.choices:
            # Other words are allowed: the reader knows many, and says which it does not.
            choice = DataValidation("list", formula1=f'"{",".join(column.choices)}"', showErrorMessage=False)
            choice.add(f"{letter}2:{letter}1000")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    about = (
        ("name", "needed", "what to write", "such as"),
        *((column.name, "yes" if column.is_needed else "", column.meaning, column.example) for column in COLUMNS),
    )
    for number, said in enumerate(about, 1):
        for place, words in enumerate(said, 1):
            cell = guide.cell(number, place, words)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1 or place == 1)
    for letter, width in zip("ABCD", (18, 9, 80, 50), strict=True):
        guide.column_dimensions[letter].width = width
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _example(words: str) -> datetime | str:
    """A moment of the example as a workbook keeps one."""
    found = moment(words)
    if found is None or found.day is None:
        return words
    return datetime.combine(found.day, found.clock or datetime.min.time())  # noqa: DTZ  # a workbook knows no zones
