/* properties/prop_zero.h - Green-Kubo integral as the zero-frequency limit of a power spectrum
 *
 * The integral over an autocorrelation function has to be cut somewhere; the spectrum has
 * independent bins with known scatter, so that its limit can be fitted by maximum likelihood, and
 * how far up in frequency a simple model holds can be tested.  The answer is averaged over that
 * choice, which so enters the error bar.
 */
#pragma once

#include "properties/prop_series.h"
#include "properties/prop_spectrum.h"

/* The shape of the low-frequency part, S(f):
 *   POLY     exp(sum_s b_s f^s) over a set of degrees s that holds 0
 *   PADE     S0 (1 + r f^2) / (1 + q f^2), r of either sign, q > 0
 *   LORENTZ  A + B / (1 + (2 pi f tau)^2): the same with a maximum at zero (r < q); gives tau */
typedef enum { PROP_ZERO_POLY, PROP_ZERO_PADE, PROP_ZERO_LORENTZ } prop_zero_form;

typedef struct {
  prop_zero_form form;
  PetscInt degrees; /* POLY: bit s is set for degree s, 0..PROP_ZERO_MAX_DEGREE; else ignored */
} prop_zero_model;
enum { PROP_ZERO_MAX_DEGREE = 4, PROP_ZERO_MAX_PARAMETER = 3 };

extern const prop_zero_model prop_zero_poly0;   /* white */
extern const prop_zero_model prop_zero_poly01;  /* few data */
extern const prop_zero_model prop_zero_poly012; /* conductivity */
extern const prop_zero_model prop_zero_poly02;  /* zero slope at zero */
extern const prop_zero_model prop_zero_pade;
extern const prop_zero_model prop_zero_lorentz; /* viscosity */

typedef struct {
  PetscReal value;       /* [unit of the spectrum] > 0; NaN where there is none */
  PetscReal error;       /* [unit of the spectrum] one standard error, see the method */
  PetscReal within;      /* from the likelihood and the choice of the cut-off */
  PetscReal between;     /* from the scatter of replicas; NaN for one replica */
  PetscReal neff;        /* (value/error)^2: independent bins of one sequence that say as much */
  PetscReal points;      /* effective number of frequencies fitted */
  PetscReal cutoff;      /* [1/fs] where the weight is 1/2 */
  PetscReal tau;         /* [fs] of the Lorentzian; NaN for other forms */
  PetscReal tau_error;   /* [fs] */
  PetscReal z_cost;      /* (cost - its mean)/its deviation: above 2, the model does not fit */
  PetscReal z_criterion; /* the same of the agreement of the two halves */
  PetscInt parameters;   /* of the model fitted */
  prop_zero_model model; /* fitted: POLY of degrees 0 and 2 where no LORENTZ is resolved */
  PetscInt flags;        /* FEW_SAMPLES, NO_PLATEAU, REPLICAS_DISAGREE, ONE_REPLICA, MISSING */
} prop_zero;

/* Gates */
#define PROP_ZERO_POINTS 20.0 /* frequencies a parameter, else FEW_SAMPLES */
#define PROP_ZERO_Z      2.0  /* z_cost or z_criterion above this: NO_PLATEAU */
#define PROP_ZERO_WIDTH  10.0 /* bins within 1/(2 pi tau), else NO_PLATEAU */
#define PROP_ZERO_SLOW   2.0  /* z of a peak narrower than the fits, above this: NO_PLATEAU */

/* prop_zero_estimate - limit of a spectrum at frequency zero
 *
 * Not collective.
 * In:   spectrum  at least one bin above frequency zero
 *       model     a form that this file names, with at most PROP_ZERO_MAX_PARAMETER parameters
 * Out:  out       every field set; value NaN and FEW_SAMPLES where the spectrum is too short to be
 *                 fitted, MISSING besides where it is zero
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a model without degree 0, of too high a degree or of too
 * many parameters.  Whatever the data say, the function returns 0: read out->flags.
 *
 * The method is described in prop_zero.c and in README.md.  error is `within`, or `between` where
 * that is larger by more than 1.5 of its own uncertainties, which are 1/sqrt(2 (nreplica - 1)) of
 * it; and, root of the sum of squares, what a slow memory would add of which there are signs.
 * Source: Toraman, Fauconnier & Verstraelen, J. Chem. Inf. Model. 65, 10445 (2025),
 * doi:10.1021/acs.jcim.5c01475 (STACIE); Lorentzian: the same, J. Chem. Theory Comput. 22, 7496
 * (2026), doi:10.1021/acs.jctc.6c00506.
 * Cost: milliseconds, whatever the length of the run.
 * Verified by: tests/verify/test_prop_zero.c (known integrals, calibration of the error bars) */
PetscErrorCode prop_zero_estimate(const prop_spectrum *spectrum, const prop_zero_model *model,
                                  prop_zero *out);

/* prop_zero_sequences - the same from sequences of block means, without their bin 0
 *
 * Arguments and errors of prop_spectrum_create() and prop_zero_estimate(); but sequences shorter
 * than PROP_SPECTRUM_MIN are not an error: value NaN and FEW_SAMPLES. */
PetscErrorCode prop_zero_sequences(PetscInt nreplica, PetscInt ncomponent,
                                   const prop_sequence sequence[], PetscReal step,
                                   const prop_zero_model *model, prop_zero *out);

/* prop_zero_deviations - by how much each replica by itself would change the limit
 *
 * Arguments and errors of prop_zero_sequences().
 * Out:  deviation  [nreplica] relative change of the value, to first order about the fits to all
 *                  replicas; the scatter of these is `between`.  NaN where there is no value
 * Verified by: tests/verify/test_prop_zero.c */
PetscErrorCode prop_zero_deviations(PetscInt nreplica, PetscInt ncomponent,
                                    const prop_sequence sequence[], PetscReal step,
                                    const prop_zero_model *model, PetscReal deviation[]);

/* prop_zero_to_estimate - value, error, neff and flags as other estimators hand them out */
prop_estimate prop_zero_to_estimate(const prop_zero *zero);
