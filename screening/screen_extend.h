/* screening/screen_extend.h - replicas beyond those a campaign asks for, where they gain most
 *
 * Used by the dispatcher alone, when a group is free and nothing is ready.  Of the points that have
 * their `simulation.replicas`, the one is extended by a replica for which
 *
 *   gain = sum over open targets of  x - max(1, x sqrt(R/(R+1)))      per core-second of a replica
 *
 * is largest; x = ratio sqrt(n/R) is the error over target to be expected when the R replicas that
 * have been asked for are finished; n of them are behind the ratio.  Targets with x <= 1 wait for
 * what runs.  Of a committee each member runs the replica, R and n count those of all members, and
 * R + 1 becomes R plus the members: its sampling error, of the mean over members, falls as theirs
 * does.  A point is left alone when it has simulation.max_replicas, when it lost a replica, or when
 * none of its targets is open (screen_target.h); nothing is begun that would exceed the
 * budget.
 *
 * Decisions.  A replica that was asked for is on record as soon as it has finished a segment: from
 * then on it belongs to its point, in every later run and table.  One that was not begun is decided
 * on again.  So tables are a pure function of the segments in the journals and of the campaign.
 */
#pragma once

#include "screening/screen_run.h"

typedef struct {
  PetscBool on;       /* the campaign has targets */
  PetscBool changed;  /* something has finished since the last look */
  PetscBool idle;     /* nothing was worth it, and nothing has happened since */
  screen_result *raw; /* [npoint] values of finished replicas, before screen_committee_table() */
  PetscInt *seen;     /* [npoint] how many replicas those were */
  screen_gap *gap;    /* [npoint,SCREEN_NTARGET] */
  double begun;       /* [s] of screen_seconds() */
  double seconds;     /* [s] of processor time spent in estimates */
} screen_extend;

PetscErrorCode screen_extend_create(const screen_session *session, screen_extend *extend);
PetscErrorCode screen_extend_clear(const screen_session *session, screen_extend *extend);

/* screen_extend_look - estimates points anew of which a replica has finished since, and all gaps
 *
 * Points that do not have their `replicas` yet are not looked at.  session->gap is a copy. */
PetscErrorCode screen_extend_look(screen_session *session, const queue_tasks *tasks,
                                  screen_extend *extend);

/* A replica more of a point: of all members of a committee that do not have it yet. */
typedef struct {
  PetscInt point, replica; /* -1: none */
  double gain;             /* in 1/s of a group */
} screen_extension;

/* screen_extend_next - looks where that is due, and chooses
 *
 * Estimates may take 10 s and 2 % of the time that the run has taken; beyond that old ones serve,
 * until they say that nothing is missing.
 * Out: as of screen_extend_choose() */
PetscErrorCode screen_extend_next(screen_session *session, const queue_tasks *tasks,
                                  screen_extend *extend, screen_extension *choice);

/* screen_extend_choose - the point that gains most by one replica more
 *
 * In:   gap    [npoint,SCREEN_NTARGET] of finished replicas
 *       group  ranks of a group, for the budget in core time
 * Out:  choice  the lowest replica of that point that is held
 * Pure.
 * Verified by: tests/unit/screening/test_screen_extend.c */
PetscErrorCode screen_extend_choose(const screen_campaign *campaign, const screen_grid *grid,
                                    const queue_tasks *tasks, const screen_gap gap[],
                                    PetscInt group, screen_extension *choice);

/* screen_extend_release - lets what was chosen be run */
PetscErrorCode screen_extend_release(const screen_campaign *campaign, const screen_grid *grid,
                                     const screen_extension *choice, queue_tasks *tasks);
