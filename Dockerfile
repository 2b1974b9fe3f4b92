# syntax=docker/dockerfile:1
# The bot in a container. `docker build .` makes the one for processors; `docker build --target cuda .` the one for NVIDIA GPUs.

ARG RUST=1.95
ARG CUDA=12.8.1

FROM rust:${RUST}-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked \
    && cp target/release/kandinsky-bot /kandinsky-bot

FROM nvidia/cuda:${CUDA}-cudnn-devel-ubuntu24.04 AS build-cuda
ARG RUST
# Compute capability of the card: 75 Turing, 80 A100, 86 RTX 30, 89 RTX 40, 90 H100 and H200.
ARG COMPUTE_CAPABILITY=86
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV CARGO_HOME=/usr/local/cargo RUSTUP_HOME=/usr/local/rustup
RUN curl -fsSL https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain "${RUST}"
ENV PATH=/usr/local/cargo/bin:$PATH CUDA_COMPUTE_CAP=${COMPUTE_CAPABILITY}
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --features cudnn \
    && cp target/release/kandinsky-bot /kandinsky-bot

FROM nvidia/cuda:${CUDA}-cudnn-runtime-ubuntu24.04 AS cuda
RUN useradd --uid 10001 --home-dir /var/lib/kandinsky --create-home kandinsky
COPY --from=build-cuda /kandinsky-bot /usr/local/bin/kandinsky-bot
USER 10001
WORKDIR /var/lib/kandinsky
VOLUME /var/lib/kandinsky
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["kandinsky-bot", "health"]
ENTRYPOINT ["kandinsky-bot"]

FROM debian:bookworm-slim AS cpu
RUN useradd --uid 10001 --home-dir /var/lib/kandinsky --create-home kandinsky
COPY --from=build /kandinsky-bot /usr/local/bin/kandinsky-bot
USER 10001
# Everything that lasts is here: data/ (database), the model folder and the download's cache.
WORKDIR /var/lib/kandinsky
VOLUME /var/lib/kandinsky
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["kandinsky-bot", "health"]
ENTRYPOINT ["kandinsky-bot"]
