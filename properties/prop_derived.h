/* properties/prop_derived.h - numbers made of other numbers, with their error bars
 *
 * What a process model asks for beside the properties themselves: kinematic viscosity, thermal
 * diffusivity, Prandtl and Schmidt numbers.  All are products of powers, so that relative errors
 * add as a quadratic form; inputs measured in the same run may be correlated.
 */
#pragma once

#include "properties/prop.h"

/* prop_derived_product - y = x_0^p_0 x_1^p_1 ... with error, in the units of the x (SI)
 *
 * Not collective.
 * In:   n            inputs, 1..PROP_DERIVED_MAX
 *       x            [n]
 *       power        [n]
 *       correlation  [n,n] of the inputs' errors, symmetric, 1 on the diagonal; NULL: independent
 * Out:  y  flags: those of all inputs.  Missing when an input is missing or not a number, or when
 *          the product is not a finite number (0 to a negative power).  Where an input has no error
 *          bar (NaN or 0), neither has y: NaN, FEW_SAMPLES.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n outside its range or a correlation outside -1..1.
 *
 * Method: (u_y/y)^2 = sum_ij p_i p_j r_ij (u_i/x_i)(u_j/x_j).  neff is the Welch-Satterthwaite
 * count: (sum v_i)^2 / sum(v_i^2/neff_i), v_i = (p_i u_i/x_i)^2; 0 where an input has none.
 * Errors of the first order: with 20 % error in a divisor the mean of the quotient is off by 4 %.
 * Source: JCGM 100:2008 (GUM), equations 13 and G.2b.
 * Verified by: tests/unit/properties/test_prop_derived.c (by hand, and against 10^5 draws) */
enum { PROP_DERIVED_MAX = 8 };
PetscErrorCode prop_derived_product(PetscInt n, const prop_value x[], const PetscReal power[],
                                    const PetscReal correlation[], prop_value *y);

/* The four numbers.  `correlation` [k,k] is that of the inputs in the order of the arguments, NULL:
   independent.  Errors and flags as in prop_derived_product(). */

/* nu = eta/rho [m2 s-1] */
PetscErrorCode prop_derived_kinematic_viscosity(const prop_value *viscosity,
                                                const prop_value *density,
                                                const PetscReal correlation[], prop_value *nu);
/* a = kappa/(rho c_p) [m2 s-1], c_p in J kg-1 K-1 */
PetscErrorCode prop_derived_thermal_diffusivity(const prop_value *conductivity,
                                                const prop_value *density,
                                                const prop_value *heat_capacity,
                                                const PetscReal correlation[], prop_value *a);
/* Pr = eta c_p/kappa, c_p in J kg-1 K-1 */
PetscErrorCode prop_derived_prandtl(const prop_value *viscosity, const prop_value *heat_capacity,
                                    const prop_value *conductivity, const PetscReal correlation[],
                                    prop_value *pr);
/* Sc = eta/(rho D) */
PetscErrorCode prop_derived_schmidt(const prop_value *viscosity, const prop_value *density,
                                    const prop_value *diffusion, const PetscReal correlation[],
                                    prop_value *sc);

/* prop_derived_agreement - z of two estimates of the same thing
 *
 * In:   other        the second estimate
 *       correlation  of their errors, -1..1; 0 when they come from different data
 * In/out: value      gets METHODS_DISAGREE when |z| > 3
 * Out:  z            (value - other)/sqrt(u^2 + u'^2 - 2 r u u'); NaN, and no flag, when one of the
 *                    two is missing or has no error bar, or when the joint error is not positive
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a correlation outside -1..1.
 * Verified by: tests/unit/properties/test_prop_derived.c */
PetscErrorCode prop_derived_agreement(prop_value *value, const prop_value *other,
                                      PetscReal correlation, PetscReal *z);
