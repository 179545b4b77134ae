/* screening/screen_streams.h - the block means of all replicas, read back from the journals
 *
 * The source of /series of results.h5 (screen_store.h).  Tasks are borrowed and must be those of
 * screen_grid_tasks(), replayed.  Not collective.
 * Verified by: tests/system/analyze.sh */
#pragma once

#include "screening/screen_store.h"

typedef struct {
  const screen_campaign *campaign;
  const screen_grid *grid;
  const queue_tasks *tasks;
  const char *directory;
} screen_streams;

/* `series` is borrowed by what is handed out. */
screen_series_source screen_streams_source(screen_streams *series);
