// Just enough of CUDA C to run the kernels as C++: a thread for each thread of a block, one block after another.
#pragma once
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#define __global__
#define __device__
#define __shared__
#define ON_A_CPU

struct Dim {
    unsigned x = 1, y = 1;
};

static thread_local Dim threadIdx, blockIdx;
static Dim blockDim, gridDim;
static std::unique_ptr<std::barrier<>> everybody;
float shared[12288];

static unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
static float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
static unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
static void __syncthreads() { everybody->arrive_and_wait(); }

static float __shfl_xor_sync(unsigned, float value, unsigned distance) {
    static float held[32];
    held[threadIdx.x] = value;
    everybody->arrive_and_wait();
    float other = held[threadIdx.x ^ distance];
    everybody->arrive_and_wait();
    return other;
}

// What a card does in one instruction.
static float half_to_float(unsigned short bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                                : std::ldexp(float(exponent ? fraction + 1024 : fraction), std::max(exponent, 1) - 25);
    return bits >> 15 ? -size : size;
}

static unsigned short float_to_half(float value) {
    unsigned short sign = std::signbit(value) ? 0x8000 : 0;
    float size = std::fabs(value);
    if (std::isnan(value)) return 0x7fff;
    if (size >= 65520) return sign | 0x7c00;
    if (size == 0) return sign;
    int exponent = std::max(std::ilogb(size), -14);
    int steps = int(std::nearbyint(std::ldexp(size, 10 - exponent)));  // to even
    return sign | (steps + ((exponent + 14) << 10));                  // a carry into the exponent is right
}

// Shared memory holds NaNs at first, so that what is read too early shows, and must hold them still beyond what was asked.
static void launch(Dim grid, unsigned threads, size_t shared_bytes, const std::function<void()> &kernel) {
    gridDim = grid;
    blockDim = {threads, 1};
    everybody = std::make_unique<std::barrier<>>(threads);
    for (unsigned block = 0; block < grid.x * grid.y; block++) {
        std::fill(std::begin(shared), std::end(shared), NAN);
        std::vector<std::thread> running;
        for (unsigned thread = 0; thread < threads; thread++)
            running.emplace_back([=, &kernel] {
                threadIdx = {thread, 0};
                blockIdx = {block % grid.x, block / grid.x};
                kernel();
            });
        for (auto &thread : running) thread.join();
        for (float *beyond = shared + shared_bytes / sizeof(float); beyond < std::end(shared); beyond++)
            if (!std::isnan(*beyond)) std::fputs("wrote beyond its shared memory\n", stderr), std::exit(1);
    }
}
