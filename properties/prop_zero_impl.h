/* properties/prop_zero_impl.h - fit of a model to a part of a spectrum, for prop_zero.c
 *
 * A model is ln S(f) with parameters b: b[0] = ln S(0) in all of them.
 *   POLY            ln S = sum_i b[i] x^s_i,                              x = f/unit
 *   PADE, LORENTZ   ln S = b[0] + ln(1 + a z) - ln(1 + z),                z = exp(b[1]) x^2,
 * a = b[2] of either sign: with a < 1 the sum of a white level a S(0) and of a Lorentzian of
 * tau = exp(b[1]/2)/(2 pi unit).
 */
#pragma once

#include "properties/prop_zero.h"

enum { PROP__ZERO_P = PROP_ZERO_MAX_PARAMETER };

/* Bins and what weighs them */
typedef struct {
  PetscInt n;                 /* bins */
  const PetscReal *frequency; /* [n, 1/fs] */
  const PetscReal *value;     /* [n] */
  const PetscReal *alpha;     /* [n] half the degrees of freedom */
} prop__zero_data;

typedef struct {
  prop_zero_model model;
  PetscInt p;                /* parameters */
  PetscReal unit;            /* [1/fs] frequencies are taken in units of this */
  PetscReal widest;          /* unit times T: b[1] <= 2 ln(widest), one bin wide */
  PetscReal b[PROP__ZERO_P]; /* parameters at the maximum of the likelihood */
  PetscReal response[PROP__ZERO_P][PROP__ZERO_P]; /* inverse of the information */
  PetscReal cov[PROP__ZERO_P][PROP__ZERO_P];      /* covariance of the parameters */
  PetscReal cost; /* negative logarithm of likelihood and prior, less constants */
  PetscBool found;
} prop__zero_fit;

/* Number of parameters of a model */
PetscInt prop__zero_parameters(const prop_zero_model *model);

/* ln S and its derivatives by the parameters; -infinity where S would not be positive */
PetscReal prop__zero_log(const prop__zero_fit *fit, const PetscReal b[], PetscReal frequency,
                         PetscReal gradient[]);

/* Maximum of the weighted likelihood from the start fit->b; weight [data->n] */
void prop__zero_maximise(const prop__zero_data *data, const PetscReal weight[],
                         prop__zero_fit *fit);

/* The largest z >= 0 of a narrow peak at frequency zero that the fit has not followed, and what it
 * would add to ln S(0).  weight [data->n] those of the fit, zero from some bin on. */
PetscReal prop__zero_slow(const prop__zero_data *data, const PetscReal weight[], PetscReal cutoff,
                          const prop__zero_fit *fit, PetscReal *change);

/* Inverse of a symmetric positive definite p x p matrix; a tiny multiple of its diagonal is added,
 * so that a direction without data gets a large variance.  *logdet: of the inverse.  False if it is
 * not positive definite even so. */
PetscBool prop__zero_invert(PetscInt p, const PetscReal m[PROP__ZERO_P][PROP__ZERO_P],
                            PetscReal inverse[PROP__ZERO_P][PROP__ZERO_P], PetscReal *logdet);
