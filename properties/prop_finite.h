/* properties/prop_finite.h - diffusion of the infinite liquid, Stokes-Einstein factor, activation
 * energy
 *
 * In a periodic cell a diffusing particle drags its images along: the fluid between them is held
 * back, and D comes out too small by a term in 1/L that only viscosity decides.  In a cube
 *
 *     D(infinity) = D(L) + xi k_B T / (6 pi eta L),      xi = 2.837297,
 *
 * the same for every species.  Viscosity has no such correction.  xi is the Madelung constant of a
 * simple cubic lattice of charges in a neutralising background.
 * Source: Duenweg & Kremer, J. Chem. Phys. 99, 6983 (1993), doi:10.1063/1.465445; Yeh & Hummer, J.
 * Phys. Chem. B 108, 15873 (2004), doi:10.1021/jp0477147.
 *
 * All values in SI.  Not collective.
 */
#pragma once

#include "properties/prop_fit.h"

#define PROP_FINITE_XI 2.837297479480620 /* cube; the test computes it */

/* prop_finite_edge - [Å] edge of a cubic cell, rows of h in Å; NaN where the cell is not a cube to
 * 1e-6: xi is that of a cube.  Verified by: tests/unit/properties/test_prop_finite.c */
PetscReal prop_finite_edge(const PetscReal h[3][3]);

/* prop_finite_correlation - correlation of the errors of two means over the same replicas
 *
 * Replicas at constant energy differ in temperature: what is hot diffuses faster and flows more
 * easily, so that D is high where eta is low.
 * In:   n                 replicas
 *       x, y              [n] what each replica says (or by how much it deviates), each in the unit
 *                         of its error; a NaN leaves the replica out
 *       error_x, error_y  reported errors of the means
 * Out:  r                 covariance of the means, sum (x - mean x)(y - mean y)/(k (k - 1)), over
 *                         both errors, -1..1; 0 where fewer than PROP_FINITE_REPLICAS replicas
 *                         have both, or an error bar is missing.  Where both errors are those of
 *                         the scatter, the error of any sum of x and y then is that of its own
 *                         scatter, and Student's factors with k - 1 degrees of freedom are exact
 * Verified by: tests/unit/properties/test_prop_finite.c (coverage of D(infinity) and b) */
enum { PROP_FINITE_REPLICAS = 4 };
PetscReal prop_finite_correlation(PetscInt n, const PetscReal x[], const PetscReal y[],
                                  PetscReal error_x, PetscReal error_y);

/* prop_finite_diffusion - D of the infinite liquid
 *
 * In:   diffusion    D(L) [m2 s-1]
 *       viscosity    eta [Pa s] of the same state
 *       temperature  [K] > 0
 *       edge         [m] L, > 0; NaN: no cube
 *       correlation  of the errors of D(L) and eta, -1..1: 0 where nothing else is known
 * Out:  corrected    D(infinity); error (u_D^2 + c^2 u_eta^2/eta^2 - 2 r u_D c u_eta/eta)^(1/2), c
 *                    the correction; neff by Welch and Satterthwaite; flags of both without
 *                    NO_SIZE_CORRECTION.  Without a cube, or a viscosity that is positive and has
 *                    an error bar: D(L) as it is, with NO_SIZE_CORRECTION
 *       joint        correlation of the errors of D(infinity) and eta, for what is made of both;
 *                    `correlation` where nothing was corrected; may be NULL
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a temperature, an edge or a correlation outside its range.
 * Verified by: tests/unit/properties/test_prop_finite.c (by hand, and against 10^5 draws) */
PetscErrorCode prop_finite_diffusion(const prop_value *diffusion, const prop_value *viscosity,
                                     PetscReal temperature, PetscReal edge, PetscReal correlation,
                                     prop_value *corrected, PetscReal *joint);

/* prop_finite_stokes_einstein - b = k_B T / (pi eta D R_h), 6 for sticking and 4 for slipping
 * spheres
 *
 * In:   diffusion    D(infinity) [m2 s-1]
 *       viscosity    [Pa s]
 *       radius       R_h [m]; error 0: given, exact; NaN: unknown, and b has no error bar either
 *       temperature  [K] > 0
 *       correlation  of the errors of D and eta: `joint` of prop_finite_diffusion()
 * Out:  b            flags of the inputs; missing where one is missing
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a temperature or a correlation outside its range.
 * Source: Sutherland, Phil. Mag. 9, 781 (1905), doi:10.1080/14786440509463331; Einstein, Ann. Phys.
 * 322, 549 (1905), doi:10.1002/andp.19053220806.
 * Verified by: tests/unit/properties/test_prop_finite.c */
PetscErrorCode prop_finite_stokes_einstein(const prop_value *diffusion, const prop_value *viscosity,
                                           const prop_value *radius, PetscReal temperature,
                                           PetscReal correlation, prop_value *b);

/* prop_finite_radius - half the first like-pair peak of g(r): R_h where nobody gave one */
prop_value prop_finite_radius(const prop_value *peak);

/* What E is defined by: y = y0 exp(-E/(R T)) or y0 exp(+E/(R T)). */
typedef enum { PROP_ACTIVATION_RISES = -1, PROP_ACTIVATION_FALLS = 1 } prop_activation;

/* prop_finite_activation - activation energy over temperatures
 *
 * In:   kind         RISES with temperature: diffusion, conductivity; FALLS: viscosity
 *       n            temperatures, >= 0
 *       t            [n, K] > 0
 *       y            [n] with error bars, any unit
 * Out:  energy       [J mol-1] E = -+ R d ln y / d(1/T) of the Arrhenius fit of
 *                    prop_fit_temperature(), weighed by the error bars; error from its covariance
 *                    times `widening`; neff: temperatures; flags of the points, and NOT_LINEAR
 *                    where chi-square rejects the line at 1 %.  Two temperatures give an energy,
 *                    but nothing to test it with.  Missing without a fit
 * Returns PETSC_ERR_ARG_OUTOFRANGE as prop_fit_temperature().
 * Verified by: tests/unit/properties/test_prop_finite.c */
PetscErrorCode prop_finite_activation(prop_activation kind, PetscInt n, const PetscReal t[],
                                      const prop_value y[], prop_value *energy);
