"""What every training loop needs: a clock that measures training time, checkpoints, averages, logging."""

import copy
import time

import torch
from diffusers import PriorTransformer, UNet2DConditionModel
from diffusers.models.attention_processor import AttnAddedKVProcessor, AttnProcessor

import exported
from settings import WORK

LONGEST_STEP = 30.0  # seconds; what is longer was a pause


class Clock:
    """Counts steps and training minutes. Learning rates follow the share of the minutes that has passed."""

    def __init__(self, part: str, minutes: float):
        self.part, self.minutes = part, minutes
        self.now = time.monotonic if torch.cuda.is_available() else time.thread_time  # other work on a CPU costs no training
        self.step, self.spent, self.last = 0, 0.0, self.now()
        self.saved, self.sums, self.count = 0.0, {}, 0
        self.snapshots = None
        self.agreed = None  # progress agreed on by several processes

    def start_now(self) -> None:
        """Do not count the time of preparations."""
        self.last = self.now()

    def running(self) -> bool:
        """Advance by one step; false when the time is used up."""
        now = self.now()
        self.spent, self.last = self.spent + min(now - self.last, LONGEST_STEP) / 60, now
        self.step += 1
        return self.progress() < 1

    def progress(self) -> float:
        """Share of the time used, 0..1."""
        return min(self.spent / self.minutes, 1.0) if self.agreed is None else self.agreed

    def time_to_save(self, every: float = 5.0) -> bool:
        """True once in `every` minutes."""
        if self.spent - self.saved < every:
            return False
        self.saved = self.spent
        return True

    def time_for_snapshot(self, count: int = 12) -> bool:
        """True `count` times in the whole time."""
        before, self.snapshots = self.snapshots, int(self.progress() * count)
        return before is not None and self.snapshots > before


def report(clock: Clock, every: int = 50, **values: float) -> None:
    """Print means of the values every few steps."""
    clock.count += 1
    for name, value in values.items():
        clock.sums[name] = clock.sums.get(name, 0.0) + value
    if clock.count == every:
        means = "  ".join(f"{name} {total / every:.4f}" for name, total in clock.sums.items())
        print(f"{clock.part} step {clock.step}  {clock.spent:.1f}/{clock.minutes:.0f} min  {means}", flush=True)
        clock.sums, clock.count = {}, 0


def linear_to_zero(optimizer, peak: float, clock: Clock, warm_up: int = 100) -> None:
    """Set the learning rate: a short warm-up, then linearly down to zero at the end of the time."""
    rate = peak * min(1.0, clock.step / warm_up) * max(1 - clock.progress(), 0.003)
    for group in optimizer.param_groups:
        group["lr"] = rate


def hold_then_fall(optimizer, peak: float, clock: Clock, warm_up: int = 50) -> None:
    """Set the learning rate: a short warm-up, the same for half of the time, then linearly down to zero."""
    rate = peak * min(1.0, clock.step / warm_up) * min(1.0, max(2 - 2 * clock.progress(), 0.003))
    for group in optimizer.param_groups:
        group["lr"] = rate


def autocast(preset):
    """bfloat16 where it is safe."""
    return torch.autocast(preset.device, dtype=torch.bfloat16)


def plain_attention(preset, *models) -> None:
    """On a CPU the fused attention's backward pass is slow for short sequences: use matrix products."""
    if preset.device != "cpu":
        return
    for model in models:
        if isinstance(model, UNet2DConditionModel):
            model.set_attn_processor(AttnAddedKVProcessor())
        elif isinstance(model, PriorTransformer):
            model.set_attn_processor(AttnProcessor())
        else:
            model.set_attn_implementation("eager")


class Average:
    """Exponential moving average of a model's weights, with a shorter memory at the start."""

    def __init__(self, model, decay: float = 0.998):
        self.model, self.decay, self.updates = copy.deepcopy(model).eval().requires_grad_(False), decay, 0

    @torch.no_grad()
    def update(self, model) -> None:
        """Take in the current weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), 1 - decay)


def path_of(part: str):
    """Checkpoint file of a part."""
    return WORK / f"{part}.pt"


def save(part: str, model, optimizer, clock: Clock, average: Average | None = None, extra=None) -> None:
    """Write a checkpoint (atomically). `weights` are what is exported: the average where there is one."""
    state = {
        "weights": (average.model if average else model).state_dict(),
        "raw": model.state_dict() if average else None,
        "optimizer": optimizer.state_dict(),
        "step": clock.step,
        "spent": clock.spent,
        "updates": average.updates if average else 0,
        "extra": extra,
    }
    temporary = path_of(part).with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.rename(path_of(part))


def snapshot(part: str, average: Average, clock: Clock) -> None:
    """Keep the averaged weights of this moment, f16, for means of several such moments (average.py)."""
    folder = WORK / "snapshots"
    folder.mkdir(exist_ok=True)
    weights = {name: tensor.half() for name, tensor in average.model.state_dict().items()}
    torch.save(weights, folder / f"{part}-{round(clock.spent):04d}.pt")


def load_into(part: str, model, optimizer, clock: Clock, resume: bool, average: Average | None = None) -> dict | None:
    """Go on from the checkpoint in the work folder, or else from the exported weights, if that was asked for.
    Returns the checkpoint."""
    WORK.mkdir(exist_ok=True)
    if not resume:
        return None
    if not path_of(part).exists():
        load_exported(part, model, average)
        return None
    state = torch.load(path_of(part), map_location="cpu")
    model.load_state_dict(state["raw"] or state["weights"])
    optimizer.load_state_dict(state["optimizer"])
    clock.step, clock.spent, clock.saved = state["step"], state["spent"], state["spent"]
    if average:
        average.model.load_state_dict(state["weights"])
        average.updates = state["updates"]
    return state


def load_exported(part: str, model, average: Average | None) -> None:
    """Begin with the exported f16 weights, where they exist; everything else of the training state begins anew."""
    state = exported.weights(part)
    if state is None or not fits(model, state):
        return
    model.load_state_dict(state, strict=False)  # the contrastive temperature is not exported
    if average:
        average.model.load_state_dict(state, strict=False)
    print(f"{part}: going on from the exported weights", flush=True)


def fits(model, state: dict) -> bool:
    """Whether weights are those of a model of this size."""
    own = model.state_dict()
    return all(name in own and own[name].shape == tensor.shape for name, tensor in state.items())


def load_weights(part: str, model):
    """Trained weights of a finished part, ready for inference: from the work folder, else the exported ones."""
    if path_of(part).exists():
        model.load_state_dict(torch.load(path_of(part), map_location="cpu")["weights"])
    elif (state := exported.weights(part)) is not None and fits(model, state):
        model.load_state_dict(state, strict=False)
    else:
        raise FileNotFoundError(f"{part} is not trained yet: python train.py {part}")
    return model.eval().requires_grad_(False)
