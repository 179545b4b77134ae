/* screening/screen_session.c - what every rank of a run knows, and the way from journals to the
   table */
#define _GNU_SOURCE /* sched_getaffinity; NOLINT(bugprone-reserved-identifier) */
#include "screening/screen_cli.h"
#include "screening/screen_committee.h"
#include "screening/screen_frames.h"
#include "screening/screen_pairs.h"
#include "screening/screen_run.h"
#include "screening/screen_store.h"
#include "screening/screen_streams.h"
#include "screening/screen_surface.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

/* One process a core for computing, in whole groups, and one more, which sleeps, for dispatching;
   never more computing ranks than cores, unless a single group is larger. */
static PetscInt default_ranks(PetscInt group)
{
  PetscInt cores = 1;
  cpu_set_t set;

  CPU_ZERO(&set);
  if (!sched_getaffinity(0, sizeof(set), &set)) cores = (PetscInt)CPU_COUNT(&set);
  return PetscMax(1, cores / group) * group + 1;
}

PetscErrorCode screen_session_kernel(const char *verb, const char *text, mtp_kernel_kind *kernel,
                                     screen_exit *code)
{
  PetscFunctionBegin;
  if (!mtp_kernel_find(text, kernel)) {
    PetscCall(screen_cli_refuse(
        verb, code, "--kernel: got '%s', wanted auto, reference, portable, avx2 or avx512", text));
  } else if (!mtp_kernel_available(*kernel)) {
    PetscCall(screen_cli_refuse(verb, code,
                                "--kernel: this processor has no %s (liquidus version lists what "
                                "it has)",
                                text));
  }
  PetscFunctionReturn(0);
}

/* The active set of a potential, where grades can be made of it; NULL otherwise, and why. */
static PetscErrorCode read_active_set(const screen_member *member, const mtp_potential *pot,
                                      mtp_selection **selection, const char **why, mtp_diag *diag)
{
  PetscFunctionBegin;
  *selection = NULL;
  *why = "no active set";
  if (!member->has_active_set) PetscFunctionReturn(0);
  PetscCall(mtp_selection_parse(pot, member->file, selection, diag));
  *why = NULL;
  if (!*selection || mtp_selection_get_mode(*selection) != MTP_SELECTION_OTHER)
    PetscFunctionReturn(0);
  *why = "the active set is of mixed equations";
  PetscCall(mtp_selection_destroy(selection));
  PetscFunctionReturn(0);
}

/* Kernel and grades of one potential; NULL where its file is not what it was. */
static PetscErrorCode open_member(const screen_session *session, const screen_member *member,
                                  const char **why, md_potential **potential, mtp_diag *diag)
{
  md_mtp_options options = {.kernel = session->options.kernel};
  const PetscInt before = diag->n;
  mtp_potential *pot = NULL;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(mtp_potential_read(member->file, &pot, diag));
  if (!pot) PetscFunctionReturn(0);
  PetscCall(read_active_set(member, pot, &options.selection, why, diag));
  if (diag->n == before) ierr = md_potential_create_mtp_with(&pot, &options, potential);
  if (pot) { /* not taken over */
    PetscCall(mtp_selection_destroy(&options.selection));
    PetscCall(mtp_potential_destroy(&pot));
  }
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Kernels of the members, each once: "avx512/generated+avx512/tables". */
static PetscErrorCode name_kernels(screen_session *session)
{
  char *text = session->campaign->kernel;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(text, session->potential->kernel, MD_KERNEL_TEXT));
  for (PetscInt m = 1; m < session->campaign->nmember; m++) {
    const md_potential *potential = screen_session_potential(session, m);
    const char *more = potential ? potential->kernel : "";
    const size_t used = strlen(text);

    if (strstr(text, more) || used + strlen(more) + 2 > MD_KERNEL_TEXT) continue;
    PetscCall(PetscSNPrintf(text + used, MD_KERNEL_TEXT - used, "+%s", more));
  }
  PetscFunctionReturn(0);
}

/* All members; session->potential stays NULL when one cannot be had. */
static PetscErrorCode open_committee(screen_session *session, mtp_diag *diag)
{
  const screen_campaign *c = session->campaign;
  PetscBool all = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->nmember, &session->committee));
  for (PetscInt m = 0; m < c->nmember; m++) {
    const char *why = NULL;

    PetscCall(open_member(session, &c->member[m], &why, &session->committee[m], diag));
    if (!session->committee[m]) all = PETSC_FALSE;
    if (why) session->unwatched = "no usable active set in a potential of the committee";
  }
  if (all) session->potential = session->committee[0];
  PetscFunctionReturn(0);
}

static PetscErrorCode open_potential(screen_session *session, mtp_diag *diag)
{
  screen_campaign *c = session->campaign;
  const screen_member only = {.file = c->potential_file, .has_active_set = c->has_active_set};

  PetscFunctionBegin;
  if (c->model != SCREEN_MTP) {
    PetscCall(screen_pairs_open(c, &session->potential));
    PetscCall(PetscStrncpy(c->kernel, session->potential->ops->name, MD_KERNEL_TEXT));
    PetscFunctionReturn(0);
  }
  if (c->nmember)
    PetscCall(open_committee(session, diag));
  else
    PetscCall(open_member(session, &only, &session->unwatched, &session->potential, diag));
  if (session->potential) PetscCall(name_kernels(session));
  PetscFunctionReturn(0);
}

const md_potential *screen_session_potential(const screen_session *session, PetscInt m)
{
  return session->committee ? session->committee[m] : session->potential;
}

/* All files of `compare`. */
static PetscErrorCode read_experiments(screen_session *session, mtp_diag *diag)
{
  const screen_campaign *c = session->campaign;
  const char **name;
  PetscReal *mass;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(c->ncomponent, &name, c->ncomponent, &mass));
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    name[k] = c->component[k].name;
    mass[k] = 1e-3 * c->component[k].mass_u;
  }
  for (PetscInt k = 0; k < c->ncompare && !ierr; k++)
    ierr = screen_measured_read(&(screen_measured_components){c->ncomponent, name, mass},
                                c->compare[k], &session->experiments, diag);
  PetscCall(PetscFree2(name, mass));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_open(const screen_run_options *options, screen_session *session,
                                   mtp_diag *diag)
{
  PetscFunctionBegin;
  *session = (screen_session){.options = *options};
  if (options->planning)
    PetscCall(screen_campaign_plan(options->campaign, &session->campaign, diag));
  else
    PetscCall(screen_campaign_read(options->campaign, &session->campaign, diag));
  if (!session->campaign) PetscFunctionReturn(0);
  PetscCall(screen_grid_create(session->campaign, &session->grid, diag));
  if (!session->grid) PetscFunctionReturn(0);
  if (!session->campaign->potential_missing) {
    PetscCall(open_potential(session, diag));
    if (!session->potential) PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1(session->grid->npoint, &session->reason));
  PetscCall(read_experiments(session, diag));
  if (!session->options.group) session->options.group = 1;
  if (!session->options.ranks) session->options.ranks = default_ranks(session->options.group);
  if (!session->options.directory[0]) {
    PetscCall(PetscSNPrintf(session->options.directory, sizeof(session->options.directory),
                            "%s.run", session->campaign->name));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_close(screen_session *session)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(session->reason));
  PetscCall(PetscFree(session->gap));
  PetscCall(PetscFree(session->worst));
  PetscCall(screen_measured_clear(&session->experiments));
  for (PetscInt m = 0; session->committee && m < session->campaign->nmember; m++)
    PetscCall(md_potential_destroy(&session->committee[m]));
  if (session->committee) session->potential = NULL; /* was one of them */
  PetscCall(PetscFree(session->committee));
  PetscCall(md_potential_destroy(&session->potential));
  PetscCall(screen_grid_destroy(&session->grid));
  PetscCall(screen_campaign_destroy(&session->campaign));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_specs(const screen_session *session, PetscInt *n,
                                    queue_task_spec **spec)
{
  const screen_grid *grid = session->grid;
  PetscReal *cost;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(grid->npoint, &cost));
  for (PetscInt p = 0; p < grid->npoint; p++)
    cost[p] = SCREEN_COST_GUESS * (PetscReal)grid->point[p].natoms;
  PetscCall(screen_grid_tasks(session->campaign, grid, cost, n, spec));
  PetscCall(PetscFree(cost));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_tasks(const screen_session *session, queue_tasks **tasks,
                                    int64_t *generation, char **name)
{
  queue_task_spec *spec;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(screen_session_specs(session, &n, &spec));
  PetscCall(queue_tasks_create(n, spec, SCREEN_MAX_CRASHES, tasks));
  PetscCall(PetscFree(spec));
  PetscCall(queue_tasks_give_up_after(*tasks, session->campaign->give_up_after));
  PetscCall(queue_tasks_replay(*tasks, session->options.directory, generation, name));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_look(screen_session *session, const queue_tasks *tasks,
                                   const screen_result result[])
{
  PetscFunctionBegin;
  if (!screen_target_any(session->campaign)) PetscFunctionReturn(0);
  if (!session->gap) PetscCall(PetscCalloc1(session->grid->npoint * SCREEN_NTARGET, &session->gap));
  PetscCall(screen_target_gaps(session->campaign, session->grid, tasks, PETSC_FALSE, result,
                               session->gap));
  PetscFunctionReturn(0);
}

PetscBool screen_session_missed(const screen_session *session)
{
  screen_target_sum sum;

  if (!session->gap) return PETSC_FALSE;
  sum = screen_target_total(session->grid, session->gap);
  return (PetscBool)(sum.met < sum.asked);
}

PetscErrorCode screen_session_check_name(const screen_session *session, const char *name,
                                         screen_exit *code)
{
  PetscFunctionBegin;
  if (name && strcmp(name, session->campaign->name)) {
    PetscCall(screen_cli_refuse("run", code,
                                "%s: holds the results of campaign '%s', not of '%s'; give another "
                                "directory with --out DIR",
                                session->options.directory, name, session->campaign->name));
  }
  PetscFunctionReturn(0);
}

/* Points whose states are worth a look, on all ranks: all but those whose grades stayed below the
   limit; of committees all. */
static PetscErrorCode find_novel(MPI_Comm comm, const screen_session *session, PetscInt nmine,
                                 const PetscInt mine[], const screen_result result[], int novel[])
{
  const screen_campaign *c = session->campaign;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < nmine; k++) novel[mine[k]] = !(result[k].grade_max <= c->grade_save);
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, novel, (int)session->grid->npoint, MPI_INT, MPI_MAX, comm));
  PetscFunctionReturn(0);
}

/* By the first rank; its failure is everybody's. */
static PetscErrorCode write_frames(MPI_Comm comm, const screen_session *session,
                                   const queue_tasks *tasks, const int novel[])
{
  const screen_frames_source source = {.campaign = session->campaign,
                                       .grid = session->grid,
                                       .tasks = tasks,
                                       .directory = session->options.directory,
                                       .novel = session->campaign->nmember ? NULL : novel};
  PetscErrorCode ierr = 0;
  PetscMPIInt rank, code;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) ierr = screen_frames_collect(&source);
  code = (PetscMPIInt)ierr;
  PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, comm));
  PetscCall(ierr);
  PetscCheck(code == 0, PETSC_COMM_SELF, (PetscErrorCode)code, "Frames cannot be written");
  PetscFunctionReturn(0);
}

/* results.h5, after what takes all points together, which is handed out. */
static PetscErrorCode write_table(MPI_Comm comm, const screen_session *session,
                                  const queue_tasks *tasks, PetscInt nmine, const PetscInt mine[],
                                  screen_result result[], screen_result **all)
{
  screen_streams series = {session->campaign, session->grid, tasks, session->options.directory};
  const screen_series_source source = screen_streams_source(&series);
  screen_surfaces surfaces = {0};
  screen_fits fits = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(
      screen_committee_table(comm, session->campaign, session->grid, nmine, mine, result, all));
  ierr = screen_fits_create(session->campaign, session->grid, *all, &fits);
  if (!ierr) ierr = screen_surfaces_create(session->campaign, session->grid, *all, &surfaces);
  if (!ierr)
    ierr = screen_store_write(comm, session->campaign, session->grid, nmine, mine, result,
                              &(screen_store_more){&fits, &source, &surfaces},
                              session->options.directory);
  PetscCall(screen_surfaces_clear(&surfaces));
  PetscCall(screen_fits_clear(&fits));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_finish(MPI_Comm comm, const screen_session *session, PetscInt *failed,
                             screen_result **table)
{
  const PetscInt npoint = session->grid->npoint;
  PetscInt nmine = 0, *mine, bad = 0;
  int *novel;
  screen_result *result, *all;
  queue_tasks *tasks;
  PetscMPIInt rank, size;
  int64_t generation;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(screen_session_tasks(session, &tasks, &generation, NULL));
  PetscCall(PetscMalloc1(npoint / size + 1, &mine));
  PetscCall(PetscCalloc1(npoint / size + 1, &result));
  for (PetscInt p = rank; p < npoint; p += size) {
    PetscCall(screen_committee_compute(session->campaign, session->grid, tasks, p,
                                       session->options.directory, &result[nmine]));
    bad += result[nmine].state != SCREEN_POINT_DONE && result[nmine].state != SCREEN_POINT_EXCLUDED;
    mine[nmine++] = p;
  }
  PetscCall(PetscCalloc1(npoint, &novel));
  PetscCall(find_novel(comm, session, nmine, mine, result, novel));
  PetscCall(write_frames(comm, session, tasks, novel));
  PetscCall(PetscFree(novel));
  PetscCall(write_table(comm, session, tasks, nmine, mine, result, &all));
  if (table)
    *table = all;
  else
    PetscCall(screen_table_free(npoint, &all));
  for (PetscInt k = 0; k < nmine; k++) PetscCall(screen_result_clear(&result[k]));
  PetscCall(PetscFree(result));
  PetscCall(PetscFree(mine));
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCallMPI(MPI_Allreduce(&bad, failed, 1, MPIU_INT, MPI_SUM, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_session_steps(const screen_session *session, double *steps, screen_exit *code)
{
  queue_tasks *tasks;
  int64_t generation;
  char *name = NULL;

  PetscFunctionBegin;
  *steps = 0.0;
  if (access(session->options.directory, F_OK)) PetscFunctionReturn(0);
  PetscCall(screen_session_tasks(session, &tasks, &generation, &name));
  PetscCall(screen_session_check_name(session, name, code));
  PetscCall(PetscFree(name));
  for (PetscInt i = 0; i < queue_tasks_count(tasks); i++)
    *steps += (double)queue_tasks_get(tasks, i)->done;
  PetscCall(queue_tasks_destroy(&tasks));
  PetscFunctionReturn(0);
}
