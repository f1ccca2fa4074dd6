"""
Golden values of every op of src/tensor: outputs and gradients as PyTorch computes them.

    python test/golden/ops.py        writes test/golden/ops/*.json

The reference runs in float64 on inputs that are exact in float32. The same case then runs in float32, and the script stops
where that strays past half the tolerance it is about to promise.
"""

import math

import numpy as np
import torch

from golden import HERE, integers, reals, require_pins, value, write
from reference import OPS, TORCH_DTYPES, case, formula_case

NAN, INF = math.nan, math.inf


# ---- inputs ---------------------------------------------------------------------------------------------------------------


def whole(shape, salt=0, low=-4, high=5):
    return integers(shape, salt, high - low) + np.int32(low)


def flags(shape, salt=0):
    return value(np.arange(math.prod(shape)), salt).reshape(shape) >= 0


f32 = lambda *xs: np.array(xs, np.float32)
i32 = lambda *xs: np.array(xs, np.int32)
bools = lambda *xs: np.array(xs, bool)


# ---- the families ---------------------------------------------------------------------------------------------------------


def unary():
    positive = {'log', 'sqrt', 'reciprocal'}
    extremes = {
        'neg': f32(0, -0.0, 1e30, -1e30), 'exp': f32(-200, -30, 0, 1, 30, 80), 'log': f32(1e-30, 1, 1e30),
        'sqrt': f32(1e-12, 1, 1e30), 'tanh': f32(-20, -9, -4, 1e-4, 4, 9, 20), 'sigmoid': f32(-100, -20, 1e-4, 20, 100),
        'erf': f32(-10, -4, -2, 1e-4, 2, 4, 10), 'relu': f32(-1, -0.0, 0, 1e30, -1e30), 'abs': f32(-1, -0.0, 0, 1e30, -1e30),
        'sin': f32(-100, -3.1415927, 0, 1.5707964, 100), 'cos': f32(-100, -3.1415927, 0, 1.5707964, 100),
        'sign': f32(-1e-30, -0.0, 0, 1e-30, 5), 'floor': f32(-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 8388609, -8388609),
        'reciprocal': f32(-1e10, -0.25, 0.25, 1e10),
    }  # fmt: skip
    non_finite = {
        'exp': f32(200, -INF, INF, NAN), 'log': f32(0, -1, INF, NAN), 'sqrt': f32(0, -1, INF), 'tanh': f32(-INF, INF, NAN),
        'sigmoid': f32(-INF, INF, NAN), 'reciprocal': f32(0, INF), 'abs': f32(-INF, NAN), 'relu': f32(-INF, INF, NAN),
    }  # fmt: skip
    for op, edge in extremes.items():
        offset = 2.5 if op in positive else 0.0
        yield case(op, 'typical', {}, [reals((2, 5), span=4, offset=offset)])
        yield case(op, 'rank 0', {}, [reals((), 1, offset=offset)])
        yield case(op, 'size 1', {}, [reals((1, 1), 2, offset=offset)])
        yield case(op, 'empty', {}, [reals((0, 3))])
        yield case(op, 'extreme values', {}, [edge])
        if op in non_finite:
            yield case(op, 'non-finite', {}, [non_finite[op]], flag='non-finite')
    for op in ['neg', 'abs', 'sign']:
        yield case(op, 'integers', {}, [i32(-7, 0, 2147483647)])


BROADCASTS = [
    ('same shape', (2, 3), (2, 3)), ('row on the right', (2, 3), (3,)), ('row on the left', (3,), (2, 3)),
    ('column on the right', (2, 3), (2, 1)), ('both ways', (2, 1, 4), (3, 1)), ('rank 0 on the left', (), (2, 3)),
    ('rank 0 on the right', (2, 3), ()), ('rank 0', (), ()), ('size 1', (1,), (1, 1)), ('empty', (0, 3), (3,)),
    ('empty against size 1', (2, 0), (2, 1)),
]  # fmt: skip


def binary():
    for op in ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum']:
        left = 2.5 if op == 'pow' else 0.0
        right = 3.0 if op == 'div' else 0.0
        for title, a, b in BROADCASTS:
            yield case(op, title, {}, [reals(a, 1, offset=left), reals(b, 2, offset=right)])
    for op in ['maximum', 'minimum']:
        yield case(op, 'ties', {}, [f32(1, -2, 0, 3), f32(1, -2, 0, 2)])
        yield case(op, 'ties, broadcast', {}, [np.full((2, 3), 1.5, np.float32), f32(1.5)])
        yield case(op, 'infinities', {}, [f32(-INF, INF, 1), f32(0, 0, -INF)], flag='non-finite')
    for op in ['add', 'sub', 'mul', 'maximum', 'minimum']:
        yield case(op, 'integers, both ways', {}, [whole((2, 1), 1), whole((3,), 2)])
    yield case('add', 'cancels large values', {}, [f32(1e30, 16777216), f32(-1e30, 1)])
    yield case('div', 'by zero', {}, [f32(1, -1, 0), f32(0, 0, 0)], flag='non-finite')
    yield case('div', 'negative divisor', {}, [f32(7, -7, 7), f32(-2, 2, -0.001)])
    yield case('pow', 'negative base: the exponent has no gradient', {}, [f32(-2, -2, -1.5), f32(2, 3, -1)], flag='non-finite')
    yield case('pow', 'zero base', {}, [f32(0, 0, 0), f32(2, 1, 0)])
    yield case('pow', 'zero base, root', {}, [f32(0, 0), f32(0.5, -1)], flag='non-finite')
    yield case('pow', 'square root and square of positive values', {}, [f32(4, 9, 0.25), f32(0.5, 2, -0.5)])


def comparison():
    for op in ['equal', 'less', 'greater', 'lessOrEqual', 'greaterOrEqual']:
        for title, a, b in BROADCASTS:
            yield case(op, title, {}, [reals(a, 1), reals(b, 2)])
        yield case(op, 'ties', {}, [f32(1, -0.0, 2), f32(1, 0, 3)])
        yield case(op, 'integers', {}, [whole((3, 4), 1, -1, 2), whole((4,), 2, -1, 2)])
        yield case(op, 'non-finite', {}, [f32(NAN, NAN, INF, -INF), f32(NAN, 1, INF, INF)], flag='non-finite')
    yield case('equal', 'booleans', {}, [bools(True, True, False, False), bools(True, False, True, False)])
    for op in ['and', 'or']:
        for title, a, b in BROADCASTS:
            yield case(op, title, {}, [flags(a, 1), flags(b, 2)])
        yield case(op, 'truth table', {}, [bools(True, True, False, False), bools(True, False, True, False)])
    for shape in [(2, 3), (), (1,), (0, 2)]:
        yield case('not', f'shape {list(shape)}', {}, [flags(shape, 3)])


def select():
    shapes = [
        ('same shape', (2, 3), (2, 3), (2, 3)), ('condition broadcasts', (3,), (2, 3), (2, 3)),
        ('condition is the largest', (2, 3), (), (3,)), ('three ways', (2, 1, 1), (3, 1), (4,)), ('rank 0', (), (), ()),
        ('condition rank 0', (), (2, 2), (2,)), ('size 1', (1,), (1, 1), (1,)), ('empty', (0, 3), (3,), (1, 3)),
    ]  # fmt: skip
    for title, c, a, b in shapes:
        yield case('where', title, {}, [flags(c, 5), reals(a, 1), reals(b, 2)])
    yield case('where', 'integers', {}, [flags((2, 3), 5), whole((2, 3), 1), whole((3,), 2)])
    yield case('where', 'booleans', {}, [flags((2, 3), 5), flags((2, 3), 6), flags((3,), 7)])
    yield case(
        'where', 'hides NaN and infinity', {}, [bools(True, False, True), f32(1, NAN, 2), f32(INF, 3, NAN)], flag='non-finite'
    )
    yield case('cast', 'f32 to f32', {'dtype': 'f32'}, [reals((2, 3))])
    yield case('cast', 'f32 to i32 truncates', {'dtype': 'i32'}, [f32(-2.7, -0.5, 0, 0.5, 2.7, 1e6)])
    yield case('cast', 'f32 to bool', {'dtype': 'bool'}, [f32(-0.5, -0.0, 0, 1e-30, 3)])
    yield case('cast', 'i32 to f32', {'dtype': 'f32'}, [i32(-3, 0, 16777216)])
    yield case('cast', 'i32 to i32', {'dtype': 'i32'}, [whole((2, 3))])
    yield case('cast', 'i32 to bool', {'dtype': 'bool'}, [i32(-3, 0, 1)])
    yield case('cast', 'bool to f32', {'dtype': 'f32'}, [flags((2, 3), 1)])
    yield case('cast', 'bool to i32', {'dtype': 'i32'}, [flags((2, 3), 1)])
    yield case('cast', 'rank 0', {'dtype': 'f32'}, [i32(5).reshape(())])
    yield case('cast', 'empty', {'dtype': 'i32'}, [reals((0, 2))])
    for name in ['f16', 'bf16']:
        stored = torch.from_numpy(f32(-1.5, 0.1, 3.1415927, 60000)).to(TORCH_DTYPES[name])
        yield case('cast', f'{name} to f32', {'dtype': 'f32'}, [stored], flag='storage dtype')
    yield case('cast', 'i8 to f32', {'dtype': 'f32'}, [np.array([-128, 0, 127], np.int8)], flag='storage dtype')
    yield case('cast', 'u8 to f32', {'dtype': 'f32'}, [np.array([0, 128, 255], np.uint8)], flag='storage dtype')


def reduction():
    for op in ['sum', 'mean', 'max', 'min']:
        for axes in [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2]]:
            for keep in [False, True]:
                attrs = {'axes': axes, 'keepDims': keep}
                yield case(op, f'axes {axes}{", kept" if keep else ""}', attrs, [reals((2, 3, 4))])
        yield case(op, 'rank 0', {'axes': [], 'keepDims': False}, [reals((), 1)])
        yield case(op, 'size 1', {'axes': [0], 'keepDims': False}, [reals((1, 3), 1)])
        yield case(op, 'one value', {'axes': [0, 1], 'keepDims': True}, [reals((1, 1), 1)])
        yield case(op, 'empty, another axis', {'axes': [1], 'keepDims': False}, [reals((0, 3))])
        yield case(op, 'one long axis', {'axes': [0], 'keepDims': False}, [reals((257,), 7)], 1e-5)
    for op in ['max', 'min']:
        yield case(
            op, 'ties share the gradient', {'axes': [1], 'keepDims': False}, [f32([2, 2, 2, 1], [1, 5, 5, 1], [-1, -1, -1, -1])]
        )
        yield case(op, 'ties over two axes', {'axes': [0, 1], 'keepDims': False}, [f32([3, 3], [0, 3], [0, 0])])
        yield case(op, 'infinities', {'axes': [0], 'keepDims': False}, [f32(-INF, 0, INF)], flag='non-finite')
        yield case(op, 'integers', {'axes': [1], 'keepDims': True}, [whole((2, 5))])
    yield case('sum', 'empty axis', {'axes': [1], 'keepDims': False}, [reals((2, 0))])
    yield case('mean', 'empty axis', {'axes': [1], 'keepDims': False}, [reals((2, 0))], flag='non-finite')
    yield case('sum', 'integers', {'axes': [0], 'keepDims': False}, [whole((4, 3))])
    for axis in [0, 1, 2]:
        yield case('argmax', f'axis {axis}', {'axis': axis}, [reals((2, 3, 4))])
    yield case('argmax', 'ties: the first', {'axis': 1}, [f32([1, 3, 3, 0], [2, 2, 2, 2], [-1, -2, -1, -2])])
    yield case('argmax', 'size 1', {'axis': 0}, [reals((1, 3))])
    yield case('argmax', 'one axis', {'axis': 0}, [reals((5,))])
    yield case('argmax', 'empty, another axis', {'axis': 1}, [reals((0, 3))])
    yield case('argmax', 'integers', {'axis': 1}, [whole((2, 5))])
    for reverse in [False, True]:
        back = ', reversed' if reverse else ''
        for axis in [0, 1, 2]:
            yield case('cumsum', f'axis {axis}{back}', {'axis': axis, 'reverse': reverse}, [reals((2, 3, 4))])
        yield case('cumsum', f'size 1{back}', {'axis': 0, 'reverse': reverse}, [reals((1,))])
        yield case('cumsum', f'empty{back}', {'axis': 0, 'reverse': reverse}, [reals((0, 2))])
        yield case('cumsum', f'integers{back}', {'axis': 1, 'reverse': reverse}, [whole((2, 5))])


def softmax():
    for op in ['softmax', 'logSoftmax']:
        yield case(op, 'typical', {}, [reals((2, 5))])
        yield case(op, 'rank 1', {}, [reals((7,), 1)])
        yield case(op, 'rank 4', {}, [reals((2, 1, 2, 3), 2)])
        yield case(op, 'size 1', {}, [reals((3, 1), 3)])
        yield case(op, 'empty', {}, [reals((0, 3))])
        yield case(op, 'empty last axis', {}, [reals((2, 0))])
        yield case(op, 'large logits', {}, [f32([1000, 999, 0], [-1000, -1001, -1000], [1e30, -1e30, 0])])
        yield case(op, 'equal logits', {}, [np.full((2, 4), 88.75, np.float32)])
        yield case(op, 'one logit of minus infinity', {}, [f32([0, -INF, 1], [-INF, 2, -INF])], flag='non-finite')
        yield case(op, 'only minus infinity', {}, [f32([-INF, -INF])], flag='non-finite')


def matmul_family():
    shapes = [
        ('matrices', (), (), 2, 3, 4), ('batch', (2,), (2,), 2, 3, 2), ('batch on the left', (2,), (), 2, 3, 2),
        ('batch on the right', (), (2,), 2, 3, 2), ('batches broadcast both ways', (2, 1), (3,), 2, 2, 3),
        ('batch of one', (1, 2), (2, 1), 1, 3, 2), ('size 1', (), (), 1, 1, 1),
    ]  # fmt: skip
    for title, a, b, M, K, N in shapes:
        for tA in [False, True]:
            for tB in [False, True]:
                x = reals((*a, *((K, M) if tA else (M, K))), 1)
                y = reals((*b, *((N, K) if tB else (K, N))), 2)
                mark = {(True, True): ', AᵀBᵀ', (True, False): ', Aᵀ', (False, True): ', Bᵀ'}.get((tA, tB), '')
                yield case('matmul', title + mark, {'transposeA': tA, 'transposeB': tB}, [x, y], 1e-5)
    plain = {'transposeA': False, 'transposeB': False}
    yield case('matmul', 'nothing to add up', plain, [reals((2, 0)), reals((0, 3))])
    yield case('matmul', 'no rows', plain, [reals((0, 2)), reals((2, 3))])
    yield case('matmul', 'no columns', plain, [reals((3, 2)), reals((2, 0))])
    yield case('matmul', 'empty batch', plain, [reals((0, 2, 3)), reals((3, 2))])
    yield case('matmul', 'odd sizes', plain, [reals((7, 17), 3), reals((17, 9), 4)], 1e-5)


def shaping():
    for title, source, shape in [
        ('typical', (2, 3), [3, 2]), ('flatten', (2, 3), [6]), ('split', (6,), [1, 2, 3]), ('to rank 0', (1, 1), []),
        ('from rank 0', (), [1, 1]), ('empty', (0, 3), [3, 0]), ('same', (2, 2), [2, 2]),
    ]:  # fmt: skip
        yield case('reshape', title, {'shape': shape}, [reals(source)])
    for title, source, axes in [
        ('matrix', (2, 3), [1, 0]), ('rotate', (2, 3, 4), [2, 0, 1]), ('heads', (2, 3, 2, 2), [0, 2, 1, 3]),
        ('same', (2, 3), [0, 1]),
        ('reverse', (2, 3, 4), [2, 1, 0]), ('rank 0', (), []), ('rank 1', (3,), [0]), ('size 1', (1, 3), [1, 0]),
        ('empty', (0, 3), [1, 0]),
    ]:  # fmt: skip
        yield case('transpose', title, {'axes': axes}, [reals(source)])
    for title, source, shape in [
        ('row', (3,), [2, 3]), ('column', (2, 1), [2, 3]), ('both', (2, 1, 3), [4, 2, 2, 3]), ('rank 0', (), [2, 3]),
        ('same', (2, 3), [2, 3]), ('rank 0 to rank 0', (), []), ('to empty', (1, 3), [0, 3]), ('from empty', (0,), [2, 0]),
    ]:  # fmt: skip
        yield case('broadcastTo', title, {'shape': shape}, [reals(source)])
    for title, source, axis, start, stop in [
        ('head', (4, 3), 0, 0, 2), ('tail', (4, 3), 0, 2, 4), ('middle', (2, 5), 1, 1, 4), ('one', (2, 5), 1, 4, 5),
        ('all', (4, 3), 0, 0, 4),
        ('nothing', (4, 3), 0, 2, 2), ('nothing at the end', (4, 3), 0, 4, 4), ('inner axis', (2, 3, 2), 1, 1, 3),
        ('rank 1', (5,), 0, 1, 2),
        ('of empty', (0, 3), 1, 1, 3),
    ]:  # fmt: skip
        yield case('slice', title, {'axis': axis, 'start': start, 'stop': stop}, [reals(source)])
    for title, axis, sources in [
        ('two', 0, [(2, 3), (1, 3)]), ('last axis', 1, [(2, 3), (2, 1)]), ('three', 1, [(2, 1, 2), (2, 3, 2), (2, 2, 2)]),
        ('one', 0, [(2, 3)]),
        ('with an empty one', 0, [(2, 3), (0, 3), (1, 3)]), ('all empty', 0, [(0, 2), (0, 2)]), ('rank 1', 0, [(1,), (1,)]),
    ]:  # fmt: skip
        yield case('concat', title, {'axis': axis}, [reals(s, i) for i, s in enumerate(sources)])
    for title, source, axis, sizes in [
        ('two', (3, 2), 0, [2, 1]), ('last axis', (2, 5), 1, [1, 3, 1]), ('inner axis', (2, 4, 2), 1, [2, 2]),
        ('one', (2, 3), 0, [2]), ('with an empty one', (3, 2), 0, [2, 0, 1]), ('of empty', (0, 3), 1, [1, 2]),
    ]:  # fmt: skip
        yield case('split', title, {'axis': axis, 'sizes': sizes}, [reals(source)])
    for title, source, axis, before, after in [
        ('both sides', (2, 3), 1, 1, 2), ('before', (2, 3), 0, 2, 0), ('after', (2, 3), 0, 0, 1), ('none', (2, 3), 0, 0, 0),
        ('inner axis', (2, 1, 2), 1, 1, 1), ('rank 1', (3,), 0, 1, 1), ('of empty', (0, 2), 0, 1, 2),
    ]:  # fmt: skip
        yield case('pad', title, {'axis': axis, 'before': before, 'after': after}, [reals(source)])
    for dtype, make in [('integers', whole), ('booleans', flags)]:
        yield case('reshape', dtype, {'shape': [3, 2]}, [make((2, 3), 1)])
        yield case('transpose', dtype, {'axes': [1, 0]}, [make((2, 3), 1)])
        yield case('broadcastTo', dtype, {'shape': [2, 3]}, [make((3,), 1)])
        yield case('slice', dtype, {'axis': 1, 'start': 1, 'stop': 3}, [make((2, 3), 1)])
        yield case('split', dtype, {'axis': 1, 'sizes': [1, 2]}, [make((2, 3), 1)])
        yield case('concat', dtype, {'axis': 0}, [make((1, 3), 1), make((2, 3), 2)])
        yield case('pad', dtype, {'axis': 0, 'before': 1, 'after': 0}, [make((1, 3), 1)])
    yield case('stopGradient', 'typical', {}, [reals((2, 3))])
    yield case('stopGradient', 'empty', {}, [reals((0, 3))])


def indexing():
    duplicates = i32([2, 0, 2], [2, 3, 0])
    for title, table, ids in [
        ('matrix', (4, 3), i32(3, 0, 1)), ('duplicates', (4, 3), duplicates), ('rank 1 table', (5,), i32(4, 4, 0)),
        ('rank 3 table', (4, 2, 2), i32(1, 1)),
        ('rank 0 ids', (4, 3), i32(2).reshape(())), ('rank 0 from rank 1', (4,), i32(2).reshape(())),
        ('one row', (1, 3), i32(0, 0, 0)),
        ('size 1', (1, 1), i32(0)), ('no ids', (4, 3), whole((0,))), ('no ids, rank 2', (4, 3), whole((2, 0))),
        ('no columns', (4, 0), i32(1, 2)),
    ]:  # fmt: skip
        yield case('gather', title, {}, [reals(table), ids])
        rows = table[0]
        yield case('scatterAdd', title, {'rows': rows}, [ids, reals((*ids.shape, *table[1:]), 1)])
    yield case('gather', 'integers', {}, [whole((4, 2)), i32(3, 3, 1)])
    yield case('gather', 'booleans', {}, [flags((4, 2)), i32(3, 3, 1)])
    yield case('scatterAdd', 'no rows', {'rows': 0}, [whole((0,)), reals((0, 3))])
    yield case('scatterAdd', 'rows that nobody names', {'rows': 6}, [i32(5, 0), reals((2, 2))])
    for title, source, ids in [
        ('matrix', (3, 4), i32(3, 0, 3)), ('rank 3', (2, 3, 4), i32([0, 1, 2], [3, 3, 3])),
        ('rank 1', (4,), i32(2).reshape(())),
        ('size 1', (1, 1), i32(0)), ('empty', (0, 4), whole((0,))),
    ]:  # fmt: skip
        yield case('pick', title, {}, [reals(source), ids])
        yield case('addAt', title, {}, [reals(source), ids, reals(ids.shape, 1)])
    yield case('pick', 'integers', {}, [whole((2, 3)), i32(2, 0)])
    for title, ids, depth in [
        ('typical', i32(2, 0, 2), 3), ('rank 2', i32([0, 1], [3, 2]), 4), ('rank 0', i32(1).reshape(()), 3),
        ('depth 1', i32(0, 0), 1), ('empty', whole((0,)), 3),
    ]:  # fmt: skip
        yield case('oneHot', title, {'depth': depth}, [ids])
    for size in [0, 1, 7]:
        yield case('iota', f'size {size}', {'size': size}, [])


def linear_family():
    for transposed in [False, True]:
        attrs = {'transposeWeight': transposed}
        mark = ', transposed' if transposed else ''
        for title, source, I, O in [
            ('typical', (2, 3), 3, 4), ('rank 1', (3,), 3, 2), ('rank 3', (2, 2, 3), 3, 2), ('rank 4', (1, 2, 2, 3), 3, 2),
            ('size 1', (1, 1), 1, 1),
            ('odd sizes', (5, 17), 17, 7), ('empty', (0, 3), 3, 2),
        ]:  # fmt: skip
            weight = reals((O, I) if transposed else (I, O), 1)
            yield case('linear', title + mark, attrs, [reals(source), weight, reals((O,), 2)], 1e-5)
            yield case('linear', f'{title}{mark}, no bias', attrs, [reals(source), weight], 1e-5)


def gain_and_bias(C):
    return [reals((C,), 1, 1, 1), reals((C,), 2, 1)]


def norm():
    for op in ['layerNorm', 'rmsNorm']:
        parts = gain_and_bias if op == 'layerNorm' else lambda C: gain_and_bias(C)[:1]
        for title, source in [
            ('typical', (2, 4)), ('odd size', (3, 7)), ('odd size 33', (2, 33)), ('rank 1', (5,)), ('rank 3', (2, 2, 3)),
            ('size 1', (3, 1)), ('size 2', (3, 2)),
            ('empty', (0, 4)),
        ]:  # fmt: skip
            # with one channel or two the gradient is a difference of equals, times up to 1 / √epsilon
            tolerance = 1e-3 if title in ('size 1', 'size 2') else 1e-5
            yield case(op, title, {'epsilon': 1e-5}, [reals(source), *parts(source[-1])], tolerance)
        yield case(op, 'epsilon 1e-12', {'epsilon': 1e-12}, [reals((2, 6)), *parts(6)], 1e-5)
        yield case(op, 'large epsilon', {'epsilon': 0.5}, [reals((2, 6), span=1), *parts(6)], 1e-5)
        yield case(op, 'constant row', {'epsilon': 1e-5}, [np.full((1, 4), 2.5, np.float32), *parts(4)], 1e-5)
        yield case(op, 'zero row', {'epsilon': 1e-5}, [np.zeros((1, 4), np.float32), *parts(4)], 1e-5)
        yield case(op, 'large values', {'epsilon': 1e-5}, [reals((2, 6), span=20000), *parts(6)], 1e-5)
        yield case(op, 'far from zero', {'epsilon': 1e-5}, [reals((2, 6), offset=100), *parts(6)], 1e-4)


def activation():
    edge = f32(-1000, -30, -10, -3, -1e-3, 0, 1e-3, 3, 10, 30, 1000)
    for op, attrs in [*(('gelu', {'approximation': a}) for a in ['erf', 'tanh', 'quick']), ('silu', {})]:
        kind = f'{attrs["approximation"]}: ' if attrs else ''
        yield case(op, f'{kind}typical', attrs, [reals((2, 9), span=8)])
        yield case(op, f'{kind}extreme values', attrs, [edge])
        yield case(op, f'{kind}rank 0', attrs, [reals((), 1)])
        yield case(op, f'{kind}size 1', attrs, [reals((1, 1), 2)])
        yield case(op, f'{kind}empty', attrs, [reals((0, 3))])


def rotary_family():
    for interleaved in [False, True]:
        attrs = {'interleaved': interleaved}
        kind = 'pairs' if interleaved else 'halves'
        for title, (B, H, T, D), start in [
            ('typical', (2, 2, 3, 4), 0), ('later positions', (1, 2, 2, 6), 1000), ('D = 2', (1, 1, 3, 2), 0),
            ('one token', (2, 1, 1, 8), 5), ('no tokens', (1, 2, 0, 4), 0),
        ]:  # fmt: skip
            angles = np.outer(start + np.arange(T), 10000.0 ** (-np.arange(0, D, 2) / D))
            tables = [np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)]
            yield case('rotary', f'{kind}: {title}', attrs, [reals((B, H, T, D)), *tables], 5e-6)


def attention_family():
    def attend(title, B, H, K, T, S, D, key_mask=None, mask=None, bias=None, flag=None, span=4.0, **attrs):
        inputs = [reals((B, H, T, D), 1, span), reals((B, K, S, D), 2, span), reals((B, K, S, D), 3)]
        inputs += [m for m in (key_mask, mask, bias) if m is not None]
        full = {'causal': False, 'keyMask': key_mask is not None, 'mask': mask is not None, **attrs}
        if bias is not None:
            full['bias'] = True
        return case('attention', title, full, inputs, 1e-5, flag)

    yield attend('typical', 2, 2, 2, 3, 3, 4)
    yield attend('cross attention, T < S', 1, 2, 2, 2, 5, 4)
    yield attend('cross attention, T > S', 1, 2, 2, 5, 2, 4)
    yield attend('size 1', 1, 1, 1, 1, 1, 1)
    yield attend('odd head size', 1, 2, 2, 3, 4, 5)
    yield attend('causal', 2, 2, 2, 4, 4, 4, causal=True)
    yield attend('causal, cached: T < S', 2, 2, 2, 2, 5, 4, causal=True)
    yield attend('causal, one new token', 2, 2, 2, 1, 6, 4, causal=True)
    yield attend('causal, T > S: the first queries see nothing', 1, 2, 2, 4, 2, 4, causal=True)
    yield attend('window', 1, 2, 2, 6, 6, 4, causal=True, window=3)
    yield attend('window of one', 1, 1, 1, 4, 4, 2, causal=True, window=1)
    yield attend('window, cached', 1, 2, 2, 2, 6, 4, causal=True, window=3)
    yield attend('window wider than the source', 1, 2, 2, 3, 3, 4, causal=True, window=10)
    yield attend('scale', 1, 2, 2, 3, 3, 4, scale=0.25)
    yield attend('scale 1, causal', 1, 2, 2, 3, 3, 4, scale=1.0, causal=True, span=1.0)
    yield attend('grouped queries', 2, 4, 2, 3, 3, 4)
    yield attend('grouped queries, causal, cached', 1, 6, 2, 2, 4, 4, causal=True)
    yield attend('one key/value head', 1, 4, 1, 3, 3, 2, causal=True)
    padding = bools([True, True, True, False], [True, False, False, False])
    yield attend('key mask', 2, 2, 2, 4, 4, 4, key_mask=padding)
    yield attend('key mask, cross attention', 2, 2, 1, 2, 4, 4, key_mask=padding)
    yield attend('key mask, causal, padded on the left', 2, 2, 2, 4, 4, 4, key_mask=padding[:, ::-1].copy(), causal=True)
    yield attend('key mask hides every key of one text', 2, 2, 2, 3, 4, 4, key_mask=bools([True] * 4, [False] * 4))
    some = flags((2, 2, 3, 4), 5)
    some[0, 0, 1] = False
    yield attend('mask [B, H, T, S] with a row that sees nothing', 2, 2, 2, 3, 4, 4, mask=some)
    yield attend('mask [T, S]', 2, 2, 2, 3, 4, 4, mask=some[1, 1])
    yield attend('mask [B, 1, 1, S]', 2, 2, 2, 3, 4, 4, mask=some[:, :1, 2:, :])
    yield attend('mask [1, H, T, 1]', 2, 2, 2, 3, 4, 4, mask=some[:1, :, :, :1])
    yield attend(
        'mask, key mask, causal, grouped queries', 2, 4, 2, 4, 4, 2, key_mask=padding, mask=flags((4, 4), 8), causal=True
    )
    yield attend('mask hides everything', 1, 1, 1, 2, 3, 2, mask=np.zeros((2, 3), bool))
    bias = reals((2, 2, 3, 4), 9, 3.0)
    yield attend('bias [B, H, T, S]', 2, 2, 2, 3, 4, 4, bias=bias)
    yield attend('bias [1, H, T, S], scale 1', 2, 2, 2, 3, 4, 4, bias=bias[:1], scale=1.0, span=1.0)
    yield attend('bias [B, 1, T, S], causal', 2, 2, 2, 3, 3, 4, bias=bias[:, :1, :, :3].copy(), causal=True)
    yield attend('bias [B, 1, 1, S]', 2, 2, 2, 3, 4, 4, bias=bias[:, :1, :1, :].copy())
    yield attend('bias [H, T, 1]', 2, 2, 2, 3, 4, 4, bias=bias[0, :, :, :1].copy())
    yield attend('bias [S], grouped queries', 1, 4, 2, 3, 4, 4, bias=bias[0, 0, 0])
    yield attend('bias [], cross attention', 1, 2, 2, 2, 4, 4, bias=bias[0, 0, 0, 0])
    yield attend('bias, causal, cached', 2, 2, 2, 1, 4, 4, bias=bias[:1, :, :1].copy(), causal=True)
    yield attend('bias, window', 1, 2, 2, 3, 4, 4, bias=bias[:1], causal=True, window=2)
    yield attend('bias, key mask', 2, 2, 2, 3, 4, 4, key_mask=padding, bias=bias)
    yield attend('bias, key mask hides one text', 2, 2, 2, 3, 4, 4, key_mask=bools([False] * 4, [True] * 4), bias=bias[:1])
    yield attend('bias, key mask, causal', 2, 2, 2, 4, 4, 4, key_mask=padding[:, ::-1].copy(), bias=bias[:1, :, :1], causal=True)
    yield attend('bias, mask with a row that sees nothing', 2, 2, 2, 3, 4, 4, mask=some, bias=bias[:1])
    yield attend('large bias', 1, 2, 2, 3, 4, 4, bias=(bias[:1] * np.float32(200)))
    yield attend('large logits', 1, 1, 1, 3, 3, 4, span=60.0)
    yield attend('no queries', 1, 2, 2, 0, 3, 4, flag='empty')
    yield attend('no keys', 1, 2, 2, 2, 0, 4, flag='empty')
    none = np.zeros((2, 0), bool)
    yield attend('no keys, masked', 2, 2, 2, 2, 0, 4, key_mask=none, mask=none, flag='empty')
    yield attend('no keys, key mask', 2, 2, 2, 2, 0, 4, key_mask=none, flag='empty')
    yield attend('no keys, bias', 1, 2, 2, 2, 0, 4, bias=np.zeros((1, 2, 2, 0), np.float32), flag='empty')
    yield attend('no queries, key mask and bias', 2, 2, 2, 0, 4, 4, key_mask=padding, bias=bias[:, :, :0].copy(), flag='empty')
    yield attend('no texts, key mask', 0, 2, 2, 3, 4, 4, key_mask=padding[:0], flag='empty')
    yield attend('no keys, causal', 1, 2, 2, 2, 0, 4, causal=True, flag='empty')
    yield attend('no texts', 0, 2, 2, 3, 3, 4, flag='empty')


def loss():
    for title, source, smoothing, ignore, hidden in [
        ('typical', (4, 5), 0.0, -100, []), ('rank 3', (2, 3, 5), 0.0, -100, []), ('rank 1', (5,), 0.0, -100, []),
        ('one class', (3, 1), 0.0, -100, []),
        ('ignored', (4, 5), 0.0, -100, [1, 2]), ('ignored, rank 3', (2, 3, 5), 0.0, -100, [0, 5]),
        ('ignored class', (4, 5), 0.0, 0, [1, 2]),
        ('smoothed', (4, 5), 0.1, -100, []), ('smoothed and ignored', (4, 5), 0.1, -100, [0, 3]),
        ('smoothed, ignored class', (2, 3, 5), 0.2, 2, [1, 4]),
        ('smoothed to uniform', (2, 4), 1.0, -100, []), ('one kept', (3, 4), 0.1, -1, [0, 2]),
    ]:  # fmt: skip
        targets = integers(source[:-1], 6, source[-1])
        targets.reshape(-1)[hidden] = ignore
        yield case('crossEntropy', title, {'labelSmoothing': smoothing, 'ignoreIndex': ignore}, [reals(source), targets], 5e-6)
    plain = {'labelSmoothing': 0.0, 'ignoreIndex': -100}
    yield case('crossEntropy', 'large logits', plain, [f32([1000, 0, -1000], [0, 1000, 999]), i32(1, 2)], 5e-6)
    yield case(
        'crossEntropy',
        'large logits, smoothed',
        {**plain, 'labelSmoothing': 0.1},
        [f32([1000, 0, -1000], [0, 1000, 999]), i32(1, 2)],
        5e-6,
    )
    all_ignored = 'all positions ignored: torch returns NaN'
    for smoothing in [0.0, 0.1]:
        yield case(
            'crossEntropy',
            'all ignored',
            {**plain, 'labelSmoothing': smoothing},
            [reals((2, 3)), i32(-100, -100)],
            flag=all_ignored,
        )
    yield case('crossEntropy', 'no positions', plain, [reals((0, 3)), whole((0,))], flag=all_ignored)
    yield case(
        'crossEntropy',
        'a class ruled out by minus infinity',
        plain,
        [f32([0, -INF, 1], [-INF, 2, 1]), i32(0, 1)],
        flag='non-finite',
    )


def quantised():
    for title, source, N, K, in [
        ('typical', (2, 32), 3, 32), ('two blocks', (3, 64), 2, 64), ('rank 1', (32,), 2, 32), ('rank 3', (2, 2, 64), 3, 64),
        ('one output', (1, 96), 1, 96), ('empty', (0, 32), 2, 32),
    ]:  # fmt: skip
        packed = integers((N, K // 32, 16), 4, 256).astype(np.uint8)
        scales = reals((N, K // 32), 5, 0.2)
        yield case('quantisedMatmul', title, {'bits': 4, 'block': 32}, [reals(source), packed, scales], 2e-5)
    extremes = np.array([[[0x00, 0xFF, 0x0F, 0xF0, 0x88, 0x80, 0x08, 0x7F] * 2]], np.uint8)
    yield case(
        'quantisedMatmul',
        'every nibble edge, low nibble first',
        {'bits': 4, 'block': 32},
        [np.eye(32, dtype=np.float32)[:16], extremes, f32([0.5])],
    )


def large():
    """Sizes at which a kernel goes parallel: tiny cases show no race. Sums of 2048 float32 terms set the tolerance."""
    ids = {'shape': [2048], 'salt': 3, 'below': 65}
    table = {'shape': [65, 128], 'salt': 1}
    rows = {'shape': [2048, 128], 'salt': 2}
    yield formula_case('gather', '2048 ids over 65 rows', {}, [table, ids])
    yield formula_case('gather', '2048 times the same row', {}, [table, {**ids, 'below': 1}])
    yield formula_case('gather', '[32, 64] ids', {}, [table, {**ids, 'shape': [32, 64]}])
    yield formula_case('scatterAdd', '2048 ids over 65 rows', {'rows': 65}, [ids, rows])
    yield formula_case('scatterAdd', '2048 times the same row', {'rows': 65}, [{**ids, 'below': 1}, rows])
    yield formula_case('scatterAdd', '[32, 64] ids', {'rows': 65}, [{**ids, 'shape': [32, 64]}, {**rows, 'shape': [32, 64, 128]}])
    yield formula_case('pick', '2048 rows', {}, [{**rows, 'shape': [2048, 65]}, ids])
    yield formula_case('addAt', '2048 rows', {}, [{**rows, 'shape': [2048, 65]}, ids, {'shape': [2048], 'salt': 4}])
    yield formula_case('cumsum', '2048 rows', {'axis': 0, 'reverse': False}, [rows])
    yield formula_case('sum', 'over 2048 rows', {'axes': [0], 'keepDims': False}, [rows])
    yield formula_case('mul', 'row against 2048 rows', {}, [{'shape': [128], 'salt': 1}, rows])
    vector = lambda salt: {'shape': [128], 'salt': salt}
    yield formula_case('layerNorm', '2048 rows', {'epsilon': 1e-5}, [rows, {**vector(4), 'offset': 1}, vector(5)])
    yield formula_case('rmsNorm', '2048 rows', {'epsilon': 1e-5}, [rows, {**vector(4), 'offset': 1}])
    yield formula_case(
        'linear', '2048 rows', {'transposeWeight': False}, [rows, {'shape': [128, 96], 'salt': 4}, {'shape': [96], 'salt': 5}]
    )
    yield formula_case('matmul', 'eight of [64, 128] by [128, 96]', {'transposeA': False, 'transposeB': False}, [
        {'shape': [8, 64, 128], 'salt': 1}, {'shape': [128, 96], 'salt': 2}])  # fmt: skip
    yield formula_case(
        'crossEntropy',
        '2048 positions',
        {'labelSmoothing': 0.1, 'ignoreIndex': 7},
        [{'shape': [2048, 65], 'salt': 2, 'scale': 8}, ids],
        1e-5,  # its gradients are of the order of 1 / 2048
    )
    heads = lambda H, S, salt: {'shape': [2, H, S, 32], 'salt': salt, 'scale': 4}
    attrs = {'causal': True, 'keyMask': False, 'mask': False}
    yield formula_case('attention', 'causal, 64 tokens', attrs, [heads(4, 64, 1), heads(4, 64, 2), heads(4, 64, 3)])
    yield formula_case(
        'attention',
        'window of 16, grouped queries, cached',
        {**attrs, 'window': 16},
        [heads(8, 40, 1), heads(2, 72, 2), heads(2, 72, 3)],
    )


FAMILIES = {
    'unary': unary, 'binary': binary, 'comparison': comparison, 'select': select, 'reduction': reduction, 'softmax': softmax,
    'matmul': matmul_family, 'shaping': shaping, 'indexing': indexing, 'linear': linear_family, 'norm': norm,
    'activation': activation, 'rotary': rotary_family, 'attention': attention_family, 'loss': loss, 'quantised': quantised,
    'large': large,
}  # fmt: skip


def main():
    require_pins()
    written = set()
    for family, cases in FAMILIES.items():
        items = list(cases())
        written |= {item['op'] for item in items}
        write(HERE / 'ops' / f'{family}.json', {'generator': 'test/golden/ops.py'}, cases=items)
        print(f'{family:12} {len(items):4} cases')
    if missing := OPS.keys() - written:
        raise SystemExit(f'no case for {sorted(missing)}')


if __name__ == '__main__':
    main()
