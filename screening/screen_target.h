/* screening/screen_target.h - how far a campaign is from the errors that it asks for
 *
 * A target is a relative standard error of the primary value of a property; where there is a value
 * for each species, the worst one counts.  It is met when the error, times Student's factor, is at
 * most the target and there are PROP_NEFF_MIN effective samples behind it: prop_plan_ratio() says
 * why, and is the only place where this is decided, for plan, status, explain and the run itself.
 * A gap says what is missing at one point: that ratio, how many replicas would close it, and what
 * they cost.  Statistical errors fall as 1/sqrt(replicas) (properties/prop_plan.h).
 */
#pragma once

#include "screening/screen_result.h"

typedef enum {
  SCREEN_GAP_NONE,    /* the campaign sets no target for the property, or does not run the point */
  SCREEN_GAP_MET,     /* the ratio is at most 1 */
  SCREEN_GAP_OPEN,    /* more replicas would help */
  SCREEN_GAP_UNKNOWN, /* no error bar so far: the point is not finished */
  SCREEN_GAP_BARRED   /* more of the same does not help: the point lost replicas, has no value, or
                         flags (not_liquid, not_diffusive) say that it is not the number meant */
} screen_gap_state;

typedef struct {
  screen_gap_state state;
  PetscReal target, error; /* relative; error: of the worst species, NaN: not known */
  PetscReal neff;          /* effective samples behind the error; 0: not known */
  PetscReal ratio;         /* prop_plan_ratio(): error over target; infinity: not known */
  PetscInt species;        /* the worst one; -1: one value for the point */
  PetscReal replicas;      /* behind the value; a fraction while one runs */
  PetscReal need;          /* whole number of replicas that would do, at least `replicas`; NaN */
  double seconds;          /* [s] of a group's time for those that are missing; NaN */
} screen_gap;

/* The primary value of a property that can have a target, and the production it comes from. */
prop_id screen_target_value(screen_target_id target);
screen_stage screen_target_stage(screen_target_id target);
/* "met", "open", "unknown", "barred" or "none" */
const char *screen_gap_name(screen_gap_state state);

/* Whether a campaign has any target. */
PetscBool screen_target_any(const screen_campaign *campaign);

/* screen_target_worst - the value of a property that is farthest from a target at a point
 *
 * Not collective; pure.
 * In:   goal     relative error > 0
 * Out:  species  the worst of those that are in the cell: largest prop_plan_ratio(); -1 for one
 *                value a point
 * Returns that value; where a species has no error bar, its value. */
prop_value screen_target_worst(const screen_point *point, screen_target_id target,
                               const screen_result *result, PetscReal goal, PetscInt *species);

/* screen_target_gaps - all gaps of a campaign
 *
 * Not collective; pure.
 * In:   tasks   as the journals tell: what is done of replicas, measured costs
 *       whole   the values are of finished replicas only: what others have so far does not count
 *       result  [grid->npoint] after screen_table_couple()
 * Out:  gap     [grid->npoint,SCREEN_NTARGET]
 * Verified by: tests/unit/screening/test_screen_target.c */
PetscErrorCode screen_target_gaps(const screen_campaign *campaign, const screen_grid *grid,
                                  const queue_tasks *tasks, PetscBool whole,
                                  const screen_result result[], screen_gap gap[]);

/* All targets of a campaign together. */
typedef struct {
  PetscInt asked, met, barred; /* targets of all points */
  double seconds;              /* [s] of a group's time for all that is missing and known */
} screen_target_sum;
screen_target_sum screen_target_total(const screen_grid *grid, const screen_gap gap[]);

/* screen_target_print - targets that are not met, one a line, after a line with their number */
PetscErrorCode screen_target_print(const screen_campaign *campaign, const screen_grid *grid,
                                   const screen_gap gap[], FILE *out);

/* screen_target_say - the targets of one point in words, with what would meet them
 * In: gap [SCREEN_NTARGET] of the point; group: ranks that share a task, for core time */
PetscErrorCode screen_target_say(const screen_campaign *campaign, const screen_gap gap[],
                                 PetscInt group, FILE *out);
