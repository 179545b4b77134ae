/* properties/prop_running.h - Green-Kubo integrals as functions of their upper limit, and the
 * Einstein form of the same
 *
 * The classical estimators, beside prop_zero.h: the running integral cut at a given time, fitted by
 * two exponentials (time decomposition), or averaged over a window where the mean square of the
 * integrated sequence has become straight (Einstein and Helfand).  They are computed to be compared
 * with published numbers and with each other, and to be looked at as curves.
 *
 * With Q(t) the integral of a sequence over time, known exactly at the ends of blocks,
 *
 *     G(t) = <(Q(s + t) - Q(s))^2> / 2 over all starts s,      I(t) = dG/dt = integral_0^t C,
 *
 * so that I(t) = (G(t + h/2) - G(t - h/2))/h at t = (m + 1/2) h: exact means over one block, by the
 * autocorrelation of the block means alone.
 *
 * Error bars come from the scatter of independent pieces: the sequences, each cut in equal parts
 * where there are fewer than PROP_RUNNING_PIECES of them.  Times go up to a quarter of a piece.
 */
#pragma once

#include "properties/prop_sequence.h"
#include "properties/prop_series.h"

enum { PROP_RUNNING_PIECES = 32, PROP_RUNNING_MIN = 16 /* blocks a piece */ };

typedef struct {
  PetscInt npiece;    /* independent pieces */
  PetscInt npoint;    /* times, 0: the sequences are too short */
  PetscReal step;     /* [fs] length of a block */
  PetscReal duration; /* [fs] length of a piece */
  PetscReal *time;    /* [npoint, fs] ascending, half blocks, at most 3 % apart from 40 h on */
  PetscReal *piece;   /* [npiece, npoint] I of every piece */
  PetscReal *moment;  /* [npiece, npoint] G at time + step/2 of every piece */
  PetscReal *mean;    /* [npoint, unit of (scale x)^2 fs] I, mean over pieces */
  PetscReal *error;   /* [npoint] its standard error */
} prop_running;

/* prop_running_create - running integrals of independent sequences; freed by prop_running_clear()
 *
 * Not collective.
 * In:   n         sequences, >= 1
 *       sequence  [n] all of the same length, with the same true autocorrelation and mean zero
 *       step      [fs] > 0, length of a block
 * Out:  run       every field set; npoint = 0 where a piece would have fewer than PROP_RUNNING_MIN
 *                 blocks: the estimators below then give NaN and FEW_SAMPLES
 * Returns PETSC_ERR_ARG_OUTOFRANGE, PETSC_ERR_ARG_INCOMP, PETSC_ERR_FP as prop_spectrum_create().
 * Cost: O(N log N) a sequence.
 * Verified by: tests/verify/test_prop_running.c */
PetscErrorCode prop_running_create(PetscInt n, const prop_sequence sequence[], PetscReal step,
                                   prop_running *run);

/* A value of a running integral and where it was taken.  estimate.neff counts the pieces that its
 * error bar rests on. */
typedef struct {
  prop_estimate estimate; /* [unit of (scale x)^2 fs] */
  PetscReal from, to;     /* [fs] the window in time; from = 0 for an integral from zero */
} prop_running_value;

/* prop_running_truncated - I at a given time
 *
 * Not collective.  In: run; time [fs] > 0.  Out: out; NaN and FEW_SAMPLES for a time outside the
 * range of run->time; NO_PLATEAU where I still changes: I(time) and I(time/2) differ by more than 3
 * errors of their difference.
 * Verified by: tests/verify/test_prop_running.c */
PetscErrorCode prop_running_truncated(const prop_running *run, PetscReal time,
                                      prop_running_value *out);

/* prop_running_einstein - slope of G(t) over [t1, 2 t1], with t1 found automatically
 *
 * Not collective.  Out: out.  t1 is the first time from which on, to 2 t1, G(t) is proportional
 * to t within 20 % and one error of I: |t I(t) - G(t)| <= 0.2 G(t) + t error(t) (an exponential
 * memory tau is past at t1 = 6 tau, to exp(-6)).  NaN and NO_PLATEAU where there is no such time.
 * Where the slope over [2 t1, 4 t1] differs by more than 3 errors of the difference, t1 is doubled,
 * again and again while 8 t1 is in range; NO_PLATEAU where it differs at last.  FEW_SAMPLES where
 * 4 t1 is out of range.
 * Source: Helfand, Phys. Rev. 119, 1 (1960), doi:10.1103/PhysRev.119.1.
 * Verified by: tests/verify/test_prop_running.c */
PetscErrorCode prop_running_einstein(const prop_running *run, prop_running_value *out);

/* The running integral as A (x tau1 (1 - exp(-t/tau1)) + (1 - x) tau2 (1 - exp(-t/tau2))). */
typedef struct {
  prop_running_value value; /* its limit A (x tau1 + (1 - x) tau2); `to` is where the fit ends */
  PetscReal tau[2];         /* [fs] ascending */
  PetscReal weight[2];      /* [unit of (scale x)^2 fs] their shares in the limit */
  PetscReal exponent;       /* b: the scatter of I grows as t^b */
} prop_running_fit;

/* prop_running_decompose - limit of the running integral by time decomposition
 *
 * Not collective.
 * In:   run     running integrals
 *       nstress sequences whose mean is one trajectory's integral, >= 1 (viscosity: 5): the rule
 *               for the end of the fit is meant for trajectories
 * Out:  out     NaN and FEW_SAMPLES without data, NaN and NO_PLATEAU where no fit is found
 * Returns PETSC_ERR_ARG_OUTOFRANGE for nstress < 1.
 *
 * Method: least squares with weights t^-2b, from the first time to where the scatter of a
 * trajectory's integral reaches 40 % of the integral there; that scatter grows as t^b.  Weights of
 * the two exponentials are not negative.  Error: bootstrap of 100 resamples of the pieces, with b
 * and the end of the fit kept: half of the width of the central 68 %.  NO_PLATEAU: the fit ends
 * before 3 tau2, or fewer than 90 of the fits succeed.
 * Source: Zhang, Otani & Maginn, J. Chem. Theory Comput. 11, 3537 (2015),
 * doi:10.1021/acs.jctc.5b00351; Maginn et al., Living J. Comp. Mol. Sci. 1, 6324 (2019),
 * doi:10.33011/livecoms.1.1.6324.
 * Cost: 0.1 s.
 * Verified by: tests/verify/test_prop_running.c */
PetscErrorCode prop_running_decompose(const prop_running *run, PetscInt nstress,
                                      prop_running_fit *out);

/* Frees the arrays and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_running_clear(prop_running *run);
