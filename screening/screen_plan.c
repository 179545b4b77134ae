/* screening/screen_plan.c - `liquidus plan`: what a run would do and cost; changes nothing */
#include "md/md_units.h"
#include "screening/screen_cli.h"
#include "screening/screen_committee.h"
#include "screening/screen_flux.h"
#include "screening/screen_forecast.h"
#include "screening/screen_grid_impl.h"
#include "screening/screen_result.h"
#include "screening/screen_run.h"
#include "screening/screen_start.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROBE_SECONDS 2.0  /* of the time per step, for each of two points */
#define STATE_SECONDS 0.5  /* at most, of each production, for the size of its states */
#define PROBE_LENGTH  1e12 /* [fs] of the stage that is timed: it does not end during the probe */
#define START_SECONDS 10.0 /* of building starting cells; the one that is begun is finished */

/* What a probe measured. */
typedef struct {
  PetscReal slowest, fastest; /* [s] per atom and step, of batches; 0 before the first */
  PetscReal seconds, work;    /* of all batches; work: atoms x steps */
  /* [s] and atoms x steps of productions, with all that is sampled */
  PetscReal stage_seconds[SCREEN_NSTAGE], stage_work[SCREEN_NSTAGE];
  size_t blob[SCREEN_NSTAGE]; /* [byte] of one saved state, the larger point's */
} probe;

/* The solute's concentration that whole formula units give. */
static void print_solute(const screen_campaign *c, const screen_point *point, PetscInt k, FILE *out)
{
  static const char *const unit[SCREEN_NSHARE] = {
      [SCREEN_SHARE_MOLARITY] = "mol/L", [SCREEN_SHARE_MOLALITY] = "mol/kg"};
  const screen_share share = screen__share(c, k);

  if (share != SCREEN_SHARE_MOLARITY && share != SCREEN_SHARE_MOLALITY) return;
  fprintf(out, "; %s %.4g %s", c->component[k].name,
          (double)screen__mixture_share(c, point->units, k), unit[share]);
}

static void points(const screen_campaign *c, const screen_grid *grid, FILE *out)
{
  char why[160];

  fprintf(out, "\n%-36s %8s", "point", "atoms");
  for (PetscInt s = 0; s < c->nspecies; s++) fprintf(out, " %6s", c->species[s]);
  fprintf(out, "   simulated mole fractions, and how far from those asked for\n");
  for (PetscInt p = 0; p < grid->npoint; p++) {
    const screen_point *point = &grid->point[p];
    fprintf(out, "%-36s %8" PetscInt_FMT, point->name, point->natoms);
    for (PetscInt s = 0; s < c->nspecies; s++) fprintf(out, " %6" PetscInt_FMT, point->count[s]);
    fprintf(out, "  ");
    for (PetscInt k = 0; k < c->ncomponent; k++)
      fprintf(out, " %s %.4f", c->component[k].name, point->mole[k]);
    fprintf(out, "; off by %.1e", (double)point->deviation);
    for (PetscInt k = 0; k < c->ncomponent; k++) print_solute(c, point, k, out);
    if (point->liquidus > 0.0) {
      screen_result_excluded_text(c, point, why);
      fprintf(out, "; excluded: %s", why);
    }
    fputc('\n', out);
  }
}

/* Starting cells ------------------------------------------------------------------------------ */

static void print_start(const screen_campaign *c, const screen_point *point,
                        const screen_start_report *report, FILE *out)
{
  const char *how = c->initial ? "read" : report->shrunk < 1.0 ? "packed closer" : "built";

  fprintf(out,
          "%-36s %6.2f x %.2f x %.2f A, %.3f g/cm3, %s: distances %.2f of what is wanted, "
          "worst %.3f\n",
          point->name, (double)report->edge[0], (double)report->edge[1], (double)report->edge[2],
          (double)(report->density * MD_DENSITY_SI / MD_ATOMIC_MASS * 1e-3), how,
          (double)report->shrunk, (double)report->worst);
}

/* Builds the cell of the first replica at a point, as `run` will. */
static PetscErrorCode build_start(const screen_session *session, const screen_point *point,
                                  screen_start_report *report, screen_exit *code)
{
  const PetscReal shortest =
      session->potential ? session->potential->min_dist : SCREEN_SHORTEST_GUESS;
  md_atoms atoms = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  screen_cli_error_clear();
  ierr = screen_start_build(session->campaign, point, shortest, screen_start_rng(point, 0), &atoms,
                            report);
  PetscCall(md_atoms_clear(&atoms));
  if (ierr != PETSC_ERR_ARG_OUTOFRANGE && ierr != PETSC_ERR_FILE_UNEXPECTED) PetscCall(ierr);
  if (ierr) {
    PetscCall(screen_cli_refuse("plan", code, "%s: the starting cell cannot be built: %s",
                                point->name, screen_cli_error()));
    screen_cli_error_clear();
  }
  PetscFunctionReturn(0);
}

/* One cell a composition, until patience ends: conditions change nothing but the random numbers. */
static PetscErrorCode print_starts(const screen_session *session, screen_exit *code)
{
  const screen_campaign *c = session->campaign;
  const PetscInt conditions = c->temperature.n * c->pressure.n;
  const PetscInt n = session->grid->npoint / conditions;
  const double begin = screen_seconds();

  PetscFunctionBegin;
  printf("\nstarting cells\n");
  for (PetscInt i = 0; i < n; i++) {
    const screen_point *point = &session->grid->point[i * conditions];
    screen_exit bad = SCREEN_EXIT_DONE;
    screen_start_report report;

    if (screen_seconds() - begin > START_SECONDS) {
      printf("... %" PetscInt_FMT " more of %" PetscInt_FMT " were not built here\n", n - i, n);
      break;
    }
    PetscCall(build_start(session, point, &report, &bad));
    if (bad == SCREEN_EXIT_DONE)
      print_start(c, point, &report, stdout);
    else
      *code = bad;
  }
  PetscFunctionReturn(0);
}

/* Times batches of about a quarter of a second.  The first, of few steps, sets their size and is
   not counted. */
static PetscErrorCode probe_time(screen_job *job, const screen_point *point, probe *p)
{
  const double begin = screen_seconds();
  md_reason reason = MD_RUNNING;
  char detail[160];
  int64_t steps = 4;

  PetscFunctionBegin;
  for (PetscInt batch = 0;
       batch < 2 || (screen_seconds() - begin < PROBE_SECONDS && reason == MD_RUNNING); batch++) {
    const int64_t before = screen_job_done(job);
    const double start = screen_seconds();
    PetscCall(screen_job_advance(job, steps, &reason, detail));
    const PetscReal work = (PetscReal)((screen_job_done(job) - before) * point->natoms);
    if (work <= 0.0) break;
    const PetscReal each = PetscMax(1e-12, (screen_seconds() - start) / work);
    steps = PetscMax(1, (int64_t)(0.25 / (each * (PetscReal)point->natoms)));
    if (batch == 0) continue;
    p->slowest = PetscMax(p->slowest, each);
    p->fastest = p->fastest > 0.0 ? PetscMin(p->fastest, each) : each;
    p->seconds += each * work;
    p->work += work;
  }
  PetscFunctionReturn(0);
}

/* Saves the state as it is and notes its size. */
static PetscErrorCode probe_save(screen_job *job, screen_stage stage, md_blob *blob, probe *p)
{
  PetscFunctionBegin;
  PetscCall(md_blob_clear(blob));
  PetscCall(screen_job_save(job, blob));
  p->blob[stage] = PetscMax(p->blob[stage], blob->size);
  PetscFunctionReturn(0);
}

/* Steps of a production for a while; the first are not counted. */
static PetscErrorCode probe_steps(const screen_session *session, const screen_point *point,
                                  screen_stage stage, screen_job *job, probe *p)
{
  const double begin = screen_seconds();
  const int64_t total = screen_stage_steps(session->campaign, stage);
  const int64_t atoms = screen_stage_atoms(session->campaign, point, stage);
  md_reason reason = MD_RUNNING;
  char detail[160];

  PetscFunctionBegin;
  while (reason == MD_RUNNING && screen_seconds() - begin < STATE_SECONDS &&
         screen_job_done(job) < total) {
    const int64_t before = screen_job_done(job);
    const double start = screen_seconds();

    PetscCall(screen_job_advance(job, 10, &reason, detail));
    if (before == 0) continue;
    p->stage_seconds[stage] += screen_seconds() - start;
    p->stage_work[stage] += (PetscReal)((screen_job_done(job) - before) * atoms);
  }
  PetscFunctionReturn(0);
}

/* A stretch of a stage from the state in `blob`, which becomes that at its end. */
static PetscErrorCode probe_stage(const screen_session *session, const screen_point *point,
                                  screen_stage stage, md_blob *blob, probe *p)
{
  screen_job *job = NULL;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (screen_stage_steps(session->campaign, stage) == 0) PetscFunctionReturn(0);
  blob->read = 0;
  ierr =
      screen_job_create(session->campaign, point, screen_session_potential(session, point->member),
                        0, stage, blob, PETSC_FALSE, &job);
  if (!ierr) ierr = probe_steps(session, point, stage, job, p);
  if (!ierr) ierr = probe_save(job, stage, blob, p);
  PetscCall(screen_job_destroy(&job));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode probe_point(const screen_session *session, const screen_point *point,
                                  probe *p)
{
  screen_campaign endless = *session->campaign; /* borrows all it points to */
  screen_job *job = NULL;
  md_blob blob = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  endless.equilibration = PROBE_LENGTH;
  ierr = screen_job_create(&endless, point, screen_session_potential(session, point->member), 0,
                           SCREEN_EQUILIBRATION, NULL, PETSC_FALSE, &job);
  if (!ierr) ierr = probe_time(job, point, p);
  if (!ierr) ierr = probe_save(job, SCREEN_EQUILIBRATION, &blob, p);
  PetscCall(screen_job_destroy(&job));
  for (int s = SCREEN_NPT; s < SCREEN_NSTAGE && !ierr; s++)
    ierr = probe_stage(session, point, (screen_stage)s, &blob, p);
  PetscCall(md_blob_clear(&blob));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Points with the fewest and the most atoms. */
static void extremes(const screen_grid *grid, PetscInt *fewest, PetscInt *most)
{
  *fewest = *most = 0;
  for (PetscInt p = 1; p < grid->npoint; p++) {
    if (grid->point[p].natoms < grid->point[*fewest].natoms) *fewest = p;
    if (grid->point[p].natoms > grid->point[*most].natoms) *most = p;
  }
}

/* Points with the fewest and the most atoms, run by every member of a committee. */
static PetscErrorCode probe_extremes(const screen_session *session, probe *p)
{
  const screen_grid *grid = session->grid;
  PetscInt fewest, most;

  PetscFunctionBegin;
  extremes(grid, &fewest, &most);
  for (PetscInt m = 0; m < screen_campaign_members(session->campaign); m++) {
    const screen_point *point = screen_grid_member(grid, m);

    PetscCall(probe_point(session, &point[fewest], p));
    if (most != fewest) PetscCall(probe_point(session, &point[most], p));
  }
  PetscFunctionReturn(0);
}

/* [s] of an atom and step of a stage; of the equilibration where it was not timed */
static double stage_cost(const probe *p, screen_stage stage)
{
  const double mean = p->work > 0.0 ? p->seconds / p->work : 0.0;

  return p->stage_work[stage] > 0.0 ? p->stage_seconds[stage] / p->stage_work[stage] : mean;
}

/* [s] of a stage of all replicas of all points */
static double stage_seconds(const screen_session *session, const probe *p, screen_stage stage)
{
  double atoms = 0.0;

  for (PetscInt k = 0; k < session->grid->npoint; k++)
    if (session->grid->point[k].liquidus == 0.0)
      atoms += (double)screen_stage_atoms(session->campaign, &session->grid->point[k], stage);
  return stage_cost(p, stage) * (double)screen_stage_steps(session->campaign, stage) * atoms *
         (double)session->campaign->replicas * (double)screen_campaign_members(session->campaign);
}

static double busy_seconds(const screen_session *session, const probe *p)
{
  double seconds = 0.0;

  for (int s = 0; s < SCREEN_NSTAGE; s++) seconds += stage_seconds(session, p, (screen_stage)s);
  return seconds;
}

/* What productions cost, with all that they sample. */
static void print_stages(const screen_session *session, const probe *p, FILE *out)
{
  for (PetscInt s = SCREEN_NPT; s < SCREEN_NSTAGE; s++)
    if (screen_stage_steps(session->campaign, (screen_stage)s) > 0)
      fprintf(out, "%s production: %.3g us per atom and step with what is sampled\n",
              screen_stage_name((screen_stage)s), 1e6 * stage_cost(p, (screen_stage)s));
}

/* Points that are not excluded. */
static PetscInt count_runs(const screen_grid *grid)
{
  PetscInt n = 0;

  for (PetscInt p = 0; p < grid->npoint; p++) n += grid->point[p].liquidus == 0.0;
  return n;
}

/* A state of each task stays after compaction; a run adds one a segment. */
static void print_disk(const screen_session *session, const probe *p, FILE *out)
{
  const screen_campaign *c = session->campaign;
  const double replicas =
      (double)count_runs(session->grid) * (double)c->replicas * (double)screen_campaign_members(c);
  double kept = 0.0, written = 0.0;

  for (PetscInt k = 0; k < SCREEN_NSTAGE; k++) {
    const screen_stage s = (screen_stage)k;
    const int64_t steps = screen_stage_steps(c, s);
    const double bytes = (double)p->blob[k] + screen_stage_series_bytes(c, s, steps);
    const double seconds = screen_segment_seconds(c, s, steps, SCREEN_SEGMENT_SECONDS);

    if (steps == 0) continue;
    kept += bytes * replicas;
    written += bytes * (replicas + stage_seconds(session, p, s) / seconds);
  }
  fprintf(out, "disk: about %.1f MB of journals, %.1f MB before the next start compacts them\n",
          1e-6 * kept, 1e-6 * written);
}

static void print_cost(const screen_session *session, const probe *p, PetscInt workers, FILE *out)
{
  const double mean = p->work > 0.0 ? p->seconds / p->work : 0.0;
  const double busy = busy_seconds(session, p);
  const double spread = mean > 0.0 ? 50.0 * (p->slowest - p->fastest) / mean : 0.0;
  struct rusage use;

  fprintf(out, "probe: %.3g us per atom and step on this machine (%.3g to %.3g)\n", 1e6 * mean,
          1e6 * p->fastest, 1e6 * p->slowest);
  print_stages(session, p, out);
  fprintf(out, "cost: %.3g core-hours +- %.0f %%; %.3g h with %" PetscInt_FMT " workers here\n",
          busy / 3600.0, PetscMax(10.0, spread), busy / 3600.0 / (double)workers, workers);
  getrusage(RUSAGE_SELF, &use);
  fprintf(out, "memory: about %.0f MB a rank\n", (double)use.ru_maxrss / 1024.0);
  print_disk(session, p, out);
}

/* Kernel, and how extrapolation is watched. */
static void print_potential(const screen_session *session, FILE *out)
{
  if (!session->potential) {
    fprintf(out, "potential: %s\n", session->campaign->potential_missing);
    fprintf(out,
            "  `run` will want it; cost, memory and disk are not probed, and cells are packed "
            "as if its shortest distance were %.1f A\n",
            SCREEN_SHORTEST_GUESS);
    return;
  }
  if (session->campaign->potential_text) {
    fprintf(out, "%s", session->campaign->potential_text);
    return;
  }
  for (PetscInt m = 0; m < session->campaign->nmember; m++)
    fprintf(out, "%s%s", m ? ", " : "committee of potentials: ", session->campaign->member[m].name);
  if (session->campaign->nmember)
    fprintf(out, "; each runs %" PetscInt_FMT " replicas of its own\n",
            session->campaign->replicas);
  fprintf(out, "kernel: %s\n", session->campaign->kernel);
  if (session->unwatched) {
    fprintf(out, "%s: extrapolation is not watched\n", session->unwatched);
    return;
  }
  fprintf(out, "extrapolation grades: every %" PetscInt_FMT " steps, flag above %g, end above %g\n",
          md_potential_grade_period(session->potential), (double)session->campaign->grade_save,
          (double)session->campaign->grade_break);
}

/* Whether a point is a mixture. */
static PetscBool is_mixed(const screen_campaign *campaign, const screen_point *point)
{
  PetscInt kinds = 0;

  for (PetscInt s = 0; s < campaign->nspecies; s++) kinds += point->count[s] > 0 ? 1 : 0;
  return (PetscBool)(kinds > 1);
}

static void print_silent(PetscInt n, PetscInt npoint, PetscInt least, const char *guard, FILE *out)
{
  if (n > 0)
    fprintf(out,
            "guards: no look for %s in cells of fewer than %" PetscInt_FMT " atoms: %" PetscInt_FMT
            " of %" PetscInt_FMT " points\n",
            guard, least, n, npoint);
}

/* Guards that say nothing about cells as small as these. */
static void print_guards(const screen_session *session, FILE *out)
{
  const screen_grid *grid = session->grid;
  PetscInt voids, demixing, small = 0, close = 0;

  md_guard_least(&session->campaign->guard, &voids, &demixing);
  for (PetscInt p = 0; p < grid->npoint; p++) {
    const screen_point *point = &grid->point[p];

    small += point->natoms < voids ? 1 : 0;
    close += is_mixed(session->campaign, point) && point->natoms < demixing ? 1 : 0;
  }
  print_silent(small, grid->npoint, voids, "voids (evaporation; the volume is watched)", out);
  print_silent(close, grid->npoint, demixing, "demixing", out);
}

/* Expected errors ---------------------------------------------------------------------------- */

/* Core time of one replica, as probed here; left alone without a probe. */
static void price_replicas(const screen_session *session, const probe *p, double seconds[])
{
  for (PetscInt k = 0; k < session->grid->npoint && p->work > 0.0; k++) {
    seconds[k] = 0.0;
    for (int s = 0; s < SCREEN_NSTAGE && session->grid->point[k].liquidus == 0.0; s++)
      seconds[k] +=
          stage_cost(p, (screen_stage)s) *
          (double)screen_stage_steps(session->campaign, (screen_stage)s) *
          (double)screen_stage_atoms(session->campaign, &session->grid->point[k], (screen_stage)s);
  }
}

/* The values of a directory, and what they say about any target. */
static PetscErrorCode learn_from(const screen_session *session, const queue_tasks *tasks,
                                 PetscReal error[], PetscReal neff[], PetscInt *npoint)
{
  const PetscInt n = session->grid->npoint;
  screen_campaign any = *session->campaign; /* borrows all it points to */
  screen_result *all, *table = NULL;
  PetscInt *index;
  screen_gap *gap;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  any.replicas *= screen_campaign_members(&any);
  for (int k = 0; k < SCREEN_NTARGET; k++) any.target[k] = 1.0;
  PetscCall(PetscCalloc1(n, &all));
  PetscCall(PetscMalloc2(n * SCREEN_NTARGET, &gap, n, &index));
  for (PetscInt p = 0; p < n && !ierr; p++) {
    index[p] = p;
    ierr = screen_committee_compute(session->campaign, session->grid, tasks, p,
                                    session->options.directory, &all[p]);
  }
  if (!ierr)
    ierr = screen_committee_table(PETSC_COMM_SELF, session->campaign, session->grid, n, index, all,
                                  &table);
  if (!ierr) ierr = screen_target_gaps(&any, session->grid, tasks, PETSC_FALSE, all, gap);
  if (!ierr) ierr = screen_forecast_learn(&any, session->grid, gap, error, neff, npoint);
  PetscCall(screen_table_free(n, &table));
  PetscCall(screen_table_free(n, &all));
  PetscCall(PetscFree2(gap, index));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* A directory of this campaign is asked; none is no fault unless it was named. */
static PetscErrorCode look_into(const screen_session *session, PetscBool named, PetscReal error[],
                                PetscReal neff[], PetscInt *npoint, screen_exit *code)
{
  const char *directory = session->options.directory;
  queue_tasks *tasks = NULL;
  char *name = NULL;
  int64_t generation;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  *npoint = 0;
  if (access(directory, R_OK | X_OK) != 0) {
    if (named) PetscCall(screen_cli_refuse("plan", code, "--out %s: cannot be read", directory));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_session_tasks(session, &tasks, &generation, &name));
  if (!name || !strcmp(name, session->campaign->name))
    ierr = learn_from(session, tasks, error, neff, npoint);
  else if (named)
    ierr =
        screen_cli_refuse("plan", code, "--out %s: holds the results of campaign '%s', not of '%s'",
                          directory, name, session->campaign->name);
  PetscCall(PetscFree(name));
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode print_errors(const screen_session *session, PetscBool named, const probe *p,
                                   screen_exit *code)
{
  const PetscInt n = session->grid->npoint;
  PetscInt npoint = 0;
  screen_campaign all = *session->campaign; /* borrows all it points to */
  PetscReal *error, *neff;
  double *seconds;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  all.replicas *= screen_campaign_members(&all);
  PetscCall(PetscMalloc1(n * SCREEN_NTARGET, &error));
  PetscCall(PetscCalloc1(n * SCREEN_NTARGET, &neff));
  PetscCall(PetscCalloc1(n, &seconds));
  price_replicas(session, p, seconds);
  ierr = screen_forecast_guess(&all, session->grid, error);
  if (!ierr) ierr = look_into(session, named, error, neff, &npoint, code);
  printf("\nexpected errors of %" PetscInt_FMT " replicas, ", all.replicas);
  if (npoint > 0)
    printf("from %" PetscInt_FMT " points in %s\n", npoint, session->options.directory);
  else
    printf("from fluctuations and memories of typical melts: good to a factor of two\n");
  if (!ierr) ierr = screen_forecast_print(&all, session->grid, error, neff, seconds, stdout);
  PetscCall(PetscFree(error));
  PetscCall(PetscFree(neff));
  PetscCall(PetscFree(seconds));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The runs of one kind in one cell, from `first` on; returns the first of the next. */
static PetscInt print_cell(const screen_campaign *c, const screen_point *point, PetscInt first,
                           FILE *out)
{
  PetscInt repeat[3], k = first;

  screen_flux_repeat(c, point, first, repeat);
  fprintf(out,
          "%-36s %s %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT ", %" PetscInt_FMT
          " atoms,",
          point->name, c->flux[first].kind == MD_RNEMD_HEAT ? "heat " : "shear", repeat[0],
          repeat[1], repeat[2], screen_stage_atoms(c, point, (screen_stage)(SCREEN_FLUX + first)));
  do {
    fprintf(out, "%s %" PetscInt_FMT, k > first ? " and" : "",
            screen_flux_exchange(c, point, k).period);
    k++;
  } while (k < c->nflux && !c->flux[k].first);
  fputc('\n', out);
  return k;
}

/* Cells of imposed fluxes and how often there is an exchange. */
static void print_fluxes(const screen_session *session, FILE *out)
{
  const screen_campaign *c = session->campaign;

  if (c->nflux == 0) return;
  fprintf(
      out,
      "\nimposed fluxes: cells of the point's along each edge, atoms, steps between exchanges\n");
  for (PetscInt p = 0; p < session->grid->npoint; p++) {
    const screen_point *point = &session->grid->point[p];

    for (PetscInt k = 0; k < c->nflux && point->liquidus == 0.0;) k = print_cell(c, point, k, out);
  }
}

static PetscErrorCode print_plan(const screen_session *session, PetscBool with_probe,
                                 PetscBool named, screen_exit *code)
{
  const screen_campaign *c = session->campaign;
  queue_task_spec *spec;
  probe p = {0};
  PetscInt ntask;

  PetscFunctionBegin;
  PetscCall(screen_session_specs(session, &ntask, &spec));
  PetscCall(PetscFree(spec));
  printf("campaign %s: %" PetscInt_FMT " points, %" PetscInt_FMT " replicas, %" PetscInt_FMT
         " tasks of one rank each\n",
         c->name, session->grid->npoint, c->replicas * screen_campaign_members(c),
         ntask / screen_grid_replicas(c) * c->replicas);
  points(c, session->grid, stdout);
  printf("\neach replica:");
  for (PetscInt s = 0; s < SCREEN_NSTAGE; s++) {
    const int64_t steps = screen_stage_steps(c, (screen_stage)s);
    if (steps)
      printf(" %s %.4g ps (%lld steps)", screen_stage_name((screen_stage)s),
             1e-3 * c->dt * (double)steps, (long long)steps);
  }
  printf(", %.4g fs a step\n", c->dt);
  print_potential(session, stdout);
  print_guards(session, stdout);
  PetscCall(print_starts(session, code));
  print_fluxes(session, stdout);
  if (with_probe && session->potential && *code == SCREEN_EXIT_DONE) {
    PetscCall(probe_extremes(session, &p));
    print_cost(session, &p, session->options.ranks - 1, stdout);
  }
  if (*code == SCREEN_EXIT_DONE) PetscCall(print_errors(session, named, &p, code));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_plan(int argc, char **argv, screen_exit *code)
{
  screen_run_options options = {.planning = PETSC_TRUE};
  screen_session session = {0};
  PetscBool with_probe = PETSC_TRUE;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--no-probe"))
      with_probe = PETSC_FALSE;
    else if ((!strcmp(argv[i], "--kernel") || !strcmp(argv[i], "-k")) && i + 1 < argc)
      PetscCall(screen_session_kernel("plan", argv[++i], &options.kernel, code));
    else if ((!strcmp(argv[i], "--out") || !strcmp(argv[i], "-o")) && i + 1 < argc)
      PetscCall(PetscStrncpy(options.directory, argv[++i], sizeof(options.directory)));
    else if (!options.campaign && argv[i][0] != '-')
      options.campaign = argv[i];
    else
      options.campaign = "";
  }
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  if (!options.campaign || !options.campaign[0]) {
    PetscCall(
        screen_cli_refuse("plan", code, "wanted one campaign file; see liquidus plan --help"));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_session_open(&options, &session, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE)
    PetscCall(print_plan(&session, with_probe, (PetscBool)(options.directory[0] != 0), code));
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
