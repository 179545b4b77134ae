/* mtp/mtp_engine.c - chooses the kernel, keeps plan and scratch; the contract is in mtp_kernel.h */
#include "mtp/mtp_eval_ref_impl.h"
#include "mtp/mtp_grade.h"
#include "mtp/mtp_kernel_impl.h"

#include <stdlib.h>
#include <string.h>

struct mtp_engine {
  PetscInt members;
  const mtp_potential **pot;      /* [members] borrowed */
  const mtp_kernel_unit *unit;    /* NULL: the reference kernel */
  mtp_plan **plan;                /* [members]; NULL entries with the reference kernel */
  const mtp_selection *selection; /* borrowed; NULL: no grades */
  mtp_plan_grade *grade;          /* NULL: no active set, or the reference kernel */
  const mtp_generated *generated;
  void *scratch; /* aligned to 64 bytes */
  size_t scratch_bytes;
};

static const char *const names[MTP_KERNEL_COUNT] = {"auto", "reference", "portable", "avx2",
                                                    "avx512"};

const char *mtp_kernel_name(mtp_kernel_kind kind)
{
  return names[kind];
}

PetscBool mtp_kernel_find(const char *name, mtp_kernel_kind *kind)
{
  for (int k = 0; k < MTP_KERNEL_COUNT; k++) {
    if (strcmp(name, names[k]) != 0) continue;
    *kind = (mtp_kernel_kind)k;
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscBool mtp_kernel_available(mtp_kernel_kind kind)
{
#ifdef MTP_HAVE_X86
  if (kind == MTP_KERNEL_AVX2) {
    return (PetscBool)(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  }
  if (kind == MTP_KERNEL_AVX512) {
    return (PetscBool)(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"));
  }
#endif
  return (PetscBool)(kind < MTP_KERNEL_AVX2);
}

static mtp_kernel_kind best_kernel(void)
{
  if (mtp_kernel_available(MTP_KERNEL_AVX512)) return MTP_KERNEL_AVX512;
  return mtp_kernel_available(MTP_KERNEL_AVX2) ? MTP_KERNEL_AVX2 : MTP_KERNEL_PORTABLE;
}

static const mtp_kernel_unit *unit_of(mtp_kernel_kind kind)
{
  switch (kind) {
  case MTP_KERNEL_PORTABLE:
    return &mtp__kernel_portable;
#ifdef MTP_HAVE_X86
  case MTP_KERNEL_AVX2:
    return &mtp__kernel_avx2;
  case MTP_KERNEL_AVX512:
    return &mtp__kernel_avx512;
#endif
  default:
    return NULL;
  }
}

static void find_generated(mtp_engine *engine)
{
  for (const mtp_generated *const *g = engine->unit->generated; *g; g++) {
    if ((*g)->signature == engine->plan[0]->signature) engine->generated = *g;
  }
}

static PetscErrorCode check_selection(const mtp_potential *pot, const mtp_selection *sel)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  if (!sel) PetscFunctionReturn(0);
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCheck(mtp_selection_size(sel) == info.ncoeff, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "Active set of %" PetscInt_FMT " coefficients, the potential has %" PetscInt_FMT,
             mtp_selection_size(sel), info.ncoeff);
  PetscCheck(mtp_selection_get_mode(sel) != MTP_SELECTION_OTHER, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Active set with mixed weights: no grades");
  PetscFunctionReturn(0);
}

/* n may be 0 and the arrays NULL, which memcmp() does not take: level 2 has no products. */
static PetscBool same_numbers(PetscInt n, const PetscInt a[], const PetscInt b[])
{
  return (PetscBool)(n == 0 || !memcmp(a, b, (size_t)n * sizeof(a[0])));
}

/* Members of a committee may differ in their coefficients only. */
static PetscErrorCode check_same_shape(const mtp_potential *a, const mtp_potential *b)
{
  PetscBool same = PETSC_TRUE;

  PetscFunctionBegin;
  same = (PetscBool)(a->nspecies == b->nspecies && a->cutoff == b->cutoff &&
                     a->min_dist == b->min_dist && a->repulsive == b->repulsive &&
                     a->radial_size == b->radial_size && a->radial_funcs == b->radial_funcs);
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Potentials of a committee differ in species, cut-off, min_dist or radial basis");
  same = (PetscBool)(a->nmoment == b->nmoment && a->nbasic == b->nbasic && a->ntimes == b->ntimes &&
                     a->nscalar == b->nscalar);
  if (same) {
    same = (PetscBool)(same_numbers(4 * a->nbasic, (const PetscInt *)a->basic,
                                    (const PetscInt *)b->basic) &&
                       same_numbers(4 * a->ntimes, (const PetscInt *)a->times,
                                    (const PetscInt *)b->times) &&
                       same_numbers(a->nscalar, a->mapping, b->mapping));
  }
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Potentials of a committee have different moments");
  PetscFunctionReturn(0);
}

static PetscErrorCode check_members(PetscInt members, const mtp_potential *const pot[])
{
  PetscFunctionBegin;
  PetscCheck(members >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A committee needs a member, got %" PetscInt_FMT, members);
  for (PetscInt m = 0; m < members; m++) {
    PetscCheck(mtp_potential_trained(pot[m]), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
               "Potential %s has no coefficients: it must be trained first", pot[m]->name);
    PetscCall(check_same_shape(pot[0], pot[m]));
  }
  PetscFunctionReturn(0);
}

/* Plans of all members. */
static PetscErrorCode make_plans(mtp_engine *engine)
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < engine->members; m++) {
    PetscCall(mtp_plan_create(engine->pot[m], engine->unit->lanes, PETSC_FALSE, &engine->plan[m]));
    if (engine->plan[m]) continue;
    engine->unit = NULL; /* of one shape: the first has none */
    break;
  }
  PetscFunctionReturn(0);
}

/* A plan without the products that only scalars with a coefficient of 0 need, where nobody else
   needs them (other members have other zeros, grades want all scalars) and where it pays: code of
   its own is worth more than a few products. */
static PetscErrorCode prune(mtp_engine *engine)
{
  const PetscReal neighbours = 50.0, pays = engine->generated ? 0.8 : 1.0;
  mtp_plan *plan;

  PetscFunctionBegin;
  if (engine->members > 1 || engine->selection) PetscFunctionReturn(0);
  PetscCall(mtp_plan_create(engine->pot[0], engine->unit->lanes, PETSC_TRUE, &plan));
  if (mtp_plan_operations(plan, neighbours) <
      pays * mtp_plan_operations(engine->plan[0], neighbours)) {
    PetscCall(mtp_plan_destroy(&engine->plan[0]));
    engine->plan[0] = plan;
    engine->generated = NULL;
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_plan_destroy(&plan));
  PetscFunctionReturn(0);
}

static PetscErrorCode prepare(PetscInt members, const mtp_potential *const pot[],
                              const mtp_engine_options *options, mtp_engine *engine)
{
  mtp_kernel_kind kind = options->kernel;

  PetscFunctionBegin;
  PetscCall(check_members(members, pot));
  PetscCheck(kind < MTP_KERNEL_COUNT && mtp_kernel_available(kind), PETSC_COMM_SELF, PETSC_ERR_SUP,
             "This processor has no instructions for kernel %s",
             kind < MTP_KERNEL_COUNT ? names[kind] : "?");
  PetscCall(check_selection(pot[0], options->selection));
  engine->members = members;
  engine->selection = options->selection;
  PetscCall(PetscMalloc1(members, &engine->pot));
  PetscCall(PetscCalloc1(members, &engine->plan));
  for (PetscInt m = 0; m < members; m++) engine->pot[m] = pot[m];
  engine->unit = unit_of(kind == MTP_KERNEL_AUTO ? best_kernel() : kind);
  if (pot[0]->radial_funcs > MTP_KERNEL_MAX_K) engine->unit = NULL;
  if (engine->unit) PetscCall(make_plans(engine));
  if (!engine->unit) PetscFunctionReturn(0);
  if (!options->tables) find_generated(engine);
  PetscCall(prune(engine));
  if (engine->selection) {
    PetscCall(mtp_plan_grade_create(pot[0], engine->plan[0], engine->selection, &engine->grade));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_create_committee(PetscInt members, const mtp_potential *const pot[],
                                           const mtp_engine_options *options, mtp_engine **engine)
{
  const mtp_engine_options automatic = {MTP_KERNEL_AUTO, PETSC_FALSE, NULL};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscNew(engine));
  ierr = prepare(members, pot, options ? options : &automatic, *engine);
  if (ierr) PetscCall(mtp_engine_destroy(engine));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_create(const mtp_potential *pot, const mtp_engine_options *options,
                                 mtp_engine **engine)
{
  PetscFunctionBegin;
  PetscCall(mtp_engine_create_committee(1, &pot, options, engine));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_destroy(mtp_engine **engine)
{
  mtp_engine *e = *engine;

  PetscFunctionBegin;
  if (!e) PetscFunctionReturn(0);
  for (PetscInt m = 0; m < e->members && e->plan; m++) PetscCall(mtp_plan_destroy(&e->plan[m]));
  PetscCall(PetscFree(e->plan));
  PetscCall(PetscFree(e->pot));
  PetscCall(mtp_plan_grade_destroy(&e->grade));
  free(e->scratch);
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* Scratch for rows as long as the longest of the list; PETSc's allocator does not align enough. */
static PetscErrorCode reserve(mtp_engine *engine, const mtp_kernel_job *job)
{
  const size_t bytes = engine->unit->scratch_size(job);

  PetscFunctionBegin;
  if (bytes <= engine->scratch_bytes) PetscFunctionReturn(0);
  free(engine->scratch);
  engine->scratch_bytes = 0;
  engine->scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
  PetscCheck(engine->scratch, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for %zu bytes", bytes);
  memset(engine->scratch, 0, bytes);
  engine->scratch_bytes = bytes;
  PetscFunctionReturn(0);
}

static PetscInt longest_row(const mtp_neighbors *nb)
{
  PetscInt longest = 0;

  for (PetscInt i = 0; i < nb->nlocal; i++) {
    longest = PetscMax(longest, nb->first[i + 1] - nb->first[i]);
  }
  return longest;
}

static void leave_out(PetscInt nlocal, mtp_result *out)
{
  if (out->skip & MTP_SKIP_ENERGY) {
    out->energy = (PetscReal)NAN;
    for (PetscInt i = 0; out->site_energy && i < nlocal; i++) out->site_energy[i] = (PetscReal)NAN;
  }
  for (int k = 0; k < 9 && (out->skip & MTP_SKIP_VIRIAL); k++) out->virial[k] = (PetscReal)NAN;
}

static PetscErrorCode evaluate_reference(const mtp_engine *engine, const mtp_neighbors *nb,
                                         mtp_result out[])
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < engine->members; m++) {
    PetscCall(mtp_potential_evaluate(engine->pot[m], nb, &out[m]));
  }
  if (out->grade) {
    PetscCall(
        mtp_grade_evaluate(engine->pot[0], engine->selection, nb, out->grade, &out->max_grade));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode set_to_zero(const mtp_neighbors *nb, mtp_result *out)
{
  PetscFunctionBegin;
  out->energy = 0.0;
  PetscCall(PetscArrayzero(out->virial, 9));
  if (out->force) PetscCall(PetscArrayzero(out->force, 3 * nb->nall));
  if (out->atom_virial) PetscCall(PetscArrayzero(out->atom_virial, 9 * nb->nall));
  PetscFunctionReturn(0);
}

static PetscErrorCode evaluate_unit(mtp_engine *engine, const mtp_neighbors *nb, mtp_result out[])
{
  mtp_kernel_job job = {.members = engine->members,
                        .plan = (const mtp_plan *const *)engine->plan,
                        .out = out,
                        .generated = engine->generated,
                        .grade = out->grade ? engine->grade : NULL,
                        .nb = nb,
                        .longest = longest_row(nb)};

  PetscFunctionBegin;
  PetscCall(mtp__ref_check(engine->pot[0], nb));
  PetscCall(reserve(engine, &job));
  job.scratch = engine->scratch;
  for (PetscInt m = 0; m < engine->members; m++) PetscCall(set_to_zero(nb, &out[m]));
  engine->unit->evaluate(&job);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_engine_evaluate(mtp_engine *engine, const mtp_neighbors *nb, mtp_result out[])
{
  PetscFunctionBegin;
  PetscCheck(!out->grade || engine->selection, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Grades are asked for, but the engine was made without an active set");
  if (engine->unit) {
    PetscCall(evaluate_unit(engine, nb, out));
  } else {
    PetscCall(evaluate_reference(engine, nb, out));
  }
  for (PetscInt m = 0; m < engine->members; m++) leave_out(nb->nlocal, &out[m]);
  PetscFunctionReturn(0);
}

void mtp_committee_forces(PetscInt members, PetscInt n, const mtp_result out[], PetscReal mean[],
                          PetscReal deviation[])
{
  for (PetscInt i = 0; i < n; i++) {
    PetscReal variance = 0.0;

    for (int a = 0; a < 3; a++) {
      PetscReal sum = 0.0;

      for (PetscInt m = 0; m < members; m++) sum += out[m].force[3 * i + a];
      mean[3 * i + a] = sum / (PetscReal)members;
      for (PetscInt m = 0; m < members; m++) {
        const PetscReal d = out[m].force[3 * i + a] - mean[3 * i + a];

        variance += d * d / (PetscReal)members;
      }
    }
    if (deviation) deviation[i] = PetscSqrtReal(variance);
  }
}

void mtp_engine_get_info(const mtp_engine *engine, mtp_engine_info *info)
{
  info->kernel = engine->unit ? engine->unit->name : names[MTP_KERNEL_REFERENCE];
  info->generated = (PetscBool)(engine->generated != NULL);
  info->lanes = engine->unit ? engine->unit->lanes : 1;
  info->scratch = engine->scratch_bytes;
}

PetscReal mtp_engine_operations(const mtp_engine *engine, PetscReal neighbours)
{
  return engine->unit ? mtp_plan_operations(engine->plan[0], neighbours) : 0.0;
}

/* The reference path forms everything again, then multiplies with the active set.  A component
   costs it about ten operations a neighbour, a product four; the factor 3 is for a matrix that does
   not stay in a cache. */
static PetscReal reference_grade_cost(const mtp_potential *pot, PetscReal neighbours)
{
  const PetscReal n =
      (PetscReal)(pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size +
                  pot->nspecies + pot->nscalar);

  return 1.0 +
         3.0 * n * n / (10.0 * neighbours * (PetscReal)pot->nbasic + 4.0 * (PetscReal)pot->ntimes);
}

PetscReal mtp_engine_grade_cost(const mtp_engine *engine, PetscReal neighbours)
{
  if (!engine->selection) return 0.0;
  if (!engine->grade) return reference_grade_cost(engine->pot[0], neighbours);
  return mtp_plan_grade_operations(engine->plan[0], engine->grade, neighbours) /
         mtp_plan_operations(engine->plan[0], neighbours);
}
