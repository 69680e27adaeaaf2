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

#define INLINE static inline __attribute__((always_inline))

/* One clone for each kind of vectors, picked when the library is loaded; the bits are the same. */
#if defined(__has_attribute) && defined(__x86_64__) && defined(__gnu_linux__)
#if __has_attribute(target_clones)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef CLONES
#define CLONES
#endif

#define REAL float
#define NAME(stem) stem##_f32
#define ABS fabsf
#define NEXT nextafterf
#include "kernel.inc"
#undef REAL
#undef NAME
#undef ABS
#undef NEXT

#define REAL double
#define NAME(stem) stem##_f64
#define ABS fabs
#define NEXT nextafter
#include "kernel.inc"

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
