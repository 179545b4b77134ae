/* md/md_pot_mtp.c - a moment tensor potential and its kernel behind the interface of md */
#include "md/md_pair.h"

#include <stdio.h>

typedef struct {
  mtp_potential *pot;
  mtp_selection *selection; /* NULL: none */
  mtp_engine *engine;       /* of both */
} moment_tensor;

/* Atoms per Å^3 of the liquid that the cost of grades is estimated for: dilute, as molten salts
 * are, because the product with the active set weighs more there. */
#define ATOM_DENSITY 0.03

static PetscErrorCode mtp_evaluate(const void *data, const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  PetscCall(mtp_engine_evaluate(((const moment_tensor *)data)->engine, nb, out));
  PetscFunctionReturn(0);
}

static PetscErrorCode mtp_destroy(void *data)
{
  moment_tensor *d = data;

  PetscFunctionBegin;
  PetscCall(mtp_engine_destroy(&d->engine));
  PetscCall(mtp_selection_destroy(&d->selection));
  PetscCall(mtp_potential_destroy(&d->pot));
  PetscCall(PetscFree(d));
  PetscFunctionReturn(0);
}

static const md_potential_ops mtp_ops = {"mtp", mtp_evaluate, mtp_destroy};

/* "avx512/generated" */
static void describe(const mtp_engine *engine, char text[MD_KERNEL_TEXT])
{
  mtp_engine_info info;

  mtp_engine_get_info(engine, &info);
  (void)snprintf(text, MD_KERNEL_TEXT, "%s%s", info.kernel,
                 info.lanes == 1 ? "" : (info.generated ? "/generated" : "/tables"));
}

/* Fills *out, which mtp_destroy() frees also when this fails half-way. */
static PetscErrorCode prepare(const mtp_potential *pot, const md_mtp_options *options,
                              md_potential *out)
{
  const mtp_engine_options engine = {.kernel = options->kernel, .selection = options->selection};
  const PetscReal r = out->cutoff, neighbours = ATOM_DENSITY * 4.0 / 3.0 * PETSC_PI * r * r * r;
  mtp_potential_info info;
  moment_tensor *d;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  out->min_dist = info.min_dist;
  PetscCall(PetscNew(&d));
  out->data = d;
  PetscCall(mtp_engine_create(pot, &engine, &d->engine));
  out->grade_cost = mtp_engine_grade_cost(d->engine, neighbours);
  out->site_grades = (PetscBool)(options->selection && mtp_selection_get_mode(options->selection) ==
                                                           MTP_SELECTION_NEIGHBOURHOOD);
  describe(d->engine, out->kernel);
  PetscFunctionReturn(0);
}

PetscErrorCode md_potential_create_mtp(mtp_potential **pot, md_potential **out)
{
  PetscFunctionBegin;
  PetscCall(md_potential_create_mtp_with(pot, &(md_mtp_options){0}, out));
  PetscFunctionReturn(0);
}

PetscErrorCode md_potential_create_mtp_with(mtp_potential **pot, const md_mtp_options *options,
                                            md_potential **out)
{
  mtp_potential_info info;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *out = NULL;
  PetscCall(mtp_potential_get_info(*pot, &info));
  PetscCheck(info.trained, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no coefficients: train it before running dynamics with it",
             info.name && info.name[0] ? info.name : "without a name");
  PetscCall(md__potential_create(&mtp_ops, info.nspecies, info.cutoff, out));
  ierr = prepare(*pot, options, *out);
  if (ierr) PetscCall(md_potential_destroy(out));
  PetscCall(ierr);
  ((moment_tensor *)(*out)->data)->pot = *pot;
  ((moment_tensor *)(*out)->data)->selection = options->selection;
  *pot = NULL;
  PetscFunctionReturn(0);
}
