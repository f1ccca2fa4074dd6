"""The peers of neighbors.mjs: NumPy (exact) and hnswlib (approximate). Reads a command a line, answers a line of JSON."""
import json
import sys
import time

import numpy as np

folder, width = sys.argv[1], int(sys.argv[2])
rows_of = {}


def matrix(name, rows):
    data = np.fromfile(f"{folder}/{name}.f32", dtype=np.float32, count=rows * width)
    return data.reshape(rows, width)


def best(scores, k):
    k = min(k, scores.shape[-1])
    near = np.argpartition(scores, scores.shape[-1] - k, axis=-1)[..., -k:]
    order = np.argsort(-np.take_along_axis(scores, near, -1), axis=-1, kind="stable")
    return np.take_along_axis(near, order, -1)


def load(name, rows):
    rows_of.clear()
    rows_of["M"] = matrix(name, rows)
    return {}


def exact(queries, n, k, times):
    M, Q = rows_of["M"], matrix(queries, n)
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        ids = best(M @ Q[0], k) if n == 1 else best(Q @ M.T, k)
        spent.append((time.perf_counter() - start) * 1e3)
    return {"ms": spent, "ids": ids.reshape(n, -1).tolist()}


def build(m, ef_construction):
    import hnswlib

    M = rows_of["M"]
    index = hnswlib.Index("ip", width)
    index.set_num_threads(1)
    index.init_index(len(M), M=m, ef_construction=ef_construction, random_seed=1)
    start = time.perf_counter()
    index.add_items(M, num_threads=1)
    rows_of["index"] = index
    return {"ms": [(time.perf_counter() - start) * 1e3]}


def walk(queries, n, k, ef):
    Q, index = matrix(queries, n), rows_of["index"]
    index.set_ef(ef)
    start = time.perf_counter()
    ids, _ = index.knn_query(Q, k, num_threads=1)
    return {"ms": [(time.perf_counter() - start) * 1e3], "ids": ids.tolist()}


commands = {f.__name__: f for f in (load, exact, build, walk)}
for line in sys.stdin:
    name, *args = json.loads(line)
    print(json.dumps(commands[name](*args)), flush=True)
