/* screening/screen_result_structure.c - structure of a point from the estimators of its replicas
 *
 * Pairs: the shell is looked for in the curve of all replicas, its error in the scatter of each
 * replica.  Tables over a common axis: the mean of the replicas, which are equally long, with the
 * larger of the errors within and between them.
 */
#include "screening/screen_result_impl.h"

#include <math.h>

#define ANGSTROM 1e-10

/* g(r) of all replicas together; NULL when there is none.  The caller destroys it. */
static PetscErrorCode merge_rdf(const screen_campaign *campaign, const screen_result_states *s,
                                prop_rdf **merged)
{
  PetscFunctionBegin;
  *merged = NULL;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    const screen_job_state *state = &s->npt[r];

    if (!state->rdf) continue;
    if (!*merged)
      PetscCall(prop_rdf_create(campaign->nspecies, state->rmax, (PetscInt)state->nbin, merged));
    PetscCall(prop_rdf_merge(*merged, state->rdf));
  }
  PetscFunctionReturn(0);
}

/* After fill_npt(). */
static PetscErrorCode fill_shells(const screen_campaign *campaign, const screen_result_states *s,
                                  const prop_rdf *merged, screen_estimates *number,
                                  screen_estimates *peak, screen_result *result)
{
  const PetscInt ns = campaign->nspecies;
  const PetscInt scalars = screen_result_at(result, PROP_ID_DENSITY)->flags |
                           screen_result_at(result, PROP_ID_POTENTIAL_ENERGY)->flags;
  const PetscInt flags =
      (s->npt_whole ? 0 : PROP_FLAG_PARTIAL) | (scalars & PROP_FLAG_NOT_STATIONARY);

  PetscFunctionBegin;
  for (PetscInt p = 0; p < ns * ns; p++) {
    PetscBool found = PETSC_FALSE;

    number->n = peak->n = 0;
    for (PetscInt r = 0; r < s->nreplica; r++) {
      if (s->npt[r].rdf)
        PetscCall(prop_rdf_estimate(s->npt[r].rdf, merged, p / ns, p % ns, &peak->est[peak->n++],
                                    &number->est[number->n++], &found));
    }
    if (!found) continue;
    PetscCall(prop_combine(number->n, number->est, 1.0,
                           screen_result_at(result, PROP_ID_COORDINATION) + p));
    PetscCall(
        prop_combine(peak->n, peak->est, ANGSTROM, screen_result_at(result, PROP_ID_RDF_PEAK) + p));
    screen_result_flag(screen_result_at(result, PROP_ID_COORDINATION) + p, flags);
    screen_result_flag(screen_result_at(result, PROP_ID_RDF_PEAK) + p, flags);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_rdf(const screen_campaign *campaign, const prop_rdf *merged,
                               screen_result *result)
{
  const PetscInt ns = campaign->nspecies, n = prop_rdf_nbin(merged);

  PetscFunctionBegin;
  result->nrdf = n;
  PetscCall(PetscMalloc1(n, &result->rdf_r));
  PetscCall(PetscMalloc1(ns * ns * n, &result->rdf_g));
  PetscCall(PetscMalloc1(ns * ns * n, &result->rdf_n));
  for (PetscInt p = 0; p < ns * ns; p++)
    PetscCall(prop_rdf_curve(merged, p / ns, p % ns, result->rdf_r, result->rdf_g + p * n,
                             result->rdf_n + p * n));
  for (PetscInt k = 0; k < n; k++) result->rdf_r[k] *= ANGSTROM;
  PetscFunctionReturn(0);
}

/* Tables ------------------------------------------------------------------------------------- */

/* Rows of all replicas on their way into one: running means and sums of squares. */
typedef struct {
  PetscInt size;                              /* rows times values of a row */
  PetscReal *value, *error;                   /* [size] of the replica that is added next */
  PetscReal *count, *mean, *scatter, *within; /* [size] */
} table_sum;

static PetscErrorCode create_sum(PetscInt size, table_sum *sum)
{
  PetscFunctionBegin;
  sum->size = size;
  PetscCall(PetscCalloc6(size, &sum->value, size, &sum->error, size, &sum->count, size, &sum->mean,
                         size, &sum->scatter, size, &sum->within));
  PetscFunctionReturn(0);
}

static PetscErrorCode destroy_sum(table_sum *sum)
{
  PetscFunctionBegin;
  PetscCall(PetscFree6(sum->value, sum->error, sum->count, sum->mean, sum->scatter, sum->within));
  PetscFunctionReturn(0);
}

static void add_replica(table_sum *sum)
{
  for (PetscInt i = 0; i < sum->size; i++) {
    const PetscReal change = sum->value[i] - sum->mean[i];

    if (PetscIsNanReal(sum->value[i])) continue;
    sum->count[i] += 1.0;
    sum->mean[i] += change / sum->count[i];
    sum->scatter[i] += change * (sum->value[i] - sum->mean[i]);
    sum->within[i] += sum->error[i] * sum->error[i];
  }
}

/* The mean of the replicas over the axis x [n] with the factor x_si. */
static PetscErrorCode put_table(const table_sum *sum, PetscInt n, const PetscReal x[],
                                PetscReal x_si, screen_curve *table)
{
  PetscFunctionBegin;
  table->n = n;
  PetscCall(PetscMalloc1(n, &table->x));
  PetscCall(PetscMalloc1(sum->size, &table->y));
  PetscCall(PetscMalloc1(sum->size, &table->error));
  for (PetscInt i = 0; i < n; i++) table->x[i] = x_si * x[i];
  for (PetscInt i = 0; i < sum->size; i++) {
    const PetscReal k = sum->count[i], within = PetscSqrtReal(sum->within[i]) / k;

    table->y[i] = k > 0.5 ? sum->mean[i] : PROP_NAN;
    table->error[i] = within;
    if (k > 1.5) table->error[i] = fmax(within, PetscSqrtReal(sum->scatter[i] / (k * (k - 1.0))));
  }
  PetscFunctionReturn(0);
}

/* Structure factors; nothing where no replica has any. */
static PetscErrorCode fill_factors(const screen_result_states *s, screen_result *result)
{
  const PetscInt ns = result->nspecies;
  table_sum sum = {0};
  PetscReal *q;
  PetscInt n = 0;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < s->nreplica; r++)
    if (s->npt[r].structure.sq) n = prop_sq_nshell(s->npt[r].structure.sq);
  if (n == 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(n, &q));
  PetscCall(create_sum(ns * ns * n, &sum));
  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (!s->npt[r].structure.sq) continue;
    for (PetscInt p = 0; p < ns * ns; p++)
      PetscCall(prop_sq_curve(s->npt[r].structure.sq, p / ns, p % ns, q, sum.value + p * n,
                              sum.error + p * n));
    add_replica(&sum);
  }
  PetscCall(put_table(&sum, n, q, 1.0 / ANGSTROM, &result->table[SCREEN_TABLE_FACTOR]));
  PetscCall(destroy_sum(&sum));
  PetscCall(PetscFree(q));
  PetscFunctionReturn(0);
}

/* Ligands and angles of one replica within the first shells of g(r) of all, into `count` and
 * `angle`; axes as well. */
static PetscErrorCode add_ligands(const prop_ligand *ligand, const prop_rdf *merged, PetscInt ns,
                                  table_sum *count, table_sum *angle, PetscReal degrees[])
{
  PetscFunctionBegin;
  for (PetscInt p = 0; p < ns * ns; p++) {
    PetscReal peak, low, number;
    PetscBool found;

    PetscCall(prop_rdf_coordination(merged, p / ns, p % ns, &peak, &low, &number, &found));
    PetscCall(
        prop_ligand_counts(ligand, p / ns, p % ns, low, count->value + p * (PROP_LIGAND_MOST + 2)));
    PetscCall(prop_ligand_angles(ligand, p / ns, p % ns, low, degrees,
                                 angle->value + p * PROP_LIGAND_ANGLES));
  }
  add_replica(count);
  add_replica(angle);
  PetscFunctionReturn(0);
}

/* Nothing where no replica has any.  Only replicas tell the error. */
static PetscErrorCode fill_ligands(const screen_result_states *s, const prop_rdf *merged,
                                   screen_result *result)
{
  const PetscInt ns = result->nspecies;
  PetscReal number[PROP_LIGAND_MOST + 2], degrees[PROP_LIGAND_ANGLES];
  table_sum count, angle;
  PetscBool any = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < s->nreplica; r++)
    if (s->npt[r].structure.ligand) any = PETSC_TRUE;
  if (!any) PetscFunctionReturn(0);
  PetscCall(create_sum(ns * ns * (PROP_LIGAND_MOST + 2), &count));
  PetscCall(create_sum(ns * ns * PROP_LIGAND_ANGLES, &angle));
  for (PetscInt i = 0; i < count.size; i++) count.error[i] = PROP_NAN;
  for (PetscInt i = 0; i < angle.size; i++) angle.error[i] = PROP_NAN;
  for (PetscInt n = 0; n < PROP_LIGAND_MOST + 2; n++) number[n] = (PetscReal)n;
  for (PetscInt r = 0; r < s->nreplica; r++) {
    if (s->npt[r].structure.ligand)
      PetscCall(add_ligands(s->npt[r].structure.ligand, merged, ns, &count, &angle, degrees));
  }
  PetscCall(
      put_table(&count, PROP_LIGAND_MOST + 2, number, 1.0, &result->table[SCREEN_TABLE_LIGANDS]));
  PetscCall(
      put_table(&angle, PROP_LIGAND_ANGLES, degrees, 1.0, &result->table[SCREEN_TABLE_ANGLES]));
  PetscCall(destroy_sum(&count));
  PetscCall(destroy_sum(&angle));
  PetscFunctionReturn(0);
}

/* Ions in pairs: shares of those of a by how many of b are in the first shell of g(r) of all.  The
 * histograms of a replica know no time: errors are those of the scatter of replicas. */
static PetscErrorCode fill_pair(const screen_result_states *s, const prop_rdf *merged, PetscInt a,
                                PetscInt b, screen_estimates *e, screen_result *result)
{
  static const prop_id ids[PROP_PAIRING] = {PROP_ID_PAIR_APART, PROP_ID_PAIR_CONTACT,
                                            PROP_ID_PAIR_AGGREGATE};
  PetscReal peak, low, number, share[PROP_PAIRING];
  PetscBool found;

  PetscFunctionBegin;
  PetscCall(prop_rdf_coordination(merged, a, b, &peak, &low, &number, &found));
  for (int k = 0; found && k < PROP_PAIRING; k++) {
    prop_value *value = screen_result_at(result, ids[k]) + a * result->nspecies + b;

    e->n = 0;
    for (PetscInt r = 0; r < s->nreplica; r++) {
      if (!s->npt[r].structure.ligand) continue;
      PetscCall(prop_ligand_pairing(s->npt[r].structure.ligand, a, b, low, share));
      e->est[e->n++] = (prop_estimate){.mean = share[k], .error = PROP_NAN, .neff = 1.0};
    }
    PetscCall(prop_combine(e->n, e->est, 1.0, value));
    screen_result_flag(value, s->npt_whole ? 0 : PROP_FLAG_PARTIAL);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_pairs(const screen_campaign *campaign, const screen_result_states *s,
                                 const prop_rdf *merged, screen_estimates *e, screen_result *result)
{
  const PetscReal *q = campaign->carrier ? campaign->carrier : campaign->charge;

  PetscFunctionBegin;
  if (!campaign->has_charges) PetscFunctionReturn(0);
  for (PetscInt a = 0; a < campaign->nspecies; a++) {
    for (PetscInt b = 0; b < campaign->nspecies; b++) {
      if (q[a] * q[b] < 0.0) PetscCall(fill_pair(s, merged, a, b, e, result));
    }
  }
  PetscFunctionReturn(0);
}

/* Lifetimes, the same for both orders of a pair; a pair that is named twice has the last. */
static PetscErrorCode fill_lifetimes(const screen_campaign *campaign, const screen_result_states *s,
                                     screen_estimates *e, screen_result *result)
{
  prop_value *value = screen_result_at(result, PROP_ID_SHELL_LIFETIME);
  const PetscInt ns = campaign->nspecies, flags = s->npt_whole ? 0 : PROP_FLAG_PARTIAL;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < campaign->structure.nlife; k++) {
    const PetscInt a = campaign->structure.life[k].a, b = campaign->structure.life[k].b;

    e->n = 0;
    for (PetscInt r = 0; r < s->nreplica; r++) {
      if (s->npt[r].structure.life[k])
        PetscCall(prop_life_estimate(s->npt[r].structure.life[k], &e->est[e->n++]));
    }
    PetscCall(prop_combine(e->n, e->est, 1e-15, &value[a * ns + b]));
    screen_result_flag(&value[a * ns + b], flags);
    value[b * ns + a] = value[a * ns + b];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_fill_structure(const screen_campaign *campaign,
                                            const screen_result_states *s, screen_estimates *number,
                                            screen_estimates *peak, screen_result *result)
{
  prop_rdf *merged;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(merge_rdf(campaign, s, &merged));
  if (merged) ierr = fill_shells(campaign, s, merged, number, peak, result);
  if (merged && !ierr) ierr = fill_rdf(campaign, merged, result);
  if (merged && !ierr) ierr = fill_ligands(s, merged, result);
  if (merged && !ierr) ierr = fill_pairs(campaign, s, merged, number, result);
  PetscCall(prop_rdf_destroy(&merged));
  PetscCall(ierr);
  PetscCall(fill_factors(s, result));
  PetscCall(fill_lifetimes(campaign, s, number, result));
  PetscFunctionReturn(0);
}
