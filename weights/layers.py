"""The tensors of a state dict, each taken exactly once, with batch norms folded into what comes before them."""

import numpy as np

import state_dict

EPSILON = 1e-5  # torch's own


class Layers:
    """A state dict file's tensors, without the `module.` that parallel training puts before every name."""

    def __init__(self, content):
        self._state = {
            name.removeprefix("module."): array
            for name, array in state_dict.read(content).items()
            if not name.endswith(".num_batches_tracked")
        }

    def has(self, layer):
        return any(name.startswith(f"{layer}.") for name in self._state)

    def take(self, name):
        """The tensor of this name in float64, for folding without rounding."""
        return self._state.pop(name).astype(np.float64)

    def folded(self, layer, norm):
        """Weight and bias of a convolution or dense layer without bias together with the batch norm after it."""
        weight = self.take(f"{layer}.weight")
        gamma, beta, mean, variance = (
            self.take(f"{norm}.{kind}") for kind in ("weight", "bias", "running_mean", "running_var")
        )
        factor = gamma / np.sqrt(variance + EPSILON)
        return weight * factor.reshape(-1, *[1] * (weight.ndim - 1)), beta - mean * factor

    def all_used(self):
        if self._state:
            raise ValueError(f"weights that no layer used: {sorted(self._state)}")
