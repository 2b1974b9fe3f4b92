// The number formats of the maps. 16-bit floats travel as their bits, so that CUDA's headers need not be where the program runs.

struct F32 {
    typedef float Stored;
    static __device__ float widened(Stored value) { return value; }
    static __device__ Stored narrowed(float value) { return value; }
};

// Rounds to nearest, ties to even; a NaN stays one.
struct BF16 {
    typedef unsigned short Stored;
    static __device__ float widened(Stored value) { return __uint_as_float((unsigned)value << 16); }
    static __device__ Stored narrowed(float value) {
        unsigned bits = __float_as_uint(value);
        if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
        return (Stored)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
};

// What a card does in one instruction.
#ifndef ON_A_CPU
static __device__ float half_to_float(unsigned short value) {
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value));
    return result;
}
static __device__ unsigned short float_to_half(float value) {
    unsigned short result;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result) : "f"(value));
    return result;
}
#endif

struct F16 {
    typedef unsigned short Stored;
    static __device__ float widened(Stored value) { return half_to_float(value); }
    static __device__ Stored narrowed(float value) { return float_to_half(value); }
};
