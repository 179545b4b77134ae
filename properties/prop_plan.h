/* properties/prop_plan.h - what error a run of given length will reach, and what is missing
 *
 * Two questions, one law: statistical errors fall as 1/sqrt(t R) with t the production of one
 * replica and R the number of replicas.  Before there are data the law is scaled by rules of thumb;
 * with data by the error bar itself.
 */
#pragma once

#include "properties/prop.h"

/* Independent sequences that one replica gives to a transport coefficient */
typedef enum {
  PROP_PLAN_VISCOSITY = 5, /* five traceless components of the pressure */
  PROP_PLAN_CURRENT = 3    /* Cartesian components: conductivities */
} prop_plan_sequences;

/* prop_plan_replicas - replicas for a relative error of a transport coefficient, before any data
 *
 * In:   sequences  of one replica, > 0: PROP_PLAN_VISCOSITY, PROP_PLAN_CURRENT, 3 N for diffusion
 *       nparam     parameters P of the spectral model, >= 1 (3: the usual one)
 *       target     relative standard error > 0
 * Returns ceil(M/sequences), M = 1/(20 P target^2) sequences, each long enough for 20 P points of
 * the spectrum below its cut-off; at least 1.  NaN for arguments outside their range.
 * Source: Toraman, Fauconnier & Verstraelen, STACIE (2025), doi:10.1021/acs.jcim.5c01475.
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscReal prop_plan_replicas(PetscReal sequences, PetscReal nparam, PetscReal target);

/* prop_plan_transport - relative error of a transport coefficient, before any data
 *
 * In:   sequences  of all replicas together, > 0
 *       time       [any unit] length of each, > 0
 *       memory     [same unit] correlation time, > 0
 * Returns 5 sqrt(memory/(sequences time)); NaN for arguments outside their range.  The factor is
 * what the estimators of this folder reach on made-up sequences of one or two memories: 4.8 for
 * ionic, 5.2 for thermal conductivity (README.md; tests/verify/test_prop_conductivity.c,
 * test_prop_thermal.c).
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscReal prop_plan_transport(PetscReal sequences, PetscReal time, PetscReal memory);

/* prop_plan_mean - relative error of a mean, before any data
 *
 * In:   fluctuation  relative standard deviation at one moment, >= 0
 *       time, memory of all replicas together, > 0
 * Returns fluctuation sqrt(2 memory/time); NaN for arguments outside their range.
 * Source: Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 8.3.
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscReal prop_plan_mean(PetscReal fluctuation, PetscReal time, PetscReal memory);

/* prop_plan_energies - relative spread of constant-energy replicas of a liquid, before any data
 *
 * In:   natoms       > 0
 *       sensitivity  |d ln y/d ln T| of the property, E/(R T) where it is thermally activated
 * Returns sensitivity/sqrt(3 natoms): energies that a canonical ensemble gives differ by
 * sqrt(k_B C) T with C = 3 k_B an atom, temperatures by T/sqrt(3 natoms).  NaN outside the range.
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscReal prop_plan_energies(PetscReal natoms, PetscReal sensitivity);

/* What is known of a property at a point, and the effort behind it */
typedef struct {
  prop_value value;
  PetscReal time;     /* [any unit] production of one replica, > 0 */
  PetscReal replicas; /* > 0 */
} prop_plan_known;

/* prop_plan_ratio - how far a value is from a target: met where this is at most 1
 *
 * In:   value, target  relative standard error wanted, > 0
 * Returns the larger of
 *   t68(neff - 1) error/|value|/target   half the width of the 68 % interval over the target
 *   sqrt(PROP_NEFF_MIN/neff)             both fall as 1/sqrt(effort)
 * with neff rounded down and at least 2; error/|value|/target where neff is 0, not known.  Infinity
 * without an error bar.
 *
 * Why both.  Who looks at an error bar after each replica and stops when it is small stops more
 * often where it came out too small.  The factor t68 allows for error bars that are uncertain, not
 * for their choice: with it alone, from 3 replicas on, intervals of results that stopped at their
 * target cover 59 % instead of 68 and 90 % instead of 95 of truths at worst, without it 58 and 89.
 * From 20 samples on an error bar is known to 16 %, and 66 and 94 % are covered at worst.
 * Source: Chow & Robbins, Ann. Math. Stat. 36, 457 (1965), doi:10.1214/aoms/1177700156 (stopping at
 * a width covers in the limit of small targets only).
 * Verified by: tests/verify/test_prop_plan_stop.c */
PetscReal prop_plan_ratio(const prop_value *value, PetscReal target);

/* What a target still needs */
typedef struct {
  PetscReal ratio;     /* prop_plan_ratio(); <= 1: met.  Infinity without an error bar; the four
                          numbers below are then NaN */
  PetscReal factor;    /* effort (time times replicas) over the effort so far, >= 1 */
  PetscReal time;      /* [unit of known.time] production of a replica that would do, at the same
                          number of replicas; infinity where only replicas help */
  PetscReal replicas;  /* whole number of replicas that would do, at the same production */
  PetscReal certainty; /* relative uncertainty of `factor`, sqrt(2/neff): of an error bar squared */
  PetscBool only_replicas; /* the error bar rests on the spread of replicas */
  PetscBool met;
} prop_plan_missing;

/* prop_plan_predict - the error that another effort would have reached
 *
 * In:   known
 *       time, replicas  > 0
 * Returns error * sqrt(known.time known.replicas/(time replicas)); where replicas disagree, or
 * neff is at most 1.5 times their number, lengthening does not count:
 * error * sqrt(known.replicas/replicas).  NaN without an error bar or for arguments that are not
 * positive.
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscReal prop_plan_predict(const prop_plan_known *known, PetscReal time, PetscReal replicas);

/* prop_plan_need - how much more a target needs
 *
 * In:   known
 *       target  relative standard error wanted, > 0
 * Out:  need
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a target, time or number of replicas that is not positive.
 * Verified by: tests/unit/properties/test_prop_plan.c */
PetscErrorCode prop_plan_need(const prop_plan_known *known, PetscReal target,
                              prop_plan_missing *need);
