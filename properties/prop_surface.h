/* properties/prop_surface.h - a property over composition and temperature at once
 *
 *   f(x,T) = sum_i x_i A_i(T) + sum_{i<j} x_i x_j sum_{n=0..order} L_ijn(T) (x_i - x_j)^n
 *
 * (Redlich & Kister 1948), f the molar volume [m3 mol-1] or ln of viscosity, diffusion or ionic
 * conductivity; A_i and L_ijn polynomials in T (volume) or in 1/T (logarithms).  x are mole
 * fractions of the components in the order of the caller; exchanging two components changes the
 * sign of odd terms, so the order is stored with the coefficients.  Everything is linear in the
 * coefficients: one QR.  Pairs of which no point holds both components have no terms.
 */
#pragma once

#include "properties/prop_fit.h"

typedef enum {
  PROP_SURFACE_VALUE, /* f = y, polynomials in T: molar volume */
  PROP_SURFACE_LOG    /* f = ln y, polynomials in 1/T */
} prop_surface_scale;

enum {
  PROP_SURFACE_MAX_ORDER = 3, /* of (x_i - x_j)^n */
  PROP_SURFACE_MAX_BASIS = 3  /* 1, T, T^2 or 1, 1/T, 1/T^2 */
};

/* A term of the sum: components i and j, the power n of (x_i - x_j), the power of T; j = -1: of x_i
   alone */
enum { PROP_SURFACE_TERM = 4 };

/* Points of a grid; arrays are borrowed */
typedef struct {
  PetscInt npoint, ncomponent; /* >= 0, >= 1 */
  const PetscReal *x;          /* [npoint,ncomponent] mole fractions, sum 1 within 1e-6 */
  const PetscReal *t;          /* [npoint, K] */
  const prop_value *y;         /* [npoint] */
} prop_surface_points;

typedef struct {
  prop_surface_scale scale;
  prop_fit_reason reason; /* OK, UNWEIGHTED, TOO_FEW, DEGENERATE, NOT_CONVERGED */
  PetscInt ncomponent, npair;
  PetscInt order;   /* highest n; -1: no pair terms */
  PetscInt nideal;  /* coefficients of A_i: 1..3 */
  PetscInt nexcess; /* coefficients of L_ijn: 1..nideal */
  PetscInt nparam, npoint, nleft;
  PetscInt *pair;         /* [npair,2] components; owned, as are all arrays */
  PetscReal *coefficient; /* [nparam] A_i: component by component; then L_ijn: pair, n, power */
  PetscReal *covariance;  /* [nparam,nparam] */
  PetscReal *factor;      /* [nparam,nparam] R, (R^T R)^-1 = covariance */
  PetscReal chi2, probability, aicc, widening, residual_max; /* as in prop_fit */
  PetscInt dof, flags;
  PetscReal tmin, tmax;
  PetscReal *xmin, *xmax; /* [ncomponent] range of the points used */
} prop_surface;

/* prop_surface_fit - the surface of given orders
 *
 * Not collective.
 * In:   p       points; those that are missing, under ln not positive, or without an error bar
 *               while others have one are left out
 *       scale
 *       order   -1..PROP_SURFACE_MAX_ORDER
 *       nideal, nexcess  1 <= nexcess <= nideal <= PROP_SURFACE_MAX_BASIS
 * Out:  surface  free it with prop_surface_clear(); without arrays of coefficients when refused
 * Returns PETSC_ERR_ARG_OUTOFRANGE for orders outside their range, fractions that are negative or
 * do not add up to 1, or temperatures that are not positive.
 * Method: least squares of y with weights 1/u^2; LOG as in prop_fit_temperature().
 * Source: Redlich & Kister, Ind. Eng. Chem. 40, 345 (1948), doi:10.1021/ie50458a036.
 * Verified by: tests/unit/properties/test_prop_surface.c */
PetscErrorCode prop_surface_fit(const prop_surface_points *p, prop_surface_scale scale,
                                PetscInt order, PetscInt nideal, PetscInt nexcess,
                                prop_surface *surface);

/* prop_surface_best - the orders by AICc, under the rule of prop_fit_choose()
 *
 * Out:  surface  reason TOO_FEW or DEGENERATE when no order can be fitted
 * All orders -1..3, nideal 1..3, nexcess 1..2 that the points allow.
 * Verified by: tests/unit/properties/test_prop_surface.c, tests/verify/test_prop_thermo_error.c */
PetscErrorCode prop_surface_best(const prop_surface_points *p, prop_surface_scale scale,
                                 prop_surface *surface);

/* prop_surface_predict - y and its error at composition x [ncomponent] and temperature t [K]
 *
 * Out:  value    as in prop_fit_predict(); missing when the surface is not usable
 *       outside  whether t or a fraction is outside the range of the points (may be NULL)
 * Verified by: tests/unit/properties/test_prop_surface.c, tests/verify/test_prop_thermo_error.c */
PetscErrorCode prop_surface_predict(const prop_surface *surface, const PetscReal x[], PetscReal t,
                                    prop_value *value, PetscBool *outside);

/* prop_surface_next - where one more grid point would be worth most
 *
 * In:   surface
 *       n, x, t  candidates: [n,ncomponent], [n, K]
 * Out:  best     index of the candidate whose predicted relative error (VALUE: error over value;
 *                LOG: error of ln y) is the largest; -1 without candidates or without a surface
 *       error    that relative error
 * Verified by: tests/unit/properties/test_prop_surface.c */
PetscErrorCode prop_surface_next(const prop_surface *surface, PetscInt n, const PetscReal x[],
                                 const PetscReal t[], PetscInt *best, PetscReal *error);

/* prop_surface_molar_volume, prop_surface_density - V = M(x)/rho and back, with error
 *
 * In:   ncomponent, x, molar_mass [ncomponent, kg mol-1 of formula units of that component]
 * Out:  [m3 mol-1 of formula units], [kg m-3]; missing where the input is or is not positive
 * Verified by: tests/unit/properties/test_prop_surface.c */
PetscErrorCode prop_surface_molar_volume(PetscInt ncomponent, const PetscReal x[],
                                         const PetscReal molar_mass[], const prop_value *density,
                                         prop_value *volume);
PetscErrorCode prop_surface_density(PetscInt ncomponent, const PetscReal x[],
                                    const PetscReal molar_mass[], const prop_value *volume,
                                    prop_value *density);

/* prop_surface_terms - what each coefficient multiplies
 *
 * Out:  term  [nparam,PROP_SURFACE_TERM] in the order of the coefficients
 * Verified by: tests/unit/properties/test_prop_surface.c */
PetscErrorCode prop_surface_terms(const prop_surface *surface, PetscInt term[]);

/* Frees the arrays and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_surface_clear(prop_surface *surface);
