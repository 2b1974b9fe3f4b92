// What is added to a convolution's result y, [.., channels], in place: a bias, [channels], and a map as large as y (none
// where has_map is 0). Both are added in f32 and the sum is rounded once.
template <class Float>
static __device__ void add(typename Float::Stored *y, const typename Float::Stored *bias,
                           const typename Float::Stored *map, unsigned long long count, unsigned channels,
                           unsigned has_map) {
    unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
    for (unsigned long long index = (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x; index < count; index += step) {
        float value = Float::widened(y[index]) + Float::widened(bias[index % channels]);
        if (has_map) value += Float::widened(map[index]);
        y[index] = Float::narrowed(value);
    }
}

#define ADD(Float, name)                                                                                        \
    extern "C" __global__ void add_##name(Float::Stored *y, const Float::Stored *bias, const Float::Stored *map, \
                                          unsigned long long count, unsigned channels, unsigned has_map) {       \
        add<Float>(y, bias, map, count, channels, has_map);                                                      \
    }

ADD(F32, f32)
ADD(F16, f16)
ADD(BF16, bf16)
