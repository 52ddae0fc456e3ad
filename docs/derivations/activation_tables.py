"""Compute fastnn/_kernels/tables.h, the numbers that lookup.h looks up.

    python docs/derivations/activation_tables.py > fastnn/_kernels/tables.h

Needs mpmath beside NumPy. A function is cut into 32 cells (AVX-512) or 8 (AVX2). In a
cell f(t) = c0 + c1 u + c2 u^2 + ..., u = t - centre: the polynomial whose largest
relative error is smallest, refitted each time that a coefficient has been rounded to
float32. The centre is one of some numbers whose f is almost a float32, so that c0 costs
no accuracy (Gal, 1986). The first cell has centre 0 and c0 = 0: so the error is
relative near 0, too.
"""

import itertools
import struct
import sys

import mpmath as mp
import numpy as np

mp.mp.prec = 140


def single(x):
    return float(np.float32(float(x)))


def bits(x):
    return struct.unpack("<i", struct.pack("<f", x))[0]


def number(b):
    return struct.unpack("<f", struct.pack("<i", b))[0]


def tail(t):
    """t Phi(-t), which is what gelu takes away from max(x, 0)"""
    return t * mp.erfc(t / mp.sqrt(2)) / 2


def mills(t):
    """t W(t), W(t) = Phi(-t) e^(t^2/2)"""
    return tail(t) * mp.exp(t * t / 2)


def fit(f, a, b, degree, centre, c0):
    """c1, c2 ... and the largest relative error; least squares, weights by Lawson."""
    k = np.arange(60)
    t = (a + b) / 2 - (b - a) / 2 * np.cos(np.pi * (k + 0.5) / 60)
    exact = [f(mp.mpf(float(v))) for v in t]
    w = np.array([float(1 / v) for v in exact])
    rest = [v - mp.mpf(c0) for v in exact]
    u, c = t - centre, []
    for first in range(1, degree + 1):
        y = np.array([float(v) for v in rest])
        powers = np.stack([u**m for m in range(first, degree + 1)], 1)
        size, lawson = np.abs(powers).max(0), np.ones(60)
        for _ in range(30):
            by = np.sqrt(lawson) * w
            x = np.linalg.lstsq(powers / size * by[:, None], y * by, rcond=None)[0]
            off = np.abs((powers @ (x / size) - y) * w)
            lawson = lawson * (off / off.max() + 1e-3)
            lawson /= lawson.sum()
        c.append(single(x[0] / size[0]))
        rest = [
            v - mp.mpf(c[-1]) * mp.mpf(float(s)) ** first
            for v, s in zip(rest, u, strict=True)
        ]
    return c, max(abs(float(v)) * s for v, s in zip(rest, w, strict=True))


def best(f, numbers):
    """Of some numbers the one whose f is nearest to a float32."""
    return min(numbers, key=lambda v: abs((f(mp.mpf(v)) - single(f(mp.mpf(v)))) / f(v)))


def cells(f, edges, degree, far=False):
    """Centres and rows of coefficients; far: centres at 3/10 of a cell from its end.

    Where f falls steeply, sums cancel beyond the centre and roundings of c1 u weigh
    before it; there both cost as much (gelu: 1.8 ulp, in the middle 3.2).
    """
    centres, rows = [], []
    for i, (a, b) in enumerate(itertools.pairwise(edges)):
        grid = 2.0**-12 if a < 1 else 2.0**-11
        start = round((b - (0.3 if far else 0.5) * (b - a)) / grid) * grid
        n = int((b - a) * 0.04 / grid)
        near = [float(start + q * grid) for q in range(-n, n + 1)]
        centre = best(f, near) if i else 0.0
        c0 = single(f(mp.mpf(centre))) if i else 0.0
        c, error = fit(f, max(a - 1e-5, 0), b + 1e-5, degree, centre, c0)
        print(f"{f.__name__} {a:.3f} {b:.3f}: 2^{np.log2(error):.1f}", file=sys.stderr)
        centres.append(centre)
        rows.append([c0, *c])
    return [centres], list(zip(*rows, strict=True))


def by_bits(offset, n, top):
    """Edges of n cells in t: the float t + offset, with 3 or 1 bits of its fraction."""
    step = 4 * (1 << 23) // n
    edges = [number(bits(offset) + i * step) - offset for i in range(n + 1)]
    return [0.0, *[e for e in edges[1:] if e < top], top]


def log_cells(n):
    """1 / c and log c for cells of x's fraction around c; one of them has c = 1.

    32: fractions from 1 to 2, of which the upper half counts as 3/4 to 1, and both
    cells beside 1 have c = 1. 8: cells around 3/4, 7/8 (13/16) ..., by nearest bits.
    """
    inverse, logs = [], []
    for j in range(n):
        half = 2 if 2 * j >= n else 1
        low, high = (j, j + 1) if n == 32 else (j - 0.5, j + 0.5)
        low, high = (1 + low / n) / half, (1 + high / n) / half
        if j == 0 or (n == 32 and j == 31):
            inverse.append(1.0)
            logs.append(0.0)
            continue
        grid, middle = 2.0**-11, 2 / (low + high)
        m = int(middle * (high - low) * 0.06 / grid)
        near = [round(middle / grid) * grid + q * grid for q in range(-m, m + 1)]
        v = best(mp.log, near)
        inverse.append(v)
        logs.append(-mp.log(mp.mpf(v)))
    return [inverse], [logs]


def show(name, rows, first=0):
    """A table whose entry `first` is the first cell's."""
    n = 8 if len(rows[0]) <= 8 else 32
    print(f"TABLE float {name}[{len(rows)}][{n}] = {{")
    for row in rows:
        row = np.roll(list(map(single, row)) + [0.0] * (n - len(row)), first)
        words = [f"{float(v):.9g}" for v in row]
        words = [w + ("f" if "." in w or "e" in w else ".0f") for w in words]
        lines = [", ".join(words[i : i + 5]) for i in range(0, n, 5)]
        print("    {" + ",\n     ".join(lines) + "},")
    print("};")


def gelu_cells(degree, top=11.52, beside=0.9):
    """Cells that are equal in (t + beside)^2: e^(-t^2/2) varies alike in each."""
    k = single((31.3 / ((top + beside) ** 2 - beside**2)) ** 0.5)
    b = single(k * beside)
    first = round(b * b)
    edges = [((first + i + 0.5) ** 0.5 - b) / k for i in range(32)]
    print(f"#define GELU_SLOPE {k:.9g}f\n#define GELU_START {b:.9g}f")
    return cells(tail, [0.0, *[e for e in edges if e < top], top], degree, far=True)


def by_bits_table(name, f, n, offset, degree, top):
    print(f"#define {name}_OFFSET {offset}f\n#define {name}_FIRST {bits(offset):#x}")
    centres, c = cells(f, by_bits(offset, n, top), degree)
    show(f"{name}_CENTRE", centres)
    show(name, c)


def main():
    print(
        "/* Made by docs/derivations/activation_tables.py: what lookup.h looks up. */"
    )
    for n in (32, 8):
        print(f"#if CELLS == {n}")
        show("EXPM1", [[mp.mpf(2) ** (mp.mpf(j) / n - 0.5) - 1 for j in range(n)]])
        inverse, logs = log_cells(n)
        show("LOG_INVERSE", inverse)
        show("LOG", logs)
        if n == 32:
            by_bits_table("TANH", mp.tanh, n, 1.0, 5, 10.0)
            centres, c = gelu_cells(8)
            show("GELU_CENTRE", centres)
            show("GELU", c)
        else:
            by_bits_table("GELU", mills, n, 0.84, 7, 12.6)
        print("#endif")


if __name__ == "__main__":
    main()
