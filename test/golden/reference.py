"""Every op of src/tensor in PyTorch, and how one golden case is run and stored."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from golden import checksum, decimals, distance, integers, reals, values

DTYPES = {
    torch.float32: 'f32',
    torch.int32: 'i32',
    torch.bool: 'bool',
    torch.float16: 'f16',
    torch.bfloat16: 'bf16',
    torch.int8: 'i8',
    torch.uint8: 'u8',
}
TORCH_DTYPES = {name: dtype for dtype, name in DTYPES.items()}


# ---- the ops, in PyTorch: inputs, then attributes -------------------------------------------------------------------------


def cast(x, dtype):
    # float64 stands for f32 while the reference runs
    return x if dtype == 'f32' and x.dtype == torch.float64 else x.to(TORCH_DTYPES[dtype])


def cumsum(x, axis, reverse):
    return (x.flip(axis).cumsum(axis).flip(axis) if reverse else x.cumsum(axis)).to(x.dtype)


def matmul(a, b, transposeA, transposeB):
    return (a.mT if transposeA else a) @ (b.mT if transposeB else b)


def scatter_add(ids, updates, rows):
    flat = updates.reshape(ids.shape.numel(), *updates.shape[ids.ndim :])
    return flat.new_zeros(rows, *flat.shape[1:]).index_add(0, ids.reshape(-1), flat)


def gather(table, ids):
    return table.index_select(0, ids.reshape(-1)).reshape(ids.shape + table.shape[1:])


def pick(x, ids):
    return x.gather(-1, ids.long().unsqueeze(-1)).squeeze(-1)


def add_at(x, ids, values):
    return x.scatter_add(-1, ids.long().unsqueeze(-1), values.unsqueeze(-1))


def linear(x, weight, bias=None, *, transposeWeight):
    return F.linear(x, weight if transposeWeight else weight.T, bias)


def gelu(x, approximation):
    if approximation == 'quick':
        return x * torch.sigmoid(1.702 * x)
    return F.gelu(x, approximate='none' if approximation == 'erf' else 'tanh')


def rotary(x, cos, sin, interleaved):
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    a, b = a * cos - b * sin, a * sin + b * cos
    return torch.stack([a, b], -1).flatten(-2) if interleaved else torch.cat([a, b], -1)


def attention(q, k, v, *masks, causal, keyMask, mask, bias=False, window=None, scale=None):
    (B, H, T, _), S = q.shape, k.shape[2]
    behind = torch.arange(T)[:, None] + (S - T) - torch.arange(S)  # how far a key lies behind the query
    allowed = torch.ones(B, H, T, S, dtype=torch.bool)
    if causal:
        allowed &= behind >= 0
        if window is not None:
            allowed &= behind < window
    masks = list(masks)
    if keyMask:
        allowed &= masks.pop(0)[:, None, None, :]
    if mask:
        allowed &= masks.pop(0)
    if bias:
        seen = torch.where(allowed, masks.pop(0), -torch.inf).masked_fill(~allowed.any(-1, keepdim=True), 0)
    with sdpa_kernel(SDPBackend.MATH):
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen if bias else allowed, scale=scale, enable_gqa=True)
    if bias:
        y = y.masked_fill(~allowed.any(-1, keepdim=True), 0)
    assert bool((y[~allowed.any(-1)] == 0).all()), 'a query that may see nothing returns zero'
    return y


def cross_entropy(logits, targets, labelSmoothing, ignoreIndex):
    V = logits.shape[-1]
    return F.cross_entropy(
        logits.reshape(-1, V), targets.reshape(-1).long(), ignore_index=ignoreIndex, label_smoothing=labelSmoothing
    )


def quantised_matmul(x, packed, scales, bits, block):
    assert bits == 4
    nibbles = torch.stack([packed & 15, packed >> 4], -1).flatten(-2).to(x.dtype)  # [N, K / block, block]
    weight = (nibbles - 8) * scales.detach()[..., None]
    return x @ weight.flatten(1).T


OPS = {
    **{op: getattr(torch, op) for op in 'neg exp log sqrt tanh sigmoid erf relu abs sin cos sign floor reciprocal'.split()},
    **{op: getattr(torch, op) for op in 'add sub mul div pow maximum minimum'.split()},
    'equal': torch.eq, 'less': torch.lt, 'greater': torch.gt, 'lessOrEqual': torch.le, 'greaterOrEqual': torch.ge,
    'and': torch.logical_and, 'or': torch.logical_or, 'not': torch.logical_not,
    'where': torch.where, 'cast': cast,
    'sum': lambda x, axes, keepDims: x.sum(axes, keepdim=keepDims).to(x.dtype),
    'mean': lambda x, axes, keepDims: x.mean(axes, keepdim=keepDims),
    'max': lambda x, axes, keepDims: x.amax(axes, keepdim=keepDims),
    'min': lambda x, axes, keepDims: x.amin(axes, keepdim=keepDims),
    'argmax': lambda x, axis: torch.from_numpy(np.asarray(x.detach().numpy().argmax(axis), np.int32)),
    'cumsum': cumsum,
    'softmax': lambda x: x.softmax(-1),
    'logSoftmax': lambda x: x.log_softmax(-1),
    'matmul': matmul,
    'reshape': lambda x, shape: x.reshape(shape),
    'transpose': lambda x, axes: x.permute(axes),
    'broadcastTo': lambda x, shape: x.broadcast_to(shape),
    'slice': lambda x, axis, start, stop: x.narrow(axis, start, stop - start),
    'concat': lambda *xs, axis: torch.cat(xs, axis),
    'split': lambda x, axis, sizes: x.split(sizes, axis),
    'pad': lambda x, axis, before, after: F.pad(x, (0, 0) * (x.ndim - 1 - axis) + (before, after)),
    'stopGradient': torch.detach,
    'gather': gather, 'scatterAdd': scatter_add, 'pick': pick, 'addAt': add_at,
    'oneHot': lambda ids, depth: (ids[..., None] == torch.arange(depth)).float(),
    'iota': lambda size: torch.arange(size, dtype=torch.int32),
    'linear': linear,
    'layerNorm': lambda x, gain, bias, epsilon: F.layer_norm(x, x.shape[-1:], gain, bias, epsilon),
    'rmsNorm': lambda x, gain, epsilon: F.rms_norm(x, x.shape[-1:], gain, epsilon),
    'gelu': gelu, 'silu': F.silu, 'rotary': rotary, 'attention': attention, 'crossEntropy': cross_entropy,
    'quantisedMatmul': quantised_matmul,
}  # fmt: skip


# ---- running a case -------------------------------------------------------------------------------------------------------


def run(op, attrs, inputs, cotangent, wide):
    """Outputs, and a gradient (or None) for each input, in float64 (`wide`) or float32."""
    leaves = [x.double() if wide and x.dtype == torch.float32 else x for x in inputs]
    leaves = [x.detach().clone().requires_grad_(x.dtype in (torch.float32, torch.float64)) for x in leaves]
    result = OPS[op](*leaves, **attrs)
    ys = list(result) if isinstance(result, tuple) else [result]
    wanted = [x for x in leaves if x.requires_grad]
    if not ys[0].requires_grad or not wanted:
        return ys, [None] * len(inputs)
    seeds = [torch.from_numpy(cotangent(y.shape, i)).to(y.dtype) for i, y in enumerate(ys)]
    found = iter(torch.autograd.grad(ys, wanted, seeds, allow_unused=True))
    return ys, [next(found) if x.requires_grad else None for x in leaves]


def same(narrow, exact, tolerance):
    a, b = narrow.detach().double(), exact.detach().float().double()
    close = (a - b).abs() <= tolerance * b.abs().clamp(min=1)
    return bool((close | (a == b) | (a.isnan() & b.isnan())).all())


def checked(op, title, attrs, inputs, cotangent, near):
    """The float64 results, after the float32 ones were seen to be `near` them."""
    exact, gradients = run(op, attrs, inputs, cotangent, wide=True)
    narrow, narrow_gradients = run(op, attrs, inputs, cotangent, wide=False)
    for a, b in zip([*narrow, *narrow_gradients], [*exact, *gradients], strict=True):
        if b is not None and not near(a, b):
            raise SystemExit(f'{op}: {title}: float32 strays too far\n{a}\n{b}')
    return exact, gradients


def store(x, dtype=None):
    return {
        'shape': list(x.shape),
        **({'dtype': dtype} if dtype else {}),
        'data': decimals(x.float() if x.is_floating_point() else x),
    }


def name_of(dtype):
    return 'f32' if dtype == torch.float64 else DTYPES[dtype]


def case(op, title, attrs, inputs, tolerance=2e-6, flag=None):
    """One golden case. `flag` says why a reader may want to judge it apart."""
    tensors = [x if isinstance(x, torch.Tensor) else torch.from_numpy(np.asarray(x)) for x in inputs]
    seed = lambda shape, i: reals(shape, 99 + i)
    exact, gradients = checked(op, title, attrs, tensors, seed, lambda a, b: same(a, b, tolerance / 2))
    differentiable = any(g is not None for g in gradients)
    return {
        'op': op,
        'title': title,
        **({'flag': flag} if flag else {}),
        'attrs': attrs,
        'inputs': [store(x, name_of(x.dtype)) for x in tensors],
        'outputs': [store(y, name_of(y.dtype)) for y in exact],
        'cotangents': [store(torch.from_numpy(seed(y.shape, i))) if differentiable else None for i, y in enumerate(exact)],
        'gradients': [None if g is None else store(g) for g in gradients],
        'tolerance': tolerance,
    }


def formula_case(op, title, attrs, recipes, tolerance=1e-4):
    """A case of realistic size: inputs and cotangent by formula, results as checksums."""
    inputs = [torch.from_numpy(integers(**r) if 'below' in r else values(**r)) for r in recipes]
    near = lambda a, b: distance(a, checksum(b)) <= tolerance / 2
    [exact], gradients = checked(op, title, attrs, inputs, lambda shape, i: values(shape, 99 + i), near)
    return {
        'op': op,
        'title': title,
        'attrs': attrs,
        'inputs': [
            {'shape': r['shape'], 'dtype': 'i32' if 'below' in r else 'f32', 'formula': {k: r[k] for k in r if k != 'shape'}}
            for r in recipes
        ],
        'outputs': [{'shape': list(exact.shape), 'dtype': 'f32', 'checksum': checksum(exact)}],
        'cotangents': [{'shape': list(exact.shape), 'formula': {'salt': 99}}],
        'gradients': [None if g is None else {'shape': list(g.shape), 'checksum': checksum(g)} for g in gradients],
        'tolerance': tolerance,
    }
