/* tests/unit/mtp/test_mtp_plan.c - plans of the fast kernels: counts, order, traces, pruning
 *
 * Programs are walked over as kernels do, but with one number for each moment that says what has
 * been computed, or with the moments of a few neighbours, compared with the tables themselves.
 */
#include "mtp/mtp_kernel_impl.h"
#include "tests/support/mtp_kernels.h"

static const char help[] = "Plans of the fast kernels\n";

static mtp_plan *plan_of(const mtp_potential *pot, PetscInt lanes, PetscBool prune)
{
  mtp_plan *plan = NULL;

  expect_ok(mtp_plan_create(pot, lanes, prune, &plan));
  expect(plan, "tables that fast kernels know");
  return plan;
}

static mtp_potential *standard(PetscInt level)
{
  return level_potential(level, 2, 8, 1.8, 5.0, (uint64_t)level);
}

static uint64_t signature_of(const mtp_potential *pot, PetscInt lanes, PetscBool prune)
{
  mtp_plan *plan = plan_of(pot, lanes, prune);
  const uint64_t signature = plan->signature;

  expect_ok(mtp_plan_destroy(&plan));
  return signature;
}

/* Counts -------------------------------------------------------------------------------------- */

/* The numbers that published ratios to the floor refer to. */
static void test_counts(void **state)
{
  static const struct {
    PetscInt level, nodes, slots, inner, leaf;
    PetscReal operations; /* with 46.5 neighbours, rounded to hundreds */
  } want[] = {{8, 9, 10, 5, 9, 6400.0},          {12, 25, 35, 76, 41, 13700.0},
              {14, 36, 57, 267, 81, 20100.0},    {16, 49, 84, 801, 168, 28100.0},
              {20, 81, 165, 5670, 679, 61600.0}, {24, 121, 286, 33300, 2870, 173800.0}};

  (void)state;
  for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
    mtp_potential *pot = standard(want[k].level);
    mtp_plan *plan = plan_of(pot, 8, PETSC_TRUE);

    assert_int_equal(plan->counts.nodes, want[k].nodes);
    assert_int_equal(plan->counts.slots, want[k].slots);
    assert_int_equal(plan->counts.inner, want[k].inner);
    assert_int_equal(plan->counts.leaf, want[k].leaf);
    assert_int_equal(plan->nslot, want[k].slots);
    expect_abs(mtp_plan_operations(plan, 46.5), want[k].operations, 50.0, "multiply-adds");
    expect_ok(mtp_plan_destroy(&plan));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* Signatures ---------------------------------------------------------------------------------- */

static void test_signature_of_files(void **state)
{
  uint64_t before = 0;

  (void)state;
  for (PetscInt level = 8; level <= 20; level += 2) {
    char path[512];
    mtp_potential *file = NULL, *made = standard(level);
    mtp_diag diag = {0};
    uint64_t signature;

    (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_2sp_%02d.almtp", TEST_DATA, (int)level);
    expect_ok(mtp_potential_read(path, &file, &diag));
    if (!file) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
    signature = signature_of(file, 8, PETSC_TRUE);
    expect(signature == signature_of(made, 8, PETSC_TRUE), "a file's plan is that of its level");
    expect(signature == signature_of(made, 1, PETSC_FALSE), "whatever the lanes");
    expect(signature != before, "levels differ");
    before = signature;
    expect_ok(mtp_potential_destroy(&file));
    expect_ok(mtp_potential_destroy(&made));
  }
}

static void swap_rows(PetscInt (*a)[4], PetscInt (*b)[4])
{
  PetscInt row[4];

  memcpy(row, *a, sizeof(row));
  memcpy(*a, *b, sizeof(row));
  memcpy(*b, row, sizeof(row));
}

/* What must change a signature and what must not. */
static void test_signature_of_changes(void **state)
{
  mtp_potential *pot = standard(12);
  const uint64_t signature = signature_of(pot, 8, PETSC_TRUE);
  PetscInt *last = pot->times[pot->ntimes - 1];
  PetscReal *w = &pot->moment_coeff[pot->nscalar - 1]; /* of a scalar that is used nowhere else */

  (void)state;
  pot->radial[3] = 7.0;
  *w = -2.0;
  expect(signature == signature_of(pot, 8, PETSC_TRUE), "coefficients are not in it");
  *w = 0.0;
  expect(signature != signature_of(pot, 8, PETSC_TRUE), "a product that is left out");
  expect(signature == signature_of(pot, 8, PETSC_FALSE), "unless it is kept");
  *w = 1.0;
  last[2]++; /* a leaf: its factor goes into a coefficient */
  expect(signature == signature_of(pot, 8, PETSC_TRUE), "factors of leaves are coefficients");
  last[2]--;
  for (int by = 20; by >= -20; by -= 40) { /* the same copies with other factors, and back */
    for (PetscInt t = 0; t < pot->ntimes; t++) {
      if (pot->times[t][2] > 1) pot->times[t][2] += by;
    }
    expect((by < 0) == (signature == signature_of(pot, 8, PETSC_TRUE)), "factors are in it");
  }
  last[0] = last[1] - 1;
  expect(signature != signature_of(pot, 8, PETSC_TRUE), "another operand");
  expect_ok(mtp_potential_destroy(&pot));
}

/* Two products of the same tensors change places: the same numbers, another table. */
static void test_signature_of_permutation(void **state)
{
  mtp_potential *pot = standard(12);
  const uint64_t signature = signature_of(pot, 8, PETSC_TRUE);
  PetscInt swapped = 0;

  (void)state;
  for (PetscInt t = 0; t + 1 < pot->ntimes && !swapped; t++) {
    PetscInt *const a = pot->times[t], *const b = pot->times[t + 1];
    const PetscInt o = a[3], other = b[3];
    PetscInt users = 0;

    for (PetscInt s = 0; s < pot->ntimes; s++) {
      for (int k = 0; k < 2; k++)
        users |= (pot->times[s][k] == o) | 2 * (pot->times[s][k] == other);
    }
    if (o == other || users != 3) continue; /* both inner, and rows of one each */
    if ((t && pot->times[t - 1][3] == o) || pot->times[t + 2][3] == other) continue;
    swap_rows(&pot->times[t], &pot->times[t + 1]);
    swapped = 1;
  }
  expect(swapped, "a pair to exchange");
  expect(signature != signature_of(pot, 8, PETSC_TRUE), "another order of products");
  expect_ok(mtp_potential_destroy(&pot));
}

/* Programs ------------------------------------------------------------------------------------ */

typedef struct {
  const mtp_plan *plan;
  char *known;    /* [nmoment] M is computed */
  char *finished; /* [ngradient] G was read: nothing may be added any more */
} progress;

/* Moment of an index; it is a multiple of the lanes and below `end`. */
static PetscInt moment_of(const mtp_plan *plan, uint32_t index, PetscInt end)
{
  const PetscInt q = (PetscInt)index / plan->lanes;

  expect(q * plan->lanes == (PetscInt)index && q < end, "an index is a moment");
  return q;
}

static const uint32_t *check_scaled(const progress *p, const uint32_t *index)
{
  const PetscInt to = moment_of(p->plan, index[0], p->plan->nmoment);

  expect(to >= p->plan->ngradient, "scaled operands have places of their own");
  expect(p->known[moment_of(p->plan, index[1], p->plan->ngradient)], "a known operand");
  p->known[to] = 1;
  return index + 2;
}

/* Each target once, each source before. */
static const uint32_t *check_forward_row(const progress *p, const mtp_run *run,
                                         const uint32_t *index)
{
  const PetscInt to = moment_of(p->plan, *index++, p->plan->ngradient);

  for (int32_t k = 0; k < 2 * run->length; k++) {
    expect(p->known[moment_of(p->plan, *index++, p->plan->nmoment)], "a source is known");
  }
  expect(!p->known[to], "a target is formed once");
  p->known[to] = 1;
  return index;
}

/* A G that was read is complete. */
static const uint32_t *check_backward_row(const progress *p, const mtp_run *run,
                                          const uint32_t *index)
{
  const PetscInt to = moment_of(p->plan, *index++, p->plan->ngradient);

  expect(!p->finished[to], "nothing is added to what was read");
  for (int32_t k = 0; k < run->length; k++, index += 2) {
    p->finished[moment_of(p->plan, index[0], p->plan->ngradient)] = 1;
    expect(p->known[moment_of(p->plan, index[1], p->plan->nmoment)], "a known factor");
  }
  return index;
}

static const uint32_t *check_leaf_row(const progress *p, const mtp_run *run, const uint32_t *index)
{
  for (int32_t k = 0; k < 1 + run->length; k++) {
    expect(p->known[moment_of(p->plan, *index++, p->plan->ngradient)], "a known moment");
  }
  return index;
}

static void check_program(const progress *p, const mtp_program *program)
{
  const uint32_t *index = program->index;
  PetscInt ncoeff = 0;

  for (PetscInt k = 0; k < program->nrun; k++) {
    const mtp_run *run = &program->run[k];

    expect(run->rows > 0 && run->length > 0, "runs are not empty");
    for (int32_t r = 0; r < run->rows; r++) {
      if (run->kind == MTP_RUN_SCALE) index = check_scaled(p, index);
      if (run->kind == MTP_RUN_FORWARD) index = check_forward_row(p, run, index);
      if (run->kind == MTP_RUN_LEAF) index = check_leaf_row(p, run, index);
      if (run->kind == MTP_RUN_BACKWARD || run->kind == MTP_RUN_BACKSCALE) {
        index = check_backward_row(p, run, index);
      }
      if (run->kind == MTP_RUN_SCALE || run->kind == MTP_RUN_BACKSCALE) ncoeff++;
      if (run->kind == MTP_RUN_LEAF) ncoeff += run->length;
    }
  }
  assert_int_equal(index - program->index, program->nindex);
  assert_int_equal(ncoeff, program->ncoeff);
}

static void check_traces(const progress *p)
{
  for (PetscInt t = 0; t < p->plan->ntrace; t++) {
    const mtp_trace *trace = &p->plan->trace[t];
    const uint32_t from[3] = {trace->from, trace->x, trace->y};

    for (int k = 0; k < 3; k++) {
      expect(p->known[moment_of(p->plan, from[k], p->plan->ngradient)], "a known component");
    }
    p->known[moment_of(p->plan, trace->to, p->plan->ngradient)] = 1;
  }
}

static void check_plan(const mtp_plan *plan)
{
  progress p = {plan, calloc((size_t)plan->nmoment, 1), calloc((size_t)plan->ngradient, 1)};

  for (PetscInt s = 0; s < plan->nslot; s++) p.known[s] = 1;
  check_traces(&p);
  check_program(&p, &plan->forward);
  for (PetscInt q = plan->npadded; q < plan->ngradient; q++) expect(p.known[q], "nothing is left");
  check_program(&p, &plan->leaf);
  check_program(&p, &plan->backward);
  free(p.known);
  free(p.finished);
}

static void test_programs(void **state)
{
  (void)state;
  for (PetscInt level = 2; level <= 24; level += 2) {
    for (int pruned = 0; pruned < 2; pruned++) {
      mtp_potential *pot = standard(level);
      mtp_plan *plan;

      for (PetscInt k = 0; k < pot->nscalar && pruned; k += 3) pot->moment_coeff[k] = 0.0;
      plan = plan_of(pot, level % 4 ? 4 : 8, PETSC_TRUE);
      check_plan(plan);
      expect_ok(mtp_plan_destroy(&plan));
      expect_ok(mtp_potential_destroy(&pot));
    }
  }
}

/* Rows whose target a scalar with a coefficient needs, by following the tables back */
static PetscInt needed_rows(const mtp_potential *pot)
{
  char *live = calloc((size_t)pot->nmoment, 1);
  PetscInt n = 0;

  for (PetscInt k = 0; k < pot->nscalar; k++)
    live[pot->mapping[k]] = pot->moment_coeff[k] != 0.0 ? 1 : 0;
  for (PetscInt t = pot->ntimes - 1; t >= 0; t--) {
    if (!live[pot->times[t][3]]) continue;
    live[pot->times[t][0]] = live[pot->times[t][1]] = 1;
    n++;
  }
  free(live);
  return n;
}

static void test_pruning(void **state)
{
  (void)state;
  for (PetscInt level = 8; level <= 16; level += 4) {
    mtp_potential *pot = standard(level);

    for (PetscInt keep = 0; keep <= pot->nscalar; keep++) { /* scalar `keep` alone, then none */
      mtp_plan *plan;

      for (PetscInt k = 0; k < pot->nscalar; k++) pot->moment_coeff[k] = k == keep ? 0.5 : 0.0;
      plan = plan_of(pot, 4, PETSC_TRUE);
      assert_int_equal(plan->counts.inner + plan->counts.leaf, needed_rows(pot));
      if (keep == pot->nscalar) assert_int_equal(plan->forward.nrun + plan->leaf.nrun, 0);
      expect_ok(mtp_plan_destroy(&plan));
      plan = plan_of(pot, 4, PETSC_FALSE);
      assert_int_equal(plan->counts.inner + plan->counts.leaf, pot->ntimes);
      expect_ok(mtp_plan_destroy(&plan));
    }
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* Moments ------------------------------------------------------------------------------------- */

enum { NEIGHBOURS = 5 };

/* Random radial values f [NEIGHBOURS,K of the file] and unit vectors [NEIGHBOURS,3] */
typedef struct {
  PetscInt K;
  PetscReal f[NEIGHBOURS][MTP_KERNEL_MAX_K], u[NEIGHBOURS][3];
} shell;

static void random_shell(PetscInt K, random_stream *dice, shell *s)
{
  s->K = K;
  for (int n = 0; n < NEIGHBOURS; n++) {
    PetscReal r = 0.0;

    for (PetscInt m = 0; m < K; m++) s->f[n][m] = random_sign(dice);
    for (int a = 0; a < 3; a++) s->u[n][a] = random_normal(dice);
    r = norm3(s->u[n], 1);
    for (int a = 0; a < 3; a++) s->u[n][a] /= r;
  }
}

static PetscReal component_of(const shell *s, PetscInt mu, PetscInt a, PetscInt b, PetscInt c)
{
  PetscReal sum = 0.0;

  for (int n = 0; n < NEIGHBOURS; n++) {
    sum += s->f[n][mu] * pow(s->u[n][0], (double)a) * pow(s->u[n][1], (double)b) *
           pow(s->u[n][2], (double)c);
  }
  return sum;
}

/* Slots as the header places them, traces, products; M [nmoment of the plan] */
static void plan_moments(const mtp_plan *plan, const shell *s, PetscReal M[])
{
  const mtp_program *forward = &plan->forward;
  const uint32_t *index = forward->index;
  const double *coeff = forward->coeff;

  for (PetscInt e = 0; e <= plan->rank; e++) {
    for (PetscInt b = 0; b <= e; b++) {
      const PetscInt stride = plan->active[e] + plan->active[e + 1];
      PetscReal *at = M + mtp_plan_degree_slot(plan, e) + b * stride;

      for (PetscInt m = 0; m < stride; m++) {
        const PetscInt c = m >= plan->active[e];

        at[m] = component_of(s, plan->mu[c ? m - plan->active[e] : m], e - b, b, c);
      }
    }
  }
  for (PetscInt t = 0; t < plan->ntrace; t++) {
    const mtp_trace *trace = &plan->trace[t];

    M[trace->to] = M[trace->from] - M[trace->x] - M[trace->y];
  }
  for (const mtp_run *run = forward->run; run < forward->run + forward->nrun; run++) {
    for (int32_t r = 0; r < run->rows; r++) {
      const uint32_t to = *index++;
      PetscReal sum = 0.0;

      if (run->kind == MTP_RUN_SCALE) sum = *coeff++ * M[*index++];
      for (int32_t k = 0; k < run->length && run->kind == MTP_RUN_FORWARD; k++, index += 2) {
        sum += M[index[0]] * M[index[1]];
      }
      M[to] = sum;
    }
  }
}

static void file_moments(const mtp_potential *pot, const shell *s, PetscReal M[])
{
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];

    M[q] = component_of(s, basic[0], basic[1], basic[2], basic[3]);
  }
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt *times = pot->times[t];

    M[times[3]] += (PetscReal)times[2] * M[times[0]] * M[times[1]];
  }
}

/* All scalars of the file from the plan's terms */
static void check_scalars(const mtp_potential *pot, PetscReal tolerance, random_stream *dice)
{
  mtp_plan *plan = plan_of(pot, 1, PETSC_FALSE);
  PetscReal *M = calloc((size_t)plan->nmoment, sizeof(*M));
  PetscReal *want = calloc((size_t)pot->nmoment, sizeof(*want));
  shell s;

  random_shell(pot->radial_funcs, dice, &s);
  plan_moments(plan, &s, M);
  file_moments(pot, &s, want);
  for (PetscInt k = 0; k < pot->nscalar; k++) {
    PetscReal sum = 0.0, size = 1.0;

    for (PetscInt t = plan->scalar_first[k]; t < plan->scalar_first[k + 1]; t++) {
      const uint32_t *i = plan->scalar_index + 2 * t;
      const PetscReal term =
          plan->scalar_coeff[t] * M[i[0]] * (i[1] == MTP_PLAN_NONE ? 1.0 : M[i[1]]);

      sum += term;
      size += fabs(term);
    }
    expect_abs(sum, want[pot->mapping[k]], tolerance * size, "a scalar");
  }
  free(M);
  free(want);
  expect_ok(mtp_plan_destroy(&plan));
}

static void test_scalars(void **state)
{
  random_stream dice = {3};

  (void)state;
  for (PetscInt level = 2; level <= 20; level += 2) {
    mtp_potential *pot = standard(level);

    check_scalars(pot, 1e-12, &dice);
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* Scalars that are the basic moments themselves: every component comes out of slots and traces,
   also when ranks rise with mu.  Up to rank 10 five traces stand on each other. */
static void test_traces(void **state)
{
  random_stream dice = {4};

  (void)state;
  for (PetscInt level = 8; level <= 24; level += 4) {
    for (int turned = 0; turned < 2; turned++) {
      mtp_potential *pot = standard(level);

      expect_ok(PetscFree(pot->mapping));
      expect_ok(PetscFree(pot->moment_coeff));
      expect_ok(PetscMalloc1(pot->nbasic, &pot->mapping));
      expect_ok(PetscCalloc1(pot->nbasic, &pot->moment_coeff));
      pot->nscalar = pot->nbasic;
      pot->ntimes = 0;
      pot->nmoment = pot->nbasic;
      for (PetscInt q = 0; q < pot->nbasic; q++) {
        pot->mapping[q] = q;
        if (turned) pot->basic[q][0] = pot->radial_funcs - 1 - pot->basic[q][0];
      }
      check_scalars(pot, 1e-13, &dice);
      expect_ok(mtp_potential_destroy(&pot));
    }
  }
}

/* Radial -------------------------------------------------------------------------------------- */

/* Powers up to MTP_PLAN_POWERS polynomials, Chebyshev's own coefficients beyond; s sum_k c_k T_k */
static void test_radial(void **state)
{
  (void)state;
  for (PetscInt R = 2; R <= 16; R++) {
    mtp_potential *pot = level_potential(10, 2, R, 1.8, 5.0, (uint64_t)R);
    mtp_plan *plan;
    const PetscInt K = pot->radial_funcs;

    for (PetscInt q = 0; q < pot->nbasic; q++) pot->basic[q][0] = K - 1 - pot->basic[q][0];
    plan = plan_of(pot, 2, PETSC_TRUE);
    for (PetscInt row = 0; row < 4 * K; row++) {
      const PetscInt pair = row / K, m = row % K;
      const PetscReal xi = -1.2 + 0.17 * (PetscReal)row;
      const PetscReal *c = pot->radial + (pair * K + plan->mu[m]) * R;
      PetscReal got = 0.0, want = 0.0, power = 1.0, t[2] = {1.0, xi};

      for (PetscInt k = 0; k < R; k++) {
        const PetscReal T = k < 2 ? t[k] : 2.0 * xi * t[1] - t[0];

        if (k >= 2) {
          t[0] = t[1];
          t[1] = T;
        }
        want += pot->scaling * c[k] * T;
        got += plan->radial[(pair * R + k) * K + m] * (R <= MTP_PLAN_POWERS ? power : T);
        power *= xi;
      }
      expect_abs(got, want, 1e-12, "a radial polynomial");
    }
    expect_ok(mtp_plan_destroy(&plan));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* What only the reference kernel knows */
static void test_unknown(void **state)
{
  mtp_potential *pot = standard(8);
  mtp_plan *plan = (mtp_plan *)pot;

  (void)state;
  pot->basic[1][3] = 16;
  expect_ok(mtp_plan_create(pot, 8, PETSC_TRUE, &plan));
  expect(!plan, "a rank above 15");
  pot->basic[1][3] = 0;
  pot->radial_size = 1001;
  plan = (mtp_plan *)pot;
  expect_ok(mtp_plan_create(pot, 8, PETSC_TRUE, &plan));
  expect(!plan, "more than 1000 polynomials");
  pot->radial_size = 8;
  pot->times[0][3] = 3;
  plan = (mtp_plan *)pot;
  expect_ok(mtp_plan_create(pot, 8, PETSC_TRUE, &plan));
  expect(!plan, "a product added to a basic moment");
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts),
      cmocka_unit_test(test_signature_of_files),
      cmocka_unit_test(test_signature_of_changes),
      cmocka_unit_test(test_signature_of_permutation),
      cmocka_unit_test(test_programs),
      cmocka_unit_test(test_pruning),
      cmocka_unit_test(test_scalars),
      cmocka_unit_test(test_traces),
      cmocka_unit_test(test_radial),
      cmocka_unit_test(test_unknown),
  };

  return expect_main(argc, argv, help, tests);
}
