/* properties/prop_heat.h - heat capacity, expansion, compressibility and speed of sound
 *
 * Two ways lead to each of the first two.  A run at constant pressure fluctuates, and
 *   C_p = var(H)/(k_B T^2),  alpha = cov(H,V)/(k_B T^2 <V>),  kappa_T = var(V)/(k_B T <V>),
 * H = K + U + P V with the target pressure P and the temperature T of the thermostat.  And a
 * campaign holds several temperatures: C_p = d<H>/dT, alpha = -d ln rho/dT.  Slopes are the more
 * precise by far and are the primary values; fluctuations check them, and give kappa_T.
 *
 * The centre of mass rests: C_p of the cell lacks (3/2) k_B, one part in 2 N of 3 N k_B, both ways.
 * Source: Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 2.5.
 */
#pragma once

#include "properties/prop.h"

/* One replica of a run at constant pressure, as means over equal, adjoining blocks of time.  The
   means of products are needed because the variance of block means is not that of the samples. */
typedef struct {
  PetscInt n;          /* blocks, equilibration already left out */
  PetscReal length;    /* samples a block, > 0: its weight beside blocks of other replicas */
  const PetscReal *v;  /* [n, Å^3] volume; arrays are borrowed */
  const PetscReal *h;  /* [n, eV] enthalpy of the cell */
  const PetscReal *vv; /* [n, Å^6] (V - v0)^2 */
  const PetscReal *hh; /* [n, eV^2] (H - h0)^2 */
  const PetscReal *hv; /* [n, eV Å^3] (H - h0)(V - v0) */
  PetscReal v0, h0;    /* [Å^3], [eV] any values near the means: the first sample */
} prop_heat_run;

/* The cell that all replicas have in common */
typedef struct {
  PetscReal mass;        /* [eV fs^2/Å^2] of all atoms */
  PetscReal temperature; /* [K] of the thermostat */
  PetscInt natom;
  PetscReal nformula;  /* formula units in the cell: moles of components, together */
  PetscBool classical; /* contains hydrogen: heat capacities get PROP_FLAG_CLASSICAL */
} prop_heat_cell;

/* SI: J kg-1 K-1, K-1, Pa-1, J kg-1 K-1, Pa-1, m s-1 */
typedef enum {
  PROP_HEAT_CP,        /* at constant pressure */
  PROP_HEAT_EXPANSION, /* thermal expansion alpha */
  PROP_HEAT_KAPPA_T,   /* isothermal compressibility */
  PROP_HEAT_CV,        /* C_p - T V alpha^2/kappa_T */
  PROP_HEAT_KAPPA_S,   /* adiabatic compressibility kappa_T C_v/C_p */
  PROP_HEAT_SOUND,     /* speed of sound 1/sqrt(rho kappa_S) at low frequency */
  PROP_HEAT_NQUANTITY
} prop_heat_quantity;

/* prop_heat_fluctuation - all six from the fluctuations of replicas
 *
 * Not collective.
 * In:   cell       mass, temperature, natom > 0
 *       nrun, run  replicas, >= 0; those with no block are left out
 * Out:  out        [PROP_HEAT_NQUANTITY] SI; missing without data; error NaN and FEW_SAMPLES below
 *                  PROP_SERIES_MIN blocks a replica; missing where volume or enthalpy is constant
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a cell or a block length that is not positive, PETSC_ERR_FP
 * for a block that is infinity or NaN.
 *
 * Method: second moments about the means of all replicas together, plus the variance (covariance)
 * of those means, which subtracting them has taken away.  Each quantity is a function of the means
 * of five series; its first-order change with each block is a series again (the infinitesimal
 * jackknife), whose correlated error is that of prop_series_stationary(), and replicas are
 * combined as in prop_combine().  So C_v, kappa_S and the speed of sound carry all covariances.
 * Source: infinitesimal jackknife: Efron, The Jackknife, the Bootstrap and Other Resampling Plans
 * (SIAM, 1982), chapter 6.
 * Verified by: tests/unit/properties/test_prop_heat.c (two samples by hand, ideal gas),
 * tests/verify/test_prop_thermo_error.c (Gaussian H and V with known covariance, coverage) */
PetscErrorCode prop_heat_fluctuation(const prop_heat_cell *cell, PetscInt nrun,
                                     const prop_heat_run run[],
                                     prop_value out[PROP_HEAT_NQUANTITY]);

/* A slope against temperature at one temperature of the campaign */
typedef struct {
  prop_value slope;      /* [unit of y / K] */
  PetscInt degree;       /* of the polynomial: 1 or 2; 0: none */
  PetscInt npoint;       /* temperatures in the window */
  PetscReal probability; /* of a chi-square as large; NaN without degrees of freedom */
} prop_heat_slope;

/* prop_heat_slopes - dy/dT at every temperature of a series of state points
 *
 * Not collective.
 * In:   n  points of one composition and pressure, >= 0, in any order
 *       t  [n, K]
 *       y  [n] one value each; those that are missing or have no error bar are left out
 * Out:  slope  [n] missing where fewer than two different temperatures are known, and where y
 *              itself is missing (its slope is not asked for).  flags: of the y in the window.
 *              neff: Welch-Satterthwaite over the points by their share of the variance
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0, PETSC_ERR_FP for a temperature that is not finite.
 *
 * Method: weighted polynomial in T - t_i, straight or quadratic by prop_fit_choose() (AICc),
 * through all points; where chi-square rejects it at 1 %, the point farthest from t_i is left out,
 * and again, down to three points: the slope is local where the curve is not a parabola.  Two
 * points give the slope of the chord at both of them.
 * Verified by: tests/unit/properties/test_prop_heat.c, tests/verify/test_prop_thermo_error.c */
PetscErrorCode prop_heat_slopes(PetscInt n, const PetscReal t[], const prop_value y[],
                                prop_heat_slope slope[]);

/* prop_heat_expansion - alpha = -d ln rho/dT [K-1] at every temperature, from densities [kg m-3]
 *
 * In, Out, Returns, Method as in prop_heat_slopes(); densities that are not positive are left out.
 * Verified by: tests/unit/properties/test_prop_heat.c */
PetscErrorCode prop_heat_expansion(PetscInt n, const PetscReal t[], const prop_value density[],
                                   prop_heat_slope alpha[]);

/* prop_heat_derive - C_v, kappa_S and speed of sound from the best values of what they hang on
 *
 * In:   temperature  [K] > 0
 *       x            C_p [J kg-1 K-1], alpha [K-1], kappa_T [Pa-1], density [kg m-3]; from
 *                    whichever estimator
 *       correlation  [4,4] of their errors; NULL: independent
 * Out:  out  [PROP_HEAT_NQUANTITY] the first three as given, the others computed; flags inherited.
 *            Missing when an input is, when kappa_T or density is not positive, or when C_v <= 0
 * Method: first-order propagation.  Use it when C_p comes from a slope; with all three from
 * fluctuations prop_heat_fluctuation() has the correlations that are missing here.
 * Verified by: tests/unit/properties/test_prop_heat.c */
PetscErrorCode prop_heat_derive(PetscReal temperature, const prop_value x[4],
                                const PetscReal correlation[16],
                                prop_value out[PROP_HEAT_NQUANTITY]);

/* prop_heat_per_atom, prop_heat_per_formula - a factor from J kg-1 to J mol-1 of atoms or of
 * formula units: the molar mass [kg mol-1].  NaN when the count is not positive. */
PetscReal prop_heat_per_atom(const prop_heat_cell *cell);
PetscReal prop_heat_per_formula(const prop_heat_cell *cell);

/* prop_heat_scaled - value and error times a factor; a missing value stays missing */
prop_value prop_heat_scaled(const prop_value *value, PetscReal factor);
