"""Small bzip2 streams by Python's own bz2 (libbzip2). `python test/golden/bzip2.py` -> bzip2.json"""
import base64, bz2, hashlib, json, pathlib, random, sys


def noise(count, alphabet, seed):
    random.seed(seed)
    return bytes(random.choice(alphabet) for _ in range(count))


runs = b"".join(bytes([65 + i % 3]) * i for i in (*range(1, 12), 250, 254, 255, 256, 258, 259, 260, 511, 1000))
cases = {
    "nothing": [(b"", 9)],
    "one byte": [(b"x", 1)],
    "runs of every length": [(runs, 9)],
    "one long run over several blocks": [(b"a" * 30_000_000, 1)],
    "every byte": [(bytes(range(256)) * 3, 9)],
    "noise over two blocks": [(noise(130_000, b"ab", 1), 1)],
    "several streams, one of them empty": [(b"first ", 1), (b"", 5), (b"second", 9)],
    "skewed letters with long codes": [(b"".join(bytes([97 + i]) * min(2**i, 20_000) for i in range(18)) + noise(500, bytes(range(200)), 2), 9)],
}
out = []
for name, parts in cases.items():
    text = b"".join(part for part, _ in parts)
    packed = b"".join(bz2.compress(part, level) for part, level in parts)
    out.append({"name": name, "length": len(text), "sha256": hashlib.sha256(text).hexdigest(), "bzip2": base64.b64encode(packed).decode()})
path = pathlib.Path(__file__).with_name("bzip2.json")
path.write_text('{"generator": "bzip2.py", "python": "%s", "cases": [\n%s\n]}\n' % (sys.version.split()[0], ",\n".join(json.dumps(case) for case in out)))
