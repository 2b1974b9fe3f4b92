"""The diffusion prior: from CLIP's text states to CLIP's picture embedding."""

import torch
import torch.nn.functional as F
from diffusers import PriorTransformer, UnCLIPScheduler

import conditions
from loop import Average, Clock, autocast, linear_to_zero, load_into, plain_attention, report, save
from settings import TEXT_LENGTH, WIDTH


def build() -> PriorTransformer:
    """A small PriorTransformer of the real one's shape."""
    return PriorTransformer(
        num_attention_heads=WIDTH // 32,
        attention_head_dim=32,
        num_layers=4,
        embedding_dim=WIDTH,
        num_embeddings=TEXT_LENGTH,
        additional_embeddings=4,
        dropout=0.0,
    )


def scheduler() -> UnCLIPScheduler:
    """The published prior's scheduler."""
    return UnCLIPScheduler(
        num_train_timesteps=1000, variance_type="fixed_small_log", clip_sample=True, clip_sample_range=10.0, prediction_type="sample"
    )


def forward(model: PriorTransformer, noisy: torch.Tensor, times: torch.Tensor, texts: conditions.Texts) -> torch.Tensor:
    """The model's own forward pass without the padded text positions: causal and masked, they change nothing."""
    batch, length = texts.states.shape[0], texts.states.shape[1]
    time = model.time_embedding(model.time_proj(times).to(noisy.dtype))
    extra = torch.stack([model.embedding_proj(texts.pooled), time, model.proj_in(noisy)], 1)
    hidden = torch.cat([model.encoder_hidden_states_proj(texts.states), extra, model.prd_embedding.expand(batch, -1, -1)], 1)
    places = model.positional_embedding
    hidden = hidden + torch.cat([places[:, :length], places[:, TEXT_LENGTH:]], 1)
    real = torch.arange(length, device=noisy.device) < texts.length[:, None]
    bias = F.pad((~real).float() * -10000.0, (0, 4))[:, None] + model.causal_attention_mask[:, : length + 4, : length + 4].float()
    bias = bias.repeat_interleave(model.config.num_attention_heads, 0)
    for block in model.transformer_blocks:
        hidden = block(hidden, attention_mask=bias)
    return model.proj_to_clip_embeddings(model.norm_out(hidden)[:, -1])


def train(preset, minutes: float, resume: bool) -> None:
    """x0 regression in the standardised space; a tenth of the texts is empty."""
    torch.manual_seed(4)
    device = preset.device
    known = conditions.build(preset)
    texts, pair_of = known.clip.to(device), known.pair_of.to(device)
    model = build().to(device)
    seen = known.images[known.pair_of.clamp(min=0).unique()]
    model.clip_mean.data, model.clip_std.data = seen.mean(0)[None].to(device), seen.std(0)[None].to(device)
    model.clip_mean.requires_grad_(False), model.clip_std.requires_grad_(False)
    targets = ((known.images.to(device) - model.clip_mean) / model.clip_std).detach()
    average = Average(model, 0.999)
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    plain_attention(preset, model)
    clock = Clock("prior", minutes)
    load_into("prior", model, optimizer, clock, resume, average)
    alphas = scheduler().alphas_cumprod.to(device)
    while clock.running():
        linear_to_zero(optimizer, 1e-3, clock)
        rows = torch.randint(1, len(pair_of), (preset.batch["prior"],), device=device)
        clean = targets[pair_of[rows]]
        rows = torch.where(torch.rand(len(rows), device=device) < 0.1, 0, rows)
        times = torch.randint(0, 1000, (len(rows),), device=device)
        level = alphas[times][:, None]
        noisy = level.sqrt() * clean + (1 - level).sqrt() * torch.randn_like(clean)
        with autocast(preset):
            predicted = forward(model, noisy, times, texts.at(rows))
        errors = (predicted.float() - clean).square().mean(1)
        optimizer.zero_grad()
        errors.mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        late, told = times > 700, rows > 0
        report(clock, every=100, mse=float(errors.detach().mean()), noisy_with_text=float(errors.detach()[late & told].mean()))
        if clock.time_to_save(2.0):
            save("prior", model, optimizer, clock, average)
    save("prior", model, optimizer, clock, average)
