/* What Python and C agree on: the constants of one call, the codes of equations, one block's size. */

#ifndef UNISNN_KERNELS_H
#define UNISNN_KERNELS_H

#include <stdint.h>

/* Changes whenever a signature, a structure or a code does. */
#define UNISNN_INTERFACE 4

/* Neurons that one pass takes through all time steps: their state stays in the first-level cache. */
#define BLOCK 512

/* Charge. r is the resting potential, k a factor or a divisor.
   KEEP     h = v*k + x                   SCALE    h = v + x*dt
   MIX      h = v + ((x - (v - r))*k)*dt  MIX_OVER h = v + (x - (v - r))/k
   LEAK     h = (v - (v - r)*k) + x       LEAK_OVER h = (v - (v - r)/k) + x */
enum { KEEP, SCALE, MIX, MIX_OVER, LEAK, LEAK_OVER };

/* Reset, and whether its spike carries a gradient.
   HARD     v = (1 - s)*h + s*v_reset     SOFT     v = h - s*threshold */
enum { HARD, SOFT, HARD_DETACHED, SOFT_DETACHED };

/* Surrogate gradient times the incoming gradient g, at x = h - threshold; d is what the caller prepared.
   NONE     no gradient                   ATAN     (1/(1 + (x*a)^2)*b)*g
   SLOPE    g*d                           SIGMOID  ((g*(1 - d))*d)*a
   BELL     (g*d)*b                       TENT     |x| > c ? 0 : g*(|x|*a + b)
   RATIO    (g*b)/(|x| + c)               SQUARED  (g*b)/((|x| + c)^2*a)
   QUOTIENT (g/(1 + (x*a)^2))*b           MOUND    g*(|x| > c ? 0 : |x|*a + b)
   LATE     ((g*d)*(1 - d))*a
   LOGISTIC SIGMOID, and LATE_LOGISTIC LATE, with d = sigmoid(x*a) computed here (float only) */
enum { NONE, ATAN, SLOPE, SIGMOID, BELL, TENT, RATIO, SQUARED, QUOTIENT, MOUND, LATE, LOGISTIC, LATE_LOGISTIC };

typedef struct {
    double k, rest, dt;          /* of the charge equation */
    double threshold, v_reset;   /* of fire and reset */
    double a, b, c;              /* of the surrogate */
    double v0;                   /* first membrane potential, where it is one number */
    int32_t charge, reset, surrogate;
    int32_t strict;              /* a spike needs h > threshold */
    int32_t states_last;         /* gradients of the states come after the next step's terms */
    int32_t tail;                /* torch's sigmoid takes the last n % tail elements of a step one by one */
} constants;

#endif
