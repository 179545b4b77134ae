/* mtp/mtp_loss.c - configurations, the sum of squares and its gradient */
#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_kernel.h"
#include "mtp/mtp_loss_impl.h"
#include "mtp/mtp_potential_impl.h"

PetscErrorCode mtp_loss_create(MPI_Comm comm, const mtp_loss_weights *weights, mtp_loss **loss)
{
  mtp_loss *l;

  PetscFunctionBegin;
  PetscCall(PetscNew(&l));
  l->comm = comm;
  l->weights = *weights;
  l->nconfig = l->natom = -1;
  *loss = l;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_loss_destroy(mtp_loss **loss)
{
  mtp_loss *l = *loss;

  PetscFunctionBegin;
  if (!l) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < l->n; k++) {
    PetscCall(mtp_neighbors_clear(&l->item[k].nb));
    PetscCall(PetscFree(l->item[k].force));
  }
  PetscCall(PetscFree(l->item));
  PetscCall(PetscFree(l->predicted));
  PetscCall(mtp_tangent_destroy(&l->tangent));
  PetscCall(PetscFree(*loss));
  PetscFunctionReturn(0);
}

void mtp_loss_set_group(mtp_loss *loss, PetscInt group)
{
  loss->group = group;
}

static PetscErrorCode make_room(mtp_loss *loss)
{
  PetscFunctionBegin;
  if (loss->n < loss->capacity) PetscFunctionReturn(0);
  loss->capacity = 2 * loss->capacity + 16;
  PetscCall(PetscRealloc((size_t)loss->capacity * sizeof(*loss->item), &loss->item));
  PetscFunctionReturn(0);
}

/* What the configuration should give; numbers that are not finite are messages. */
static PetscErrorCode take_targets(const char *where, const mtp_config *c, mtp_loss_item *item,
                                   PetscBool *good, mtp_diag *diag)
{
  static const int place[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};

  PetscFunctionBegin;
  item->has_energy = c->has_energy;
  item->has_stress = c->has_stress;
  item->energy = c->energy;
  item->volume = c->nlattice == 3 ? mtp_config_extent(c) : 0.0;
  for (int k = 0; k < 9; k++) item->stress[k] = c->stress[place[k]];
  *good = PETSC_TRUE;
  if (c->has_energy)
    PetscCall(mtp_eval_finite(where, "an energy that is", 1, &c->energy, good, diag));
  if (c->has_stress)
    PetscCall(mtp_eval_finite(where, "a stress that is", 6, c->stress, good, diag));
  if (c->force)
    PetscCall(mtp_eval_finite(where, "a force that is", 3 * (size_t)c->n, c->force, good, diag));
  if (!c->has_energy && !c->has_stress && !c->force) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: got neither energy nor forces nor stress, wanted one of them",
                           where));
    *good = PETSC_FALSE;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_loss_add(mtp_loss *loss, const mtp_potential *pot, const char *where,
                            const mtp_config *config, PetscReal weight, mtp_diag *diag)
{
  mtp_loss_item *item;
  PetscBool good, listed = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCheck(weight >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Weight %g of a configuration, wanted 0 or more", (double)weight);
  PetscCall(make_room(loss));
  item = &loss->item[loss->n];
  *item = (mtp_loss_item){.weight = weight, .group = loss->group};
  PetscCall(take_targets(where, config, item, &good, diag));
  if (good) PetscCall(mtp_eval_neighbors(pot, where, config, &item->nb, &listed, diag));
  if (!good || !listed) {
    PetscCall(mtp_neighbors_clear(&item->nb));
    PetscFunctionReturn(0);
  }
  if (config->force) {
    PetscCall(PetscMalloc1(3 * config->n, &item->force));
    PetscCall(PetscArraycpy(item->force, config->force, 3 * config->n));
  }
  loss->n++;
  loss->nconfig = -1;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__loss_count(mtp_loss *loss)
{
  PetscInt mine[2] = {loss->n, 0}, all[2];
  PetscMPIInt stale = loss->nconfig < 0, any;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(&stale, &any, 1, MPI_INT, MPI_MAX, loss->comm));
  if (!any) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < loss->n; k++) mine[1] += loss->item[k].nb.nlocal;
  PetscCallMPI(MPI_Allreduce(mine, all, 2, MPIU_INT, MPI_SUM, loss->comm));
  loss->nconfig = all[0];
  loss->natom = all[1];
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_loss_size(mtp_loss *loss, PetscInt *nconfig, PetscInt *natom)
{
  PetscFunctionBegin;
  PetscCall(mtp__loss_count(loss));
  *nconfig = loss->nconfig;
  *natom = loss->natom;
  PetscFunctionReturn(0);
}

mtp_loss_scale mtp__loss_scale(const mtp_loss *loss, const mtp_loss_item *item)
{
  const mtp_loss_weights *w = &loss->weights;
  const PetscReal n = (PetscReal)PetscMax(item->nb.nlocal, 1);
  const PetscReal v = item->weight / (PetscReal)PetscMax(loss->nconfig, 1);

  return (mtp_loss_scale){
      .energy = item->has_energy ? PetscSqrtReal(v * w->energy / PetscPowReal(n, w->scaling)) : 0.0,
      .force = item->force ? PetscSqrtReal(v * w->force / PetscPowReal(n, w->scaling_forces)) : 0.0,
      .stress = item->has_stress ? PetscSqrtReal(v * w->stress / n) : 0.0};
}

/* E, F (folded, in loss->predicted) and W of one configuration */
static PetscErrorCode predict(mtp_loss *loss, mtp_engine *engine, const mtp_loss_item *item,
                              mtp_result *result)
{
  const size_t need = 3 * (size_t)item->nb.nall;

  PetscFunctionBegin;
  if (need > loss->capacity_force) {
    PetscCall(PetscFree(loss->predicted));
    PetscCall(PetscMalloc1(need, &loss->predicted));
    loss->capacity_force = need;
  }
  *result = (mtp_result){.force = loss->predicted};
  PetscCall(mtp_engine_evaluate(engine, &item->nb, result));
  mtp_neighbors_fold(&item->nb, 3, result->force);
  PetscFunctionReturn(0);
}

/* Adds a configuration's squares to *value; forces become dL/dF, weights the rest of it. */
static void add_squares(const mtp_loss *loss, const mtp_loss_item *item, const mtp_result *result,
                        PetscReal *value, mtp_tangent_weights *weights)
{
  const mtp_loss_scale s = mtp__loss_scale(loss, item);
  const PetscReal e = s.energy * (item->has_energy ? result->energy - item->energy : 0.0);
  PetscReal sum = e * e;

  *weights = (mtp_tangent_weights){.energy = 2.0 * s.energy * e};
  for (int k = 0; item->has_stress && k < 9; k++) {
    const PetscReal d = s.stress * (result->virial[k] - item->stress[k]);

    sum += d * d;
    weights->virial[k] = 2.0 * s.stress * d;
  }
  for (PetscInt k = 0; item->force && k < 3 * item->nb.nlocal; k++) {
    const PetscReal d = s.force * (result->force[k] - item->force[k]);

    sum += d * d;
    result->force[k] = 2.0 * s.force * d;
  }
  if (item->force) weights->force = result->force;
  *value += sum;
}

/* w_c P and its derivative, on one rank */
static void add_norm(const mtp_loss *loss, const mtp_potential *pot, PetscReal *value,
                     PetscReal gradient[])
{
  const PetscInt K = pot->radial_funcs, R = pot->radial_size, pairs = pot->nspecies * pot->nspecies;
  const PetscReal w = loss->weights.norm, *c = pot->radial;

  for (PetscInt a = 0; a < K; a++) {
    for (PetscInt b = a; b < K; b++) {
      PetscReal dot = a == b ? -1.0 : 0.0;

      for (PetscInt m = 0; m < pairs * R; m++)
        dot += c[(m / R * K + a) * R + m % R] * c[(m / R * K + b) * R + m % R];
      *value += w * dot * dot;
      for (PetscInt m = 0; gradient && m < pairs * R; m++) {
        gradient[(m / R * K + a) * R + m % R] += 2.0 * w * dot * c[(m / R * K + b) * R + m % R];
        gradient[(m / R * K + b) * R + m % R] += 2.0 * w * dot * c[(m / R * K + a) * R + m % R];
      }
    }
  }
}

/* Sums over ranks; what rank 0 has is what all have. */
static PetscErrorCode sum_over_ranks(MPI_Comm comm, PetscInt n, PetscReal a[])
{
  PetscMPIInt count, rank;

  PetscFunctionBegin;
  PetscCall(PetscMPIIntCast(n, &count));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Reduce(rank == 0 ? MPI_IN_PLACE : a, a, count, MPIU_REAL, MPI_SUM, 0, comm));
  PetscCallMPI(MPI_Bcast(a, count, MPIU_REAL, 0, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_loss_evaluate(mtp_loss *loss, const mtp_potential *pot, PetscReal *value,
                                 PetscReal gradient[])
{
  mtp_potential_info info;
  mtp_engine *engine;
  PetscReal *sums;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(mtp__loss_count(loss));
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(PetscCalloc1(info.ncoeff + 1, &sums));
  if (gradient && !loss->tangent) PetscCall(mtp_tangent_create(pot, &loss->tangent));
  PetscCall(mtp_engine_create(pot, NULL, &engine));
  for (PetscInt k = 0; k < loss->n; k++) {
    mtp_result result;
    mtp_tangent_weights weights;

    PetscCall(predict(loss, engine, &loss->item[k], &result));
    add_squares(loss, &loss->item[k], &result, &sums[info.ncoeff], &weights);
    if (gradient) PetscCall(mtp_tangent_add(loss->tangent, pot, &loss->item[k].nb, &weights, sums));
  }
  PetscCall(mtp_engine_destroy(&engine));
  PetscCallMPI(MPI_Comm_rank(loss->comm, &rank));
  if (rank == 0) add_norm(loss, pot, &sums[info.ncoeff], gradient ? sums : NULL);
  PetscCall(sum_over_ranks(loss->comm, info.ncoeff + 1, sums));
  *value = sums[info.ncoeff];
  if (gradient) PetscCall(PetscArraycpy(gradient, sums, info.ncoeff));
  PetscCall(PetscFree(sums));
  PetscFunctionReturn(0);
}

static void add_error(PetscReal d, mtp_loss_error *e)
{
  e->n++;
  e->rmse += d * d;
  e->mae += PetscAbsReal(d);
  if (!(PetscAbsReal(d) <= e->max)) e->max = PetscAbsReal(d);
}

static PetscErrorCode finish_error(MPI_Comm comm, mtp_loss_error *e)
{
  PetscReal sums[3] = {(PetscReal)e->n, e->rmse, e->mae};

  PetscFunctionBegin;
  PetscCall(sum_over_ranks(comm, 3, sums));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &e->max, 1, MPIU_REAL, MPI_MAX, comm));
  e->n = (PetscInt)sums[0];
  e->rmse = e->n ? PetscSqrtReal(sums[1] / sums[0]) : 0.0;
  e->mae = e->n ? sums[2] / sums[0] : 0.0;
  PetscFunctionReturn(0);
}

/* Errors of one configuration. */
static void add_errors(const mtp_loss_item *item, const mtp_result *result, mtp_loss_errors *errors,
                       mtp_loss_error species[])
{
  const PetscReal n = (PetscReal)PetscMax(item->nb.nlocal, 1);

  if (item->has_energy) add_error((result->energy - item->energy) / n, &errors->energy);
  for (PetscInt a = 0; item->force && a < 3 * item->nb.nlocal; a++) {
    const PetscReal d = result->force[a] - item->force[a];

    add_error(d, &errors->force);
    if (species) add_error(d, &species[item->nb.type[a / 3]]);
  }
  for (int a = 0; item->has_stress && item->volume > 0.0 && a < 9; a++)
    add_error((result->virial[a] - item->stress[a]) / item->volume, &errors->stress);
}

PetscErrorCode mtp_loss_measure(mtp_loss *loss, const mtp_potential *pot, PetscInt group,
                                mtp_loss_errors *errors, mtp_loss_error species[])
{
  mtp_engine *engine;

  PetscFunctionBegin;
  *errors = (mtp_loss_errors){0};
  if (species) PetscCall(PetscArrayzero(species, pot->nspecies));
  PetscCall(mtp_engine_create(pot, NULL, &engine));
  for (PetscInt k = 0; k < loss->n; k++) {
    const mtp_loss_item *item = &loss->item[k];
    mtp_result result;

    if (group >= 0 && item->group != group) continue;
    PetscCall(predict(loss, engine, item, &result));
    add_errors(item, &result, errors, species);
  }
  PetscCall(mtp_engine_destroy(&engine));
  PetscCall(finish_error(loss->comm, &errors->energy));
  PetscCall(finish_error(loss->comm, &errors->force));
  PetscCall(finish_error(loss->comm, &errors->stress));
  for (PetscInt s = 0; species && s < pot->nspecies; s++)
    PetscCall(finish_error(loss->comm, &species[s]));
  PetscFunctionReturn(0);
}
