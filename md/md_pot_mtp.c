/* md/md_pot_mtp.c - a moment tensor potential and its kernel behind the interface of md */
#include "md/md_pair.h"

#include <stdio.h>

typedef struct {
  mtp_potential *pot;
  mtp_engine *engine; /* of pot */
} moment_tensor;

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
  PetscCall(mtp_potential_destroy(&d->pot));
  PetscCall(PetscFree(d));
  PetscFunctionReturn(0);
}

static const md_potential_ops mtp_ops = {"mtp", mtp_evaluate, mtp_destroy};

/* "avx512, generated code" */
static void describe(const mtp_engine *engine, char text[MD_KERNEL_TEXT])
{
  mtp_engine_info info;

  mtp_engine_get_info(engine, &info);
  (void)snprintf(text, MD_KERNEL_TEXT, "%s%s", info.kernel,
                 info.lanes == 1 ? "" : (info.generated ? ", generated code" : ", tables"));
}

/* Fills *out, which mtp_destroy() frees also when this fails half-way. */
static PetscErrorCode prepare(const mtp_potential *pot, const md_mtp_options *options,
                              md_potential *out)
{
  const mtp_engine_options engine = {.kernel = options->kernel};
  mtp_potential_info info;
  moment_tensor *d;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  out->min_dist = info.min_dist;
  PetscCall(PetscNew(&d));
  out->data = d;
  PetscCall(mtp_engine_create(pot, &engine, &d->engine));
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
  *pot = NULL;
  PetscFunctionReturn(0);
}
