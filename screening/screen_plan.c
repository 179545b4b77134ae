/* screening/screen_plan.c - `liquidus plan`: what a run would do and cost; changes nothing */
#include "screening/screen_cli.h"
#include "screening/screen_compare.h"
#include "screening/screen_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define PROBE_SECONDS 2.0 /* for each of two points */

/* What a probe measured. */
typedef struct {
  PetscBool done;
  PetscReal slowest, fastest, mean; /* [s] per atom and step */
  size_t blob;                      /* bytes of one saved state */
} probe;

static void points(const screen_campaign *c, const screen_grid *grid, FILE *out)
{
  fprintf(out, "\n%-36s %8s", "point", "atoms");
  for (PetscInt s = 0; s < c->nspecies; s++) fprintf(out, " %6s", c->species[s]);
  fprintf(out, "   simulated mole fractions\n");
  for (PetscInt p = 0; p < grid->npoint; p++) {
    const screen_point *point = &grid->point[p];
    fprintf(out, "%-36s %8" PetscInt_FMT, point->name, point->natoms);
    for (PetscInt s = 0; s < c->nspecies; s++) fprintf(out, " %6" PetscInt_FMT, point->count[s]);
    fprintf(out, "  ");
    for (PetscInt k = 0; k < c->ncomponent; k++)
      fprintf(out, " %s %.4f", c->component[k].name, point->mole[k]);
    fputc('\n', out);
  }
}

static PetscErrorCode probe_job(screen_job *job, const screen_point *point, probe *p)
{
  const double begin = screen_seconds();
  md_reason reason = MD_RUNNING;
  char detail[160];
  int64_t steps = 4;
  md_blob blob = {0};

  PetscFunctionBegin;
  while (screen_seconds() - begin < PROBE_SECONDS && reason == MD_RUNNING) {
    const double start = screen_seconds();
    PetscCall(screen_job_advance(job, steps, &reason, detail));
    const PetscReal each = (screen_seconds() - start) / (PetscReal)(steps * point->natoms);
    p->slowest = PetscMax(p->slowest, each);
    p->fastest = p->done ? PetscMin(p->fastest, each) : each;
    p->done = PETSC_TRUE;
    steps = PetscMax(1, (int64_t)(0.25 / (each * (PetscReal)point->natoms)));
  }
  p->mean = 0.5 * (p->slowest + p->fastest);
  PetscCall(screen_job_save(job, &blob));
  p->blob = PetscMax(p->blob, blob.size);
  PetscCall(md_blob_clear(&blob));
  PetscFunctionReturn(0);
}

static PetscErrorCode probe_point(const screen_session *session, PetscInt index, probe *p)
{
  const screen_point *point = &session->grid->point[index];
  screen_job *job = NULL;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = screen_job_create(session->campaign, point, session->potential, 0, SCREEN_EQUILIBRATION,
                           NULL, PETSC_FALSE, &job);
  if (!ierr) ierr = probe_job(job, point, p);
  PetscCall(screen_job_destroy(&job));
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

static double atom_steps(const screen_session *session)
{
  double sum = 0.0, steps = 0.0;

  for (PetscInt s = 0; s < SCREEN_NSTAGE; s++)
    steps += (double)screen_stage_steps(session->campaign, (screen_stage)s);
  for (PetscInt p = 0; p < session->grid->npoint; p++)
    sum += steps * (double)session->grid->point[p].natoms;
  return sum * (double)session->campaign->replicas;
}

static void print_cost(const screen_session *session, const probe *p, PetscInt ntask,
                       PetscInt workers, FILE *out)
{
  const double work = atom_steps(session), hours = work * p->mean / 3600.0;
  const double spread = p->mean > 0.0 ? 50.0 * (p->slowest - p->fastest) / p->mean : 0.0;
  struct rusage use;

  fprintf(out, "probe: %.1f us per atom and step on this machine (%.1f to %.1f)\n", 1e6 * p->mean,
          1e6 * p->fastest, 1e6 * p->slowest);
  fprintf(out, "cost: %.3g core-hours +- %.0f %%; %.3g h with %" PetscInt_FMT " workers here\n",
          hours, PetscMax(10.0, spread), hours / (double)workers, workers);
  getrusage(RUSAGE_SELF, &use);
  fprintf(out, "memory: about %.0f MB a rank\n", (double)use.ru_maxrss / 1024.0);
  /* a state of each task stays after compaction; a run adds one a segment of 20 s */
  fprintf(out,
          "disk: about %.1f MB of journals, at most %.1f MB before the next start compacts them\n",
          1e-6 * (double)p->blob * (double)ntask,
          1e-6 * (double)p->blob * ((double)ntask + work * p->mean / 20.0));
}

static PetscErrorCode print_plan(const screen_session *session, PetscBool with_probe)
{
  const screen_campaign *c = session->campaign;
  queue_task_spec *spec;
  probe p = {0};
  PetscInt ntask, fewest, most;

  PetscFunctionBegin;
  PetscCall(screen_session_specs(session, &ntask, &spec));
  PetscCall(PetscFree(spec));
  printf("campaign %s: %" PetscInt_FMT " points, %" PetscInt_FMT " replicas, %" PetscInt_FMT
         " tasks of one rank each\n",
         c->name, session->grid->npoint, c->replicas, ntask);
  points(c, session->grid, stdout);
  printf("\neach replica:");
  for (PetscInt s = 0; s < SCREEN_NSTAGE; s++) {
    const int64_t steps = screen_stage_steps(c, (screen_stage)s);
    if (steps)
      printf(" %s %.4g ps (%lld steps)", screen_stage_name((screen_stage)s),
             1e-3 * c->dt * (double)steps, (long long)steps);
  }
  printf(", %.4g fs a step\n", c->dt);
  if (with_probe) {
    extremes(session->grid, &fewest, &most);
    PetscCall(probe_point(session, fewest, &p));
    if (most != fewest) PetscCall(probe_point(session, most, &p));
    print_cost(session, &p, ntask, session->options.ranks - 1, stdout);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_plan(int argc, char **argv, screen_exit *code)
{
  screen_run_options options = {0};
  screen_session session = {0};
  PetscBool with_probe = PETSC_TRUE;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--no-probe"))
      with_probe = PETSC_FALSE;
    else if (!options.campaign && argv[i][0] != '-')
      options.campaign = argv[i];
    else
      options.campaign = "";
  }
  if (!options.campaign || !options.campaign[0]) {
    PetscCall(
        screen_cli_refuse("plan", code, "wanted one campaign file; see liquidus plan --help"));
    PetscFunctionReturn(0);
  }
  PetscCall(screen_session_open(&options, &session, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (*code == SCREEN_EXIT_DONE) PetscCall(print_plan(&session, with_probe));
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
