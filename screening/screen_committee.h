/* screening/screen_committee.h - a point that several potentials run, and what they say together
 *
 * Each member of a committee has a result of its own, from its own replicas and its own slopes over
 * temperature.  Their values become one with prop_committee_combine() (prop_committee.h): mean over
 * the members, its sampling error, and the model error beside it.  Ratios and other numbers that
 * are made of several values are made of each member's and then combined like all others.
 *
 * A point is done when it is for all members.  A point that failed for one has no values: those of
 * the others alone would be an average over the survivors; their own are in `member`.  Curves are
 * those of the first member that has them.  Without a committee all this is the single result.
 */
#pragma once

#include "screening/screen_table.h"

/* screen_committee_create - a result without values, with room for those of each member */
PetscErrorCode screen_committee_create(const screen_campaign *campaign, screen_result *result);

/* screen_committee_compute - screen_result_compute() for every member
 *
 * Out:  result  new, its values missing until screen_committee_table(); screen_result_clear() */
PetscErrorCode screen_committee_compute(const screen_campaign *campaign, const screen_grid *grid,
                                        const queue_tasks *tasks, PetscInt point,
                                        const char *directory, screen_result *result);

/* The same from finished replicas only: screen_result_compute_finished(). */
PetscErrorCode screen_committee_compute_finished(const screen_campaign *campaign,
                                                 const screen_grid *grid, const queue_tasks *tasks,
                                                 PetscInt point, const char *directory,
                                                 screen_result *result);

/* screen_committee_copy - a new result with state and values of another, and of its members
 * Without curves; screen_result_clear(). */
PetscErrorCode screen_committee_copy(const screen_campaign *campaign, const screen_result *from,
                                     screen_result *to);

/* screen_committee_table - what the points say together (screen_table_couple()), for each member;
 * then what the members say together
 *
 * Collective on comm.
 * In:   nmine, mine, result  this rank's points, as in screen_table_gather(); they get their values
 * Out:  all  as in screen_table_gather()
 * Verified by: tests/unit/screening/test_screen_committee.c */
PetscErrorCode screen_committee_table(MPI_Comm comm, const screen_campaign *campaign,
                                      const screen_grid *grid, PetscInt nmine,
                                      const PetscInt mine[], screen_result result[],
                                      screen_result **all);

/* screen_committee_combine - result->member to all else in it
 * Not collective; a pure function of the members, of which the curves are taken away. */
PetscErrorCode screen_committee_combine(const screen_campaign *campaign, screen_result *result);
