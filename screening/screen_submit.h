/* screening/screen_submit.h - what a job of a campaign asks of the batch system */
#pragma once

#include "queue/queue_batch.h"
#include "screening/screen_campaign.h"

typedef struct {
  queue_batch_system system;
  PetscInt nodes, tasks, group;                            /* tasks 0: not said */
  PetscReal walltime;                                      /* [s] 0: not said */
  char *partition, *account, *memory, *directives, *setup; /* owned; "" where not said */
} screen_queue;

/* screen_queue_read - `queue` of a campaign; key by key from the site's file where it is silent
 *
 * In:   site  the site's file, a map with the key `queue`; need not exist
 * Out:  queue  screen_queue_clear()
 *       diag   what is wrong with the site's file, and texts of the campaign with line feeds where
 *              a batch system wants a word
 * Returns 0 also for bad input.  Verified by: tests/cli/submit.sh */
PetscErrorCode screen_queue_read(const screen_campaign *campaign, const char *site,
                                 screen_queue *queue, mtp_diag *diag);
PetscErrorCode screen_queue_clear(screen_queue *queue);

/* [s] before the end of the walltime at which a job is to have stopped: a tenth of it, half a
 * minute to five minutes, but not more than half */
PetscReal screen_queue_margin(PetscReal walltime);
