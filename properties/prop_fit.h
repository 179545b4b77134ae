/* properties/prop_fit.h - correlations against temperature at one composition, with covariance
 *
 * Weighted least squares on y, or on ln y for what varies by orders of magnitude.  Every model
 * carries its covariance, its chi-square against the error bars of the points, the temperatures it
 * was fitted to, and its AICc, by which prop_fit_choose() picks one.
 *
 * Coefficients are those of the formula as printed, in K and the unit of y.  They are strongly
 * correlated, so that the error of a prediction needs the whole covariance; prop_fit_predict() uses
 * its triangular factor, which loses no digits.
 */
#pragma once

#include "properties/prop.h"

enum { PROP_FIT_MAX_PARAM = 4 };

typedef enum {
  PROP_FIT_CONSTANT,  /* y = a */
  PROP_FIT_LINEAR,    /* y = a + b T;                 density A - B T: a = A, b = -B */
  PROP_FIT_QUADRATIC, /* y = a + b T + c T^2 */
  PROP_FIT_HEAT,      /* y = a + b T + c/T^2 + d T^2 */
  PROP_FIT_ARRHENIUS, /* ln y = a + b/T */
  PROP_FIT_VFT,       /* ln y = a + b/(T - c), 0 < c < lowest T: Vogel, Fulcher, Tammann */
  PROP_FIT_LOG10,     /* log10 y = a + b/T + c/T^2 */
  PROP_FIT_NMODEL
} prop_fit_model;

/* Positive: usable.  A negative one is a result about the data: the function returns 0. */
typedef enum {
  PROP_FIT_OK = 1,
  PROP_FIT_UNWEIGHTED = 2,  /* no point has an error bar: equal weights, errors from residuals */
  PROP_FIT_TOO_FEW = -1,    /* fewer points with different T than coefficients */
  PROP_FIT_DEGENERATE = -2, /* the points do not determine the coefficients */
  PROP_FIT_AT_BOUND =
      -3, /* the temperature c of VFT went to a bound: the points do not ask for it */
  PROP_FIT_NOT_CONVERGED = -4 /* the minimiser gave up */
} prop_fit_reason;

typedef struct {
  prop_fit_model model;
  prop_fit_reason reason;
  PetscInt nparam;
  PetscInt npoint; /* points used */
  PetscInt nleft;  /* points left out: missing, without error bar, or not positive under ln */
  PetscReal coefficient[PROP_FIT_MAX_PARAM];
  PetscReal covariance[PROP_FIT_MAX_PARAM * PROP_FIT_MAX_PARAM]; /* [nparam,nparam] */
  PetscReal factor[PROP_FIT_MAX_PARAM * PROP_FIT_MAX_PARAM]; /* R [nparam,nparam], upper triangle,
                                                                (R^T R)^-1 = covariance */
  PetscReal chi2;         /* sum of squared residuals over errors */
  PetscInt dof;           /* npoint - nparam */
  PetscReal probability;  /* of a chi-square as large; NaN for dof = 0 or without weights */
  PetscReal aicc;         /* chi2 + 2 k + 2 k (k + 1)/(n - k - 1); infinity for n <= k + 1 */
  PetscReal widening;     /* factor on predicted errors: sqrt(chi2/dof) where chi-square rejects the
                            model at 1 %, else 1 */
  PetscReal tmin, tmax;   /* [K] range of the points used */
  PetscReal residual_max; /* [errors] largest absolute residual */
  PetscInt flags;         /* of the points used */
} prop_fit;

/* prop_fit_formula, prop_fit_name - "ln y = a + b/T", "arrhenius"; static strings, NULL for none */
const char *prop_fit_formula(prop_fit_model model);
const char *prop_fit_name(prop_fit_model model);

/* prop_fit_models - which models a property is fitted with, simplest first
 *
 * In:   property  dataset name, as in prop_find()
 * Out:  model     [PROP_FIT_NMODEL]
 * Returns their number; 0: that property gets no correlation.
 * density, number_density, thermal_conductivity, thermal_diffusivity: linear; heat capacities at
 * constant pressure: constant, linear, quadratic, heat; enthalpy, potential_energy: linear,
 * quadratic;
 * viscosities: Arrhenius, VFT, log10; diffusion and ionic conductivity: Arrhenius, VFT.
 * C_v and the speed of sound get none: their values at different temperatures share the slopes of
 * enthalpy and density, and a fit would take them for independent.
 * Verified by: tests/unit/properties/test_prop_fit.c */
PetscInt prop_fit_models(const char *property, prop_fit_model model[PROP_FIT_NMODEL]);

/* prop_fit_temperature - one model through the points of one composition
 *
 * Not collective (TAO runs on PETSC_COMM_SELF).
 * In:   model
 *       n     points, >= 0
 *       t     [n, K] > 0
 *       y     [n] value and error, any unit.  Points that are missing, under ln not positive, or
 *             without an error bar while others have one are left out (nleft)
 * Out:  fit   every field set; NaN where there is nothing.  The covariance is that of the error
 *             bars of the points, not widened
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0, an unknown model or a temperature that is not
 * positive and finite.
 *
 * Method: least squares of y with weights 1/u^2.  Where ln y is the target it is linearised about
 * the fit and fitted again until nothing changes (iterated Gauss-Newton).  Linear models:
 * Householder QR of the weighted design matrix with scaled columns.  VFT: TAO's bounded
 * Gauss-Newton (brgn) from three starts, 0 < c < lowest T; covariance from the Jacobian at the
 * minimum.  Without any error bar all weights are equal (on ln y: equal relative errors) and the
 * covariance is scaled by chi2/dof.
 * Source: VFT: Fulcher, J. Am. Ceram. Soc. 8, 339 (1925), doi:10.1111/j.1151-2916.1925.tb16731.x.
 * Verified by: tests/unit/properties/test_prop_fit.c (exact data, by hand),
 * tests/verify/test_prop_thermo_error.c (coverage, covariance against Monte Carlo, choice) */
PetscErrorCode prop_fit_temperature(prop_fit_model model, PetscInt n, const PetscReal t[],
                                    const prop_value y[], prop_fit *fit);

/* prop_fit_heat_capacity - a model of C_p through enthalpies
 *
 * C_p at each temperature is a slope through all enthalpies, so that its values are not
 * independent, and a fit through them would state too small an error.  Instead the integral of the
 * model,
 *   H = h + a T + b T^2/2 - c/T + ..., h free,
 * is fitted to the enthalpies, which are independent.
 *
 * In:   model     PROP_FIT_CONSTANT, LINEAR, QUADRATIC or HEAT, of C_p
 *       n, t      as in prop_fit_temperature()
 *       enthalpy  [n] e.g. J kg-1 for a C_p in J kg-1 K-1
 * Out:  fit  of C_p: coefficients, covariance, factor without those of h.  npoint, chi2, dof, aicc,
 *            residual_max are those of the enthalpies, with nparam + 1 coefficients.
 *            prop_fit_predict(), prop_fit_choose() and prop_fit_residuals() (against values of C_p)
 *            take it like any other
 * Returns PETSC_ERR_ARG_OUTOFRANGE as prop_fit_temperature(), and for another model.
 * Verified by: tests/unit/properties/test_prop_fit.c, tests/verify/test_prop_thermo_error.c */
PetscErrorCode prop_fit_heat_capacity(prop_fit_model model, PetscInt n, const PetscReal t[],
                                      const prop_value enthalpy[], prop_fit *fit);

/* prop_fit_choose - which of several models of the same points
 *
 * In:   n    models, >= 0
 *       fit  [n] simplest first
 * Returns the index, or -1 when none is usable: the smallest AICc, and among those without a finite
 * AICc (npoint <= nparam + 1) the first.  If chi-square rejects that one at 1 %, the first usable
 * model with more coefficients that is not rejected, if there is one, takes its place.
 * Source: Hurvich & Tsai, Biometrika 76, 297 (1989), doi:10.1093/biomet/76.2.297.
 * Verified by: tests/unit/properties/test_prop_fit.c, tests/verify/test_prop_thermo_error.c */
PetscInt prop_fit_choose(PetscInt n, const prop_fit fit[]);

/* prop_fit_predict - value and error at a temperature
 *
 * In:   fit, t [K] > 0
 * Out:  value    error from the covariance times `widening`; flags of the fit; missing when the fit
 *                is not usable.  neff 0
 *       outside  whether t is outside tmin..tmax (may be NULL)
 * Verified by: tests/verify/test_prop_thermo_error.c */
PetscErrorCode prop_fit_predict(const prop_fit *fit, PetscReal t, prop_value *value,
                                PetscBool *outside);

/* prop_fit_residuals - (y - fit)/u for every point; without error bars y - fit, or ln y - ln fit
 *
 * Out:  residual [n] NaN for points that prop_fit_temperature() leaves out
 * Verified by: tests/unit/properties/test_prop_fit.c */
PetscErrorCode prop_fit_residuals(const prop_fit *fit, PetscInt n, const PetscReal t[],
                                  const prop_value y[], PetscReal residual[]);
