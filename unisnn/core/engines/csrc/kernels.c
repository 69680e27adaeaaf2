/* T time steps of a spiking neuron at once, forward and backward, with the bits of the reference loop.

   No header but the C library's, no Python and no torch: pointers and numbers in, numbers out. Compile without
   contraction (-ffp-contract=off) and without -ffast-math. */

#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD != 0
#error "floating types are computed wider than they are stored here, so that rounding differs"
#endif

/* Ask for a line of memory that will be read, or written. */
#define LINE 64
#if defined(__GNUC__)
#define FETCH(address, written) __builtin_prefetch(address, written, 3)
#else
#define FETCH(address, written) ((void)(address))
#endif

/* A reset that was taken already. */
#define DONE (-1)

/* A sum keeps LEVELS*WIDTH numbers between its blocks. */
#define LEVELS 3

#define INLINE static inline __attribute__((always_inline))

/* One clone for each kind of vectors, picked when the library is loaded; the bits are the same. */
#if defined(__has_attribute) && defined(__x86_64__) && defined(__gnu_linux__)
#if __has_attribute(target_clones) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define FUSED_MULTIPLY_ADD 1
#elif __has_attribute(target_clones)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef CLONES
#define CLONES
#endif

/* exp(d) as the polynomial for vectors of the SLEEF library has it (Shibata, 2010-2022), which torch uses. It is
   scaled in two halves, for the largest and the smallest results, unless `narrow`: there one does the same. */
INLINE float exponential(const int narrow, float d)
{
    const float q = rintf(d * 1.44269504088896340735992468100189214f);
    const int32_t exponent = (int32_t)q, half = narrow ? exponent : exponent >> 1;
    const uint32_t one = (uint32_t)(half + 127) << 23, other = (uint32_t)(exponent - half + 127) << 23;
    float s = fmaf(q, -0.693145751953125f, d), u = 0.000198527617612853646278381f, first, second;
    s = fmaf(q, -1.428606765330187045e-06f, s);
    u = fmaf(u, s, 0.00139304355252534151077271f);
    u = fmaf(u, s, 0.00833336077630519866943359f);
    u = fmaf(u, s, 0.0416664853692054748535156f);
    u = fmaf(u, s, 0.166666671633720397949219f);
    u = fmaf(u, s, 0.5f);
    u = 1.0f + fmaf(s * s, u, s);
    memcpy(&first, &one, sizeof first);
    memcpy(&second, &other, sizeof second);
    return narrow ? u * first : u * first * second;
}

/* y <- sigmoid(x) with the bits of torch on x86: the first `whole` elements by the polynomial for vectors; the
   others by the C library's expf, as torch does with what no vector is left for. The caller compares both with
   torch once before it relies on them. */
INLINE void logistic_row(int64_t m, int64_t whole, const float *restrict x, float *restrict y)
{
    const int64_t vectors = whole < 0 ? 0 : whole < m ? whole : m;
    int32_t wide = 0;
    for (int64_t i = 0; i < vectors; i++) wide |= !(fabsf(x[i]) <= 80.0f);
    if (!wide)
        for (int64_t i = 0; i < vectors; i++) y[i] = 1.0f / (1.0f + exponential(1, 0.0f - x[i]));
    else
        for (int64_t i = 0; i < vectors; i++) {
            const float d = 0.0f - x[i];
            float u = exponential(0, d);
            u = d < -104.0f ? 0.0f : u;
            u = d > 100.0f ? INFINITY : u;
            y[i] = 1.0f / (1.0f + u);
        }
    for (int64_t i = vectors; i < m; i++) y[i] = 1.0f / (1.0f + expf(-x[i]));
}

#define LOGISTIC_ROW logistic_row
#define REAL float
#define NAME(stem) stem##_f32
#define ABS fabsf
#define NEXT nextafterf
#include "sum.inc"
#include "kernel.inc"
#undef LOGISTIC_ROW
#undef WIDTH
#undef REAL
#undef NAME
#undef ABS
#undef NEXT

#define REAL double
#define NAME(stem) stem##_f64
#define ABS fabs
#define NEXT nextafter
#include "sum.inc"
#include "kernel.inc"

/* y <- sigmoid(x) of n elements; returns whether it is fast enough to be used. */
CLONES int32_t unisnn_logistic(const float *x, float *y, int64_t n, int64_t tail)
{
    logistic_row(n, n - n % tail, x, y);
#ifdef FUSED_MULTIPLY_ADD
    return 1;
#else
    return 0;
#endif
}

int32_t unisnn_interface(void)
{
    return UNISNN_INTERFACE;
}

/* Ask for large pages behind a fresh block that the allocator maps anew every time. */
void unisnn_large_pages(char *block, int64_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const uintptr_t page = 4096, first = ((uintptr_t)block + page - 1) & ~(page - 1);
    const uintptr_t end = ((uintptr_t)block + (uintptr_t)bytes) & ~(page - 1);
    if (end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)block;
    (void)bytes;
#endif
}
