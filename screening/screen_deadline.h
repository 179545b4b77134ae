/* screening/screen_deadline.h - how much of a task surely ends before a batch job does
 *
 * A segment that the batch system cuts off is lost, and where the job has no other it is lost again
 * in the next job.  So the cost of a step is taken with a margin, the larger the less is known:
 *
 *   measured at this point and stage   1.5  a loaded machine, a state that is written
 *   measured elsewhere in the campaign 3    the queue scales its estimate by the pace of the stage,
 *                                           else of all stages (queue/queue_schedule.c); currents
 *                                           and their virials cost up to half as much again, and
 *                                           points differ in their neighbours
 *   nothing measured                   10   the guess of SCREEN_COST_GUESS, which a plain kernel of
 *                                           a high level exceeds several times
 */
#pragma once

#include "queue/queue_tasks.h"

/* screen_deadline_any - whether some task of the campaign has been timed
 * Cost: O(tasks). */
PetscBool screen_deadline_any(const queue_tasks *tasks);

/* screen_deadline_steps - steps of task i that end within so many seconds
 *
 * In:   any   screen_deadline_any(), or what has been heard since
 *       left  [s]
 * Returns 0 where a single one is not sure to, and without time left.
 * Pure.  Cost: O(tasks of the point).
 * Verified by: tests/unit/screening/test_screen_deadline.c */
int64_t screen_deadline_steps(const queue_tasks *tasks, PetscInt i, PetscBool any, double left);
