"""Full case folding by Python's str.casefold. `python test/golden/case_folding.py` -> case_folding.json"""
import json, pathlib, sys, unicodedata

pairs = [[char, char.casefold()] for char in map(chr, range(0x110000)) if not 0xD800 <= ord(char) <= 0xDFFF and char.casefold() != char]
path = pathlib.Path(__file__).with_name("case_folding.json")
head = json.dumps({"generator": "case_folding.py", "python": sys.version.split()[0], "unicode": unicodedata.unidata_version})[1:-1]
path.write_text(f'{{{head}, "folded": {json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))}}}\n')
