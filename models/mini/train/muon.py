"""The Muon optimizer: momentum whose matrices are made orthogonal (Newton-Schulz), and AdamW for everything that is no large matrix."""

import torch

SMALLEST = 16  # matrices with a side up to this go to AdamW
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def is_matrix(parameter: torch.Tensor) -> bool:
    """Whether Muon updates this parameter. Convolution kernels count as [out, in * height * width]."""
    return parameter.dim() >= 2 and min(parameter.shape[0], parameter[0].numel()) > SMALLEST and parameter.shape[1] > SMALLEST


def orthogonal(matrices: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Approximately the nearest orthogonal matrices of [n, rows, columns]."""
    a, b, c = COEFFICIENTS
    wide = matrices.shape[1] <= matrices.shape[2]
    x = matrices.bfloat16() if wide else matrices.mT.bfloat16()
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).contiguous()
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.mT


class Muon(torch.optim.AdamW):
    """AdamW with Muon's update for matrices. Updates are scaled so that one learning rate suits both."""

    def __init__(self, parameters, lr: float, betas=(0.9, 0.95), weight_decay: float = 0.01, momentum: float = 0.95):
        parameters = list(parameters)
        matrices, others = [p for p in parameters if is_matrix(p)], [p for p in parameters if not is_matrix(p)]
        groups = [{"params": group, "muon": group is matrices} for group in (others, matrices) if group]
        super().__init__(groups, lr=lr, betas=betas, weight_decay=weight_decay)
        self.momentum = momentum

    @torch.no_grad()
    def step(self, closure=None):
        """One update."""
        kept = self.param_groups
        self.param_groups = [g for g in kept if not g["muon"]]
        try:
            super().step(closure)
        finally:
            self.param_groups = kept
        for group in kept:
            if group["muon"]:
                self.step_matrices(group)

    def step_matrices(self, group: dict) -> None:
        """Nesterov momentum, orthogonalised; matrices of one shape together."""
        shapes: dict[tuple[int, int], list[torch.nn.Parameter]] = {}
        for p in group["params"]:
            if p.grad is not None:
                shapes.setdefault((p.shape[0], p[0].numel()), []).append(p)
        for shape, members in shapes.items():
            updates = orthogonal(torch.stack([self.nesterov(p).view(shape) for p in members]))
            scale = 0.2 * max(shape) ** 0.5 * group["lr"]
            for p, update in zip(members, updates, strict=True):
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.reshape(p.shape).to(p.dtype), alpha=-scale)

    def nesterov(self, p: torch.nn.Parameter) -> torch.Tensor:
        """The gradient with momentum."""
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(p.grad)
            state["step"] = torch.zeros(())  # AdamW looks for it when a checkpoint is loaded
        return p.grad.lerp(state["momentum"].lerp_(p.grad, 1 - self.momentum), self.momentum)
