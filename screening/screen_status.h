/* screening/screen_status.h - what `liquidus status` shows, once or again and again */
#pragma once

#include "screening/screen_verbs.h"

#include <jansson.h>

/* screen_status_read - status.json, with what a reader adds: `alive`, whether a run works there,
 * and `last_error`, the last failed replica or death of the job in DIR/log ({time, text}; null:
 * none)
 *
 * Touches nothing.  Returns NULL when there is no status.json; problem says why.  json_decref(). */
json_t *screen_status_read(const char *directory, char problem[256]);

/* For people.  rows: of points at most, those that run or failed before others; 0: all. */
void screen_status_print(const json_t *root, int rows, FILE *out);

/* screen_status_watch - shows DIR until its campaign is complete
 *
 * On a terminal the page is drawn anew every two seconds; elsewhere a line is printed when a point
 * ended or the state changed, and every half a minute.  A directory in which nothing works is
 * waited for: a successor may come.  SIGINT, SIGTERM and SIGHUP end it at once.
 * Out:  code  that of the campaign; SCREEN_EXIT_RESUMABLE after a signal; SCREEN_EXIT_BAD_INPUT
 *             when there is nothing of a campaign at the start
 * Verified by: tests/cli/status_watch.sh */
PetscErrorCode screen_status_watch(const char *directory, screen_exit *code);
