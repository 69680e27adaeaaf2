// What the surrogates' CUDA text needs from CUDA, in plain C++: float functions, correctly rounded
// arithmetic and half2. Compile with -ffp-contract=off.
#include <cmath>
#include <cstdint>
#include <cstring>

static inline float __int_as_float(int bits) { float f; std::memcpy(&f, &bits, 4); return f; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }

struct half { uint16_t bits; };
struct half2 { half x, y; };

static inline float __half2float(half h) {
    const uint32_t sign = (uint32_t)(h.bits & 0x8000u) << 16, exponent = (h.bits >> 10) & 31u, mantissa = h.bits & 1023u;
    if (exponent == 31u) return __int_as_float((int)(sign | 0x7f800000u | (mantissa << 13)));
    const float magnitude = exponent ? std::ldexp((float)(1024u + mantissa), (int)exponent - 25)
                                     : std::ldexp((float)mantissa, -24);
    return sign ? -magnitude : magnitude;
}

static inline half __float2half_rn(float f) {
    const uint16_t sign = std::signbit(f) ? 0x8000u : 0u;
    if (std::isnan(f)) return half{(uint16_t)(sign | 0x7e00u)};
    const float magnitude = std::fabs(f);
    if (magnitude >= 65520.0f) return half{(uint16_t)(sign | 0x7c00u)};
    if (magnitude < 6.103515625e-05f) {  // subnormal: a multiple of 2^-24, ties to even
        return half{(uint16_t)(sign | (uint16_t)std::nearbyint(std::ldexp(magnitude, 24)))};
    }
    int exponent;
    const float fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    const uint32_t mantissa = (uint32_t)std::nearbyint(std::ldexp(fraction, 11));  // in [1024, 2048]
    return half{(uint16_t)(sign | (((uint32_t)(exponent + 14) << 10) + (mantissa - 1024u)))};
}

static inline float __low2float(half2 h) { return __half2float(h.x); }
static inline float __high2float(half2 h) { return __half2float(h.y); }
static inline half2 __floats2half2_rn(float a, float b) { return half2{__float2half_rn(a), __float2half_rn(b)}; }
