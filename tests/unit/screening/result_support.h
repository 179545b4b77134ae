/* tests/unit/screening/result_support.h - points with two replicas each of a small Lennard-Jones
 * salt: run by jobs and written to a journal, as workers do it */
#pragma once

#include "md/md_units.h"
#include "screening/screen_result.h"
#include "tests/support/expect.h"

enum { NSPECIES = 2, NREPLICA = 2, NPOINT = 7, NBIN = 160, MAX_CRASHES = 1 };

static char directory[] = "/tmp/test_screen_result.XXXXXX";
static char species[NSPECIES][4] = {"Na", "Cl"};
static PetscReal mass[NSPECIES] = {22.99 * MD_ATOMIC_MASS, 35.45 * MD_ATOMIC_MASS},
                 charge[NSPECIES] = {1.0, -1.0};
static PetscInt count[NSPECIES] = {12, 12};
static PetscReal radius_of[NSPECIES] = {1.2, 0.0};
static screen_campaign campaign;
static screen_point points[NPOINT];
static screen_grid grid = {.npoint = NPOINT, .point = points};
static md_potential *pot;
static queue_journal *journal;
static int64_t generation;
static md_blob saved[NREPLICA][SCREEN_FLUX]; /* end states of point 0 */

static void append(queue_record_kind kind, PetscInt p, PetscInt replica, screen_stage stage,
                   int64_t done, int32_t status, const void *payload, size_t size)
{
  const queue_record record = {.kind = kind,
                               .key = points[p].key,
                               .replica = (int32_t)replica,
                               .stage = (int32_t)stage,
                               .origin = screen_stage_origin(&campaign, stage),
                               .done = done,
                               .total = screen_stage_steps(&campaign, stage),
                               .status = status,
                               .seconds = 1.5,
                               .size = size,
                               .payload = payload};

  expect_ok(queue_journal_append(journal, &record, PETSC_FALSE, NULL));
}

/* Runs the stages of a replica of point 0 up to and with `last`, that one `steps` long. */
static void run_replica(PetscInt replica, screen_stage last, int64_t steps)
{
  for (int stage = 0; stage <= (int)last; stage++) {
    screen_job *job;
    md_reason reason;
    char detail[160];
    md_blob *start = stage > 0 ? &saved[replica][stage - 1] : NULL, *end = &saved[replica][stage];

    if (start) start->read = 0;
    expect_ok(screen_job_create(&campaign, &points[0], pot, replica, (screen_stage)stage, start,
                                PETSC_FALSE, &job));
    expect_ok(screen_job_advance(job, stage == (int)last ? steps : INT64_MAX, &reason, detail));
    if (reason < 0) fail_msg("%s", detail);
    expect_ok(md_blob_clear(end));
    expect_ok(screen_job_save(job, end));
    append(QUEUE_RECORD_SEGMENT, 0, replica, (screen_stage)stage, screen_job_done(job), 0,
           end->data, end->size);
    expect_ok(screen_job_destroy(&job));
  }
}

static void compute(PetscInt p, screen_result *result)
{
  PetscReal cost[NPOINT] = {0};
  queue_task_spec *spec;
  queue_tasks *tasks;
  int64_t found;
  PetscInt n;

  expect_ok(screen_grid_tasks(&campaign, &grid, cost, &n, &spec));
  assert_int_equal(n, NPOINT * NREPLICA * SCREEN_FLUX);
  expect_ok(queue_tasks_create(n, spec, MAX_CRASHES, &tasks));
  expect_ok(queue_tasks_replay(tasks, directory, &found, NULL));
  expect_ok(screen_result_compute(&campaign, &grid, tasks, p, directory, result));
  expect_ok(queue_tasks_destroy(&tasks));
  expect_ok(PetscFree(spec));
}

static void read_saved(PetscInt replica, screen_stage stage, screen_job_state *state)
{
  saved[replica][stage].read = 0;
  *state = (screen_job_state){0};
  expect_ok(screen_job_state_read(&campaign, &points[0], &saved[replica][stage], state));
}

/* Blocks of the NVE stream of a replica, as saved. */
static PetscInt saved_blocks(PetscInt replica, screen_job_state *state)
{
  read_saved(replica, SCREEN_NVE, state);
  return state->nve_stream.nblock;
}
