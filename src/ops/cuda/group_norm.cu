// Group normalisation of channels-last maps, [n, pixels, channels], in three kernels. The pixels of a picture are cut into
// runs. A block takes one run of one picture (blockIdx.x and .y), and its threads are laid over `lanes` neighbouring pixels
// with all their channels, so that a warp reads numbers that lie side by side. `lanes` is 1 where channels are many.

// Numbers of a run of `count` pixels that a lane sees.
static __device__ unsigned seen(unsigned count, unsigned lane, unsigned lanes) {
    return lane < count ? (count - lane + lanes - 1) / lanes : 0;
}

// Mean and sum of squares around it for each group of each run: `moments` is [n, runs, groups, 2].
// Shared memory: 2 * lanes * channels floats.
template <class Float>
static __device__ void run_moments(const typename Float::Stored *x, float *moments, unsigned pixels, unsigned channels,
                                   unsigned groups, unsigned run, unsigned lanes) {
    extern __shared__ float shared[];
    unsigned columns = lanes * channels, width = channels / groups;
    float *means = shared, *squares = shared + columns;
    unsigned first = blockIdx.x * run, last = min(first + run, pixels), count = last - first;
    x += (size_t)blockIdx.y * pixels * channels;

    // Sums of distances from a column's first number: a mean far above the deviation costs no digits.
    for (unsigned column = threadIdx.x; column < columns; column += blockDim.x) {
        unsigned lane = column / channels, channel = column % channels, numbers = seen(count, lane, lanes);
        float origin = 0, sum = 0, square = 0;
        if (numbers) origin = Float::widened(x[(size_t)(first + lane) * channels + channel]);
        for (unsigned pixel = first + lane; pixel < last; pixel += lanes) {
            float distance = Float::widened(x[(size_t)pixel * channels + channel]) - origin;
            sum += distance;
            square = fmaf(distance, distance, square);
        }
        float share = numbers ? sum / numbers : 0;
        means[column] = origin + share;
        squares[column] = fmaxf(square - sum * share, 0);
    }
    __syncthreads();

    for (unsigned group = threadIdx.x; group < groups; group += blockDim.x) {
        float origin = means[group * width], sum = 0, square = 0;
        for (unsigned lane = 0; lane < lanes; lane++)
            for (unsigned channel = group * width; channel < (group + 1) * width; channel++)
                sum += seen(count, lane, lanes) * (means[lane * channels + channel] - origin);
        float mean = origin + sum / ((float)count * width);
        for (unsigned lane = 0; lane < lanes; lane++)
            for (unsigned channel = group * width; channel < (group + 1) * width; channel++) {
                float distance = means[lane * channels + channel] - mean;
                square += squares[lane * channels + channel] + seen(count, lane, lanes) * distance * distance;
            }
        size_t place = ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * groups + group;
        moments[2 * place] = mean;
        moments[2 * place + 1] = square;
    }
}

static __device__ float warp_sum(float value) {
    for (unsigned distance = 16; distance; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
    return value;
}

// The moments of all runs to mean and 1/sqrt(variance + eps) of a group, [n, groups, 2]. One warp for each group
// (blockIdx.x) of each picture (blockIdx.y).
extern "C" __global__ void group_statistics(const float *moments, float *statistics, unsigned pixels, unsigned width,
                                            unsigned groups, unsigned run, unsigned runs, float eps) {
    unsigned group = blockIdx.x;
    moments += 2 * ((size_t)blockIdx.y * runs * groups + group);
    float origin = moments[0], sum = 0, square = 0;
    for (unsigned index = threadIdx.x; index < runs; index += 32) {
        unsigned count = min(run, pixels - index * run);
        sum += count * (moments[2 * (size_t)index * groups] - origin);
    }
    float mean = origin + warp_sum(sum) / pixels;
    for (unsigned index = threadIdx.x; index < runs; index += 32) {
        float numbers = (float)min(run, pixels - index * run) * width;
        float distance = moments[2 * (size_t)index * groups] - mean;
        square += moments[2 * (size_t)index * groups + 1] + numbers * distance * distance;
    }
    square = warp_sum(square);
    if (threadIdx.x == 0) {
        size_t place = (size_t)blockIdx.y * groups + group;
        statistics[2 * place] = mean;
        statistics[2 * place + 1] = 1 / sqrtf(square / ((float)pixels * width) + eps);
    }
}

// (x - mean) / deviation * weight + bias with a weight and a bias for each channel; then, where asked, * (1 + scale) + shift
// with those of each picture and channel, [n, channels]; then * gain + offset with those of each place, from smaller maps
// [n, small_height, small_width, channels] whose pixels are repeated (none where small_height is 0); then SiLU.
template <class Float>
static __device__ void modulate(const typename Float::Stored *x, const float *statistics, const float *weight,
                                const float *bias, const float *scale, const float *shift,
                                const typename Float::Stored *gain, const typename Float::Stored *offset,
                                typename Float::Stored *y, unsigned height, unsigned width, unsigned small_height,
                                unsigned small_width, unsigned channels, unsigned groups, unsigned run, unsigned lanes,
                                unsigned has_film, unsigned silu) {
    unsigned columns = lanes * channels, pixels = height * width, picture = blockIdx.y;
    unsigned first = blockIdx.x * run, last = min(first + run, pixels);
    x += (size_t)picture * pixels * channels;
    y += (size_t)picture * pixels * channels;
    size_t small = (size_t)picture * small_height * small_width;

    for (unsigned column = threadIdx.x; column < columns; column += blockDim.x) {
        unsigned lane = column / channels, channel = column % channels, group = channel / (channels / groups);
        size_t place = (size_t)picture * groups + group, own = (size_t)picture * channels + channel;
        float mean = statistics[2 * place], factor = statistics[2 * place + 1] * weight[channel], term = bias[channel];
        if (has_film) {
            factor *= 1 + scale[own];
            term = fmaf(term, 1 + scale[own], shift[own]);
        }
        for (unsigned pixel = first + lane; pixel < last; pixel += lanes) {
            size_t index = (size_t)pixel * channels + channel;
            float value = fmaf(Float::widened(x[index]) - mean, factor, term);
            if (small_height) {
                unsigned row = (pixel / width) * small_height / height, across = (pixel % width) * small_width / width;
                size_t at = (small + (size_t)row * small_width + across) * channels + channel;
                value = fmaf(value, Float::widened(gain[at]), Float::widened(offset[at]));
            }
            if (silu) value = value / (1 + expf(-value));
            y[index] = Float::narrowed(value);
        }
    }
}

#define GROUP_NORM(Float, name)                                                                                         \
    extern "C" __global__ void run_moments_##name(const Float::Stored *x, float *moments, unsigned pixels,              \
                                                  unsigned channels, unsigned groups, unsigned run, unsigned lanes) {   \
        run_moments<Float>(x, moments, pixels, channels, groups, run, lanes);                                           \
    }                                                                                                                   \
    extern "C" __global__ void modulate_##name(                                                                         \
        const Float::Stored *x, const float *statistics, const float *weight, const float *bias, const float *scale,    \
        const float *shift, const Float::Stored *gain, const Float::Stored *offset, Float::Stored *y, unsigned height,  \
        unsigned width, unsigned small_height, unsigned small_width, unsigned channels, unsigned groups, unsigned run,  \
        unsigned lanes, unsigned has_film, unsigned silu) {                                                             \
        modulate<Float>(x, statistics, weight, bias, scale, shift, gain, offset, y, height, width, small_height,        \
                        small_width, channels, groups, run, lanes, has_film, silu);                                     \
    }

GROUP_NORM(F32, f32)
GROUP_NORM(F16, f16)
GROUP_NORM(BF16, bf16)
