/* screening/screen_explain.h - why the numbers of a point are missing, slow or flagged, in words */
#pragma once

#include "screening/screen_cli.h"
#include "screening/screen_run.h"

/* Where the error of a value is aimed at when a campaign sets no target: 5 % */
#define SCREEN_EXPLAIN_TARGET 0.05

/* screen_explain_point - state, cost, and every flagged value with what would cure it
 *
 * Not collective.
 * In:   session  campaign, grid, what was found about targets; tasks  as the journals tell
 *       point    index
 *       result   the point, after screen_table_couple()
 *       out      text for people, lines of any length up to about 150 columns
 * Cost is that of the tasks so far; what a longer or a wider run would cost follows from it.
 * Verified by: tests/unit/screening/test_screen_explain.c */
PetscErrorCode screen_explain_point(const screen_session *session, const queue_tasks *tasks,
                                    PetscInt point, const screen_result *result, FILE *out);

/* screen_explain_flag - what helps against a flag: a sentence; every bit has one
 * NULL for a bit that does not exist.  Static. */
const char *screen_explain_flag(PetscInt bit);

/* The points of a grid by their names. */
screen_choice_names screen_explain_names(const screen_grid *grid);
