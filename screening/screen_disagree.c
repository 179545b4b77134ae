/* screening/screen_disagree.c - how far potentials disagree about forces; see the header
 *
 * Potentials may differ in their moments, so each has an engine and a neighbour list of its own.
 */
#include "screening/screen_disagree.h"

#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_kernel.h"

#include <stdio.h>

typedef struct {
  PetscInt n;
  const mtp_potential *const *pot; /* [n] */
  mtp_engine *engine[SCREEN_MAX_MEMBERS];
  mtp_neighbors nb[SCREEN_MAX_MEMBERS];
  mtp_result result[SCREEN_MAX_MEMBERS];
} members;

/* Forces of member m, ghosts' with their parents'; result[m].force is the caller's. */
static PetscErrorCode member_forces(const char *where, const mtp_config *config, PetscInt m,
                                    members *all, PetscBool *good, mtp_diag *diag)
{
  mtp_result *r = &all->result[m];

  PetscFunctionBegin;
  *r = (mtp_result){.skip = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL};
  PetscCall(mtp_eval_neighbors(all->pot[m], where, config, &all->nb[m], good, diag));
  if (!*good) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(3 * all->nb[m].nall, &r->force));
  PetscCall(mtp_engine_evaluate(all->engine[m], &all->nb[m], r));
  mtp_neighbors_fold(&all->nb[m], 3, r->force);
  PetscCall(mtp_eval_finite(where, "forces that are", 3 * (size_t)config->n, r->force, good, diag));
  PetscFunctionReturn(0);
}

static screen_disagreement summary(PetscInt n, const PetscReal deviation[])
{
  screen_disagreement s = {0.0, 0.0};

  for (PetscInt i = 0; i < n; i++) {
    s.largest = PetscMax(s.largest, deviation[i]);
    s.rms += deviation[i] * deviation[i] / (PetscReal)n;
  }
  s.rms = PetscSqrtReal(s.rms);
  return s;
}

static PetscErrorCode set_features(const screen_disagreement *s, mtp_config *config)
{
  char text[32];

  PetscFunctionBegin;
  (void)snprintf(text, sizeof(text), "%.6f", (double)s->largest);
  PetscCall(mtp_config_set_feature(config, "force_disagreement", text));
  (void)snprintf(text, sizeof(text), "%.6f", (double)s->rms);
  PetscCall(mtp_config_set_feature(config, "force_disagreement_rms", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode one_configuration(const char *where, members *all, mtp_config *config,
                                        screen_disagreement *out, mtp_diag *diag)
{
  PetscReal *mean, *deviation;
  PetscBool good = PETSC_TRUE;

  PetscFunctionBegin;
  for (PetscInt m = 0; m < all->n; m++) all->result[m].force = NULL;
  for (PetscInt m = 0; m < all->n && good; m++)
    PetscCall(member_forces(where, config, m, all, &good, diag));
  if (good) {
    PetscCall(PetscMalloc2(3 * config->n, &mean, config->n, &deviation));
    mtp_committee_forces(all->n, config->n, all->result, mean, deviation);
    *out = summary(config->n, deviation);
    PetscCall(PetscFree2(mean, deviation));
    PetscCall(set_features(out, config));
  }
  for (PetscInt m = 0; m < all->n; m++) PetscCall(PetscFree(all->result[m].force));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_disagree(PetscInt n, const mtp_potential *const pot[], const char *path,
                               mtp_config_list *list, screen_disagreement out[], mtp_diag *diag)
{
  members *all;

  PetscFunctionBegin;
  PetscCall(PetscNew(&all));
  all->n = n;
  all->pot = pot;
  for (PetscInt m = 0; m < n; m++) PetscCall(mtp_engine_create(pot[m], NULL, &all->engine[m]));
  for (PetscInt c = 0; c < list->n; c++) {
    char where[PETSC_MAX_PATH_LEN];

    (void)snprintf(where, sizeof(where), "%s: configuration %" PetscInt_FMT, path, c + 1);
    PetscCall(one_configuration(where, all, &list->config[c], &out[c], diag));
  }
  for (PetscInt m = 0; m < n; m++) {
    PetscCall(mtp_neighbors_clear(&all->nb[m]));
    PetscCall(mtp_engine_destroy(&all->engine[m]));
  }
  PetscCall(PetscFree(all));
  PetscFunctionReturn(0);
}

static void print_row(const char *name, PetscInt atoms, screen_disagreement s)
{
  printf("%13s %8" PetscInt_FMT " %16.6f %16.6f\n", name, atoms, (double)s.largest, (double)s.rms);
}

void screen_disagree_print(PetscInt n, const char *path, const mtp_config_list *list,
                           const screen_disagreement out[])
{
  screen_disagreement all = {0.0, 0.0};
  PetscInt natom = 0;

  printf("%s: disagreement of %" PetscInt_FMT
         " potentials about forces, eV/A\n%13s %8s %16s %16s\n",
         path, n, "configuration", "atoms", "largest", "rms");
  for (PetscInt c = 0; c < list->n; c++) {
    const PetscInt atoms = list->config[c].n;
    char name[32];

    (void)snprintf(name, sizeof(name), "%" PetscInt_FMT, c + 1);
    print_row(name, atoms, out[c]);
    all.largest = PetscMax(all.largest, out[c].largest);
    all.rms += (PetscReal)atoms * out[c].rms * out[c].rms;
    natom += atoms;
  }
  all.rms = natom > 0 ? PetscSqrtReal(all.rms / (PetscReal)natom) : 0.0;
  print_row("all", natom, all);
}
