"""Small Parquet files by pyarrow, with the cells that they hold as text. `python test/golden/parquet.py` -> parquet.json"""
import base64, datetime, decimal, io, json, pathlib

import pyarrow as pa
import pyarrow.parquet as pq

assert pa.__version__.startswith("26."), pa.__version__

utc = datetime.timezone.utc
ROWS = 60
text = ["" if i == 3 else None if i % 7 == 5 else f"Zeile {i % 9}: grün 😀" for i in range(ROWS)]
columns = {
    "text": pa.array(text, pa.string()),
    "label": pa.array(["pos" if i % 3 else "neg" for i in range(ROWS)], pa.string()),
    "count": pa.array([None if i == 2 else (-1) ** i * i * 2**55 for i in range(ROWS)], pa.int64()),
    "small": pa.array([i - 30 for i in range(ROWS)], pa.int8()),
    "unsigned": pa.array([2**64 - 1 - i for i in range(ROWS)], pa.uint64()),
    "ratio": pa.array([None if i == 1 else i / 8 for i in range(ROWS)], pa.float64()),
    "flag": pa.array([None if i == 4 else i % 2 == 0 for i in range(ROWS)], pa.bool_()),
    "day": pa.array([None if i == 4 else datetime.date(1969, 12, 20) + datetime.timedelta(days=i) for i in range(ROWS)], pa.date32()),
    "micro": pa.array([datetime.datetime(1969, 12, 31, 23, 59, 30, 120000) + datetime.timedelta(seconds=i) for i in range(ROWS)], pa.timestamp("us")),
    "nano": pa.array([i * 1_000_000_001 for i in range(ROWS)], pa.timestamp("ns", tz="UTC")),
    "price": pa.array([None if i == 6 else decimal.Decimal(i * 37 - 900) / 100 for i in range(ROWS)], pa.decimal128(9, 2)),
    "wide": pa.array([decimal.Decimal(10) ** 30 + i for i in range(ROWS)], pa.decimal128(38, 0)),
    "list": pa.array([None if i == 8 else [f"w{j}" if j else None for j in range(i % 4)] for i in range(ROWS)], pa.list_(pa.string())),
    "nested": pa.array([{"a": [[i, 1], []], "b": {"c": f"{i}", "d": None}} for i in range(ROWS)],
                       pa.struct([("a", pa.list_(pa.list_(pa.int64()))), ("b", pa.struct([("c", pa.string()), ("d", pa.float64())]))])),
    "bytes": pa.array([b"\xff\xfe" if i == 0 else b"plain" for i in range(ROWS)], pa.binary()),
}
table = pa.table(columns)


def cell(name, value, i):
    if value is None:
        return ""
    if name == "flag":
        return "true" if value else "false"
    if name == "ratio":
        return str(value).removesuffix(".0")
    if name == "micro":
        return value.isoformat().rstrip("0") if value.microsecond else value.isoformat()
    if name == "nano":
        total = i * 1_000_000_001
        stamp = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=total // 10**9)
        return stamp.isoformat() + (f".{total % 10**9:09d}".rstrip("0") if total % 10**9 else "")
    if name in ("list", "nested"):
        return json.dumps(value, separators=(",", ":"))
    if name == "bytes":
        return base64.b64encode(value).decode() if value == b"\xff\xfe" else value.decode()
    return str(value)


expected = [[cell(name, None if name == "nano" and v is None else v, i) for name, v in zip(table.column_names, row)]
            for i, row in enumerate(zip(*(table[name].to_pylist() if name != "nano" else range(ROWS) for name in table.column_names)))]

all_columns = table.column_names
simple = ["text", "label", "count", "list"]
written = [
    ("every type, plain, uncompressed", all_columns, dict(compression="none", use_dictionary=False)),
    ("every type, dictionary, snappy, pages v2", all_columns, dict(compression="snappy", data_page_version="2.0")),
    ("row groups of 7, gzip", simple, dict(compression="gzip", row_group_size=7)),
    ("small pages, zstd, pages v2", simple, dict(compression="zstd", data_page_version="2.0", data_page_size=64, write_batch_size=5, use_dictionary=False)),
    ("small pages, brotli", simple, dict(compression="brotli", data_page_size=64, write_batch_size=5)),
    ("lz4", simple, dict(compression="lz4")),
    ("delta encodings", simple, dict(compression="none", use_dictionary=False, column_encoding={
        "text": "DELTA_BYTE_ARRAY", "label": "DELTA_LENGTH_BYTE_ARRAY", "count": "DELTA_BINARY_PACKED", "list.list.element": "PLAIN"})),
]


def pack(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, store_schema=False, write_statistics=False, **options)
    return base64.b64encode(out.getvalue()).decode()


files = [{"name": name, "columns": names, "parquet": pack(table.select(names), **options)} for name, names, options in written]
large = pa.table({"text": ["ab" * 500_000, None, "ü" * 300_000]})
files.append({"name": "large strings", "columns": ["text"], "lengths": [1_000_000, 0, 300_000], "parquet": pack(large, compression="zstd")})
files.append({"name": "no rows", "columns": ["text"], "lengths": [], "parquet": pack(pa.table({"text": pa.array([], pa.string())}))})
files.append({"name": "no text", "columns": ["text"], "invalid": True, "parquet": pack(pa.table({"text": pa.array([b"\xff"], pa.binary()).view(pa.string())}))})
lines = ",\n".join(json.dumps(file, ensure_ascii=False) for file in files)
rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in expected)
head = json.dumps({"generator": "parquet.py", "pyarrow": pa.__version__, "columns": all_columns})[1:-1]
path = pathlib.Path(__file__).with_name("parquet.json")
path.write_text(f'{{{head}, "rows": [\n{rows}\n], "files": [\n{lines}\n]}}\n')
