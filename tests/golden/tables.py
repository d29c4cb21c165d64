"""Small tables as other programs write them: openpyxl for .xlsx, odfpy for .ods, xlwt for .xls, pyarrow, pandas and Hugging
Face datasets for .parquet.

    python tests/golden/tables.py [FOLDER]

writes into FOLDER (crates/corpus/tests/data/tables unless given). Needs openpyxl, odfpy, xlwt, pyarrow,
pandas and datasets. Tests read the files and compare them with what stands here.
"""

import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import datasets
import pandas
import pyarrow
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from pyarrow import parquet

NOTES = [
    ("Acute flu 🫀, 37.5 °C", "a"),
    ("line one\r\nline \"two\"", "b"),
    ("", None),
    ("=not a formula", "a"),
]


def spreadsheet(path):
    book = Workbook()
    empty = book.active
    empty.title = "Cover"
    sheet = book.create_sheet("Notes")
    # The header begins at C3, and a row without content stands between others.
    header = ["id", "text", "label", None, "seen", "score"]
    rows = [
        header,
        [1, "Acute flu 🫀, 37.5 °C", True, "x", date(2024, 2, 29), 0.25],
        [2.0, "line one\nline \"two\"", False, None, datetime(2024, 3, 1, 8, 30, 5), 1e-7],
        [None] * 6,
        ["0003", "_x000D_ & <b>", "#N/A", None, time(8, 30), 12345678901234],
        [4, None, "b", None, timedelta(hours=26, minutes=5), "=1/0"],
    ]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.cell(3 + number, 3 + column, value)
    sheet["D4"] = CellRichText("Acute ", TextBlock(InlineFont(b=True), "flu"), " 🫀, 37.5 °C")
    # A formula keeps what it came to only where a spreadsheet program computed it: an error as such.
    sheet["H8"].value = "#DIV/0!"
    sheet["H8"].data_type = "e"
    sheet["E7"].data_type = "e"
    sheet.merge_cells("D8:E8")
    hidden = book.create_sheet("Lists", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["value"])
    hidden.append(["a"])
    other = book.create_sheet("More")
    other.append(["text"])
    other.append(["more"])
    book.save(path)


def other_programs(path):
    frame = pandas.DataFrame([["flu 🫀", 1, True], ["two\nlines", 2.5, False]], columns=["text", "n", "sure"])
    frame.to_excel(path / "odfpy.ods", index=False)
    book = xlwt.Workbook()
    sheet = book.add_sheet("Notes")
    for number, row in enumerate([list(frame.columns), ["flu 🫀", 1, True], ["two\nlines", 2.5, False]]):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.save(str(path / "xlwt.xls"))


def types(path):
    table = pyarrow.table({
        "text": pyarrow.array([text for text, _ in NOTES]),
        "label": pyarrow.array([label for _, label in NOTES]).dictionary_encode(),
        "large": pyarrow.array(["a", "b", None, "𝛼"], pyarrow.large_string()),
        "small": pyarrow.array([-1, 0, None, 127], pyarrow.int8()),
        "count": pyarrow.array([0, 2**63, 2**64 - 1, None], pyarrow.uint64()),
        "score": pyarrow.array([0.1, 1.0, float("nan"), None], pyarrow.float32()),
        "sure": [True, False, None, True],
        "entities": pyarrow.array(
            [[{"start": 6, "end": 9, "label": "X"}], [], None, [{"start": 0, "end": 4, "label": None}]],
        ),
        "nested": pyarrow.array([[["a", None], []], [], None, [["b"]]], pyarrow.list_(pyarrow.list_(pyarrow.string()))),
        "day": pyarrow.array([date(2024, 2, 29), date(1969, 12, 31), None, date(2000, 1, 1)]),
        "seen": pyarrow.array(
            [datetime(2024, 3, 1, 8, 30), datetime(1969, 12, 31, 23, 59, 59, 500), None, datetime(2100, 1, 1)],
            pyarrow.timestamp("ns"),
        ),
        "price": pyarrow.array([Decimal("1.50"), Decimal("-0.05"), None, Decimal("0.00")], pyarrow.decimal128(9, 2)),
        "raw": pyarrow.array([b"text", b"\xff\x00", None, b""]),
        "pairs": pyarrow.array([[("a", 1)], [], None, [("b", 2)]], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
    })
    for compression in ["snappy", "gzip", "zstd", "none", "brotli"]:
        # Two rows a group, so that there are two.
        parquet.write_table(table, path / f"types-{compression}.parquet", compression=compression, row_group_size=2)
    small = table.select(["text", "label", "entities"])
    parquet.write_table(small, path / "types-v2.parquet", data_page_version="2.0", version="2.6")
    frame = pandas.DataFrame(NOTES, columns=["text", "label"], index=["w", "x", "y", "z"])
    frame.to_parquet(path / "pandas.parquet")


def hugging_face(path):
    classes = datasets.ClassLabel(names=["no", "yes", "maybe"])
    tags = datasets.ClassLabel(names=["O", "B-Disease", "I-Disease"])
    features = datasets.Features({
        "id": datasets.Value("string"),
        "tokens": datasets.Sequence(datasets.Value("string")),
        "ner_tags": datasets.Sequence(tags),
        "label": classes,
        "parts": datasets.Sequence({"kind": classes, "at": datasets.Value("int32")}),
        "spans": [{"start": datasets.Value("int32"), "end": datasets.Value("int32"), "label": tags}],
        "meta": {"answer": classes},
    })
    rows = {
        "id": ["1", "2"],
        "tokens": [["Acute", "flu", "🫀"], []],
        "ner_tags": [[1, 2, 0], []],
        "label": [1, -1],
        "parts": [{"kind": [0, 2], "at": [3, 4]}, {"kind": [], "at": []}],
        "spans": [[{"start": 0, "end": 9, "label": 1}], []],
        "meta": [{"answer": 2}, {"answer": 0}],
    }
    datasets.Dataset.from_dict(rows, features=features).to_parquet(path)


def main():
    here = Path(__file__).resolve().parent
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "../../crates/corpus/tests/data/tables"
    out.mkdir(parents=True, exist_ok=True)
    spreadsheet(out / "openpyxl.xlsx")
    other_programs(out)
    types(out)
    hugging_face(out / "datasets.parquet")


main()
