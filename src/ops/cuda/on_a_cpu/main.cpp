// Runs the kernels over what stdin holds, 32-bit words, and writes the result to stdout. Numbers are f32 on both sides.
#include "cuda.hpp"

#include "../floats.cuh"

#include "../add.cu"
#include "../group_norm.cu"

static unsigned word() {
    unsigned word;
    if (std::fread(&word, sizeof word, 1, stdin) != 1) std::exit(2);
    return word;
}

template <class Float>
static std::vector<typename Float::Stored> numbers(size_t count) {
    std::vector<typename Float::Stored> numbers(count);
    for (auto &number : numbers) number = Float::narrowed(std::bit_cast<float>(word()));
    return numbers;
}

template <class Float>
static void write(const std::vector<typename Float::Stored> &numbers) {
    for (auto number : numbers) {
        float wide = Float::widened(number);
        std::fwrite(&wide, sizeof wide, 1, stdout);
    }
}

template <class Float>
static void group_norm() {
    unsigned n = word(), height = word(), width = word(), channels = word(), groups = word(), silu = word(), has_film = word();
    unsigned small_height = word(), small_width = word();
    unsigned run = word(), runs = word(), lanes = word(), threads = word(), shared_bytes = word();
    float eps = std::bit_cast<float>(word());
    unsigned pixels = height * width, small = n * small_height * small_width * channels;
    auto x = numbers<Float>((size_t)n * pixels * channels);
    auto weight = numbers<F32>(channels), bias = numbers<F32>(channels);
    auto scale = numbers<F32>(has_film * n * channels), shift = numbers<F32>(has_film * n * channels);
    auto gain = numbers<Float>(small), offset = numbers<Float>(small);
    std::vector<float> moments(2 * n * runs * groups, NAN), statistics(2 * n * groups, NAN);
    std::vector<typename Float::Stored> y(x.size(), Float::narrowed(NAN));
    launch({runs, n}, threads, shared_bytes,
           [&] { run_moments<Float>(x.data(), moments.data(), pixels, channels, groups, run, lanes); });
    launch({groups, n}, 32, 0, [&] {
        group_statistics(moments.data(), statistics.data(), pixels, channels / groups, groups, run, runs, eps);
    });
    launch({runs, n}, threads, 0, [&] {
        modulate<Float>(x.data(), statistics.data(), weight.data(), bias.data(), scale.data(), shift.data(), gain.data(),
                        offset.data(), y.data(), height, width, small_height, small_width, channels, groups, run, lanes,
                        has_film, silu);
    });
    write<Float>(y);
}

template <class Float>
static void add() {
    unsigned count = word(), channels = word(), has_map = word();
    auto y = numbers<Float>(count), bias = numbers<Float>(channels), map = numbers<Float>(has_map ? count : 0);
    launch({3, 1}, 32, 0, [&] { add<Float>(y.data(), bias.data(), map.data(), count, channels, has_map); });
    write<Float>(y);
}

template <class Float>
static void chosen(unsigned kernel) {
    kernel ? add<Float>() : group_norm<Float>();
}

int main() {
    unsigned kernel = word();
    switch (word()) {
        case 0: chosen<F32>(kernel); break;
        case 1: chosen<F16>(kernel); break;
        default: chosen<BF16>(kernel);
    }
}
