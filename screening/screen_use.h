/* screening/screen_use.h - what a run costs, what its processes do with their time, where its
 * errors are largest: the part of status.json beside the points
 *
 *   core_hours   used: of all segments in the journals, as long as they took, times the ranks of a
 *                group; left: what is asked for and not done, at today's prices, with its range
 *   use          of this run alone: seconds since it began to hand out; idle: share of the time in
 *                which a group had no order, journal: in which it wrote one; dispatcher: processor
 *                time of rank 0 in cores
 *   worst        the points with the largest relative errors in the table last written (error over
 *                target where the property has one), at most five, one property each
 */
#pragma once

#include "screening/screen_run.h"

#include <jansson.h>

/* [s] of processor time of this process. */
double screen_processor_seconds(void);

/* Shares, 0 to 1. */
typedef struct {
  double idle, journal, dispatcher;
} screen_use_shares;
screen_use_shares screen_use_of(const screen_use *use);

/* screen_use_look - remembers the worst property of each point of a table
 * In: result [grid->npoint].  Verified by: tests/unit/screening/test_screen_use.c */
PetscErrorCode screen_use_look(screen_session *session, const screen_result result[]);

/* Adds `seconds_left` and the three above to status.json. */
void screen_use_json(const screen_session *session, const queue_tasks *tasks, json_t *root);
