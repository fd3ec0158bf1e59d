"""The synthetic pictures on which exports are proved: a formula in whole numbers that Rust repeats exactly.

The value at picture n, row y, column x and channel c is

    ((x * x + 2 * y * y + 3 * x * y + 40 * c * (x + 1) + 1201 * n) / 16) modulo 256

with the division rounding down. It makes bands and rings of all sizes, smooth in places and busy in others.
"""

import numpy as np

FORMULA = "((x*x + 2*y*y + 3*x*y + 40*c*(x + 1) + 1201*n) / 16) modulo 256, all in whole numbers"


def pictures(shape):
    """A uint8 array (count, height, width, channels)."""
    n, y, x, c = np.meshgrid(*[np.arange(size, dtype=np.int64) for size in shape], indexing="ij", sparse=True)
    return ((x * x + 2 * y * y + 3 * x * y + 40 * c * (x + 1) + 1201 * n) // 16 % 256).astype(np.uint8)
