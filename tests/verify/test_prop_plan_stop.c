/* tests/verify/test_prop_plan_stop.c - intervals of campaigns that stop at their target
 *
 * Made-up campaigns: replicas of normal values, one more until the error bar is small enough, the
 * way a run does it.  The truth must lie within one and two errors, with Student's factors, as
 * often as if nobody had looked: 68 +- 5 % and 95 +- 2.5 %.  That a rule without a least number of
 * samples fails shows that the test would see it.
 */
#include "properties/prop_plan.h"
#include "properties/prop_series.h"
#include "properties/prop_stat.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

#include <stdio.h>

static const char help[] = "Coverage of results that stopped at their target\n";

enum { CAMPAIGNS = 1000, LEAST = 3, MOST = 400 };
#define TRUTH  10.0
#define TARGET 0.01

/* How a campaign decides that it is done. */
typedef enum { BY_ERROR, BY_STUDENT, BY_RATIO } rule;

static PetscBool is_enough(rule how, const prop_value *v)
{
  const PetscReal error = v->error / v->value / TARGET;

  if (how == BY_RATIO) return (PetscBool)(prop_plan_ratio(v, TARGET) <= 1.0);
  if (how == BY_ERROR) return (PetscBool)(error <= 1.0);
  return (PetscBool)(prop_student68((PetscInt)v->neff - 1) * error <= 1.0);
}

/* A replica of `samples` values whose mean has the standard deviation `spread`; one value knows
   nothing of its error. */
static prop_estimate replica(random_stream *stream, PetscInt samples, PetscReal spread)
{
  PetscReal sum = 0.0, squares = 0.0;
  prop_estimate est = {.error = PROP_NAN, .neff = (PetscReal)samples};

  for (PetscInt i = 0; i < samples; i++) {
    const PetscReal x = spread * PetscSqrtReal((PetscReal)samples) * random_normal(stream);

    sum += x;
    squares += x * x;
  }
  est.mean = TRUTH + sum / (PetscReal)samples;
  if (samples > 1)
    est.error = PetscSqrtReal((squares - sum * sum / (PetscReal)samples) /
                              (PetscReal)(samples * (samples - 1)));
  return est;
}

/* Shares of campaigns whose intervals hold the truth, and replicas at the end. */
typedef struct {
  PetscReal one, two, replicas;
} coverage;

static void run_campaign(random_stream *stream, rule how, PetscInt samples, PetscReal spread,
                         coverage *c)
{
  const PetscReal share = 1.0 / CAMPAIGNS;
  prop_estimate est[MOST];
  prop_value v = prop_value_missing;
  PetscReal z;
  PetscInt n = 0;

  while (n < LEAST || !is_enough(how, &v)) {
    assert_true(n < MOST);
    est[n++] = replica(stream, samples, spread);
    if (n >= LEAST) expect_ok(prop_combine(n, est, 1.0, &v));
  }
  z = PetscAbsReal(v.value - TRUTH) / v.error;
  c->one += z < prop_student68((PetscInt)v.neff - 1) ? share : 0.0;
  c->two += z < prop_student95((PetscInt)v.neff - 1) ? share : 0.0;
  c->replicas += share * (PetscReal)n;
}

/* Campaigns for which `need` replicas reach the target on average. */
static coverage run_campaigns(uint64_t seed, rule how, PetscInt samples, PetscReal need)
{
  random_stream stream = {seed};
  coverage c = {0};

  for (int i = 0; i < CAMPAIGNS; i++)
    run_campaign(&stream, how, samples, TARGET * TRUTH * PetscSqrtReal(need), &c);
  printf("rule %d, %d samples, need %2.0f: %.3f %.3f in intervals, %.1f replicas\n", (int)how,
         (int)samples, (double)need, (double)c.one, (double)c.two, (double)c.replicas);
  return c;
}

/* Replicas of one value, as where their spread is all that is known. */
static void test_spread(void **state)
{
  static const PetscReal need[] = {2.0, 5.0, 10.0, 16.0, 24.0, 40.0};

  (void)state;
  for (int i = 0; i < 6; i++) {
    const coverage c = run_campaigns(11 + (uint64_t)i, BY_RATIO, 1, need[i]);

    expect_abs(c.one, 0.6827, 0.05, "within one error");
    expect_abs(c.two, 0.95, 0.025, "within two");
    expect(c.replicas < PetscMax(20.0, need[i]) + 2.5, "not much more than is needed");
  }
}

/* Replicas that know their own errors from eight samples. */
static void test_series(void **state)
{
  static const PetscReal need[] = {2.0, 6.0, 20.0};

  (void)state;
  for (int i = 0; i < 3; i++) {
    const coverage c = run_campaigns(21 + (uint64_t)i, BY_RATIO, 8, need[i]);

    expect_abs(c.one, 0.6827, 0.05, "within one error");
    expect_abs(c.two, 0.95, 0.025, "within two");
  }
}

/* What the rule is for: the error bar alone, and with Student's factor alone. */
static void test_naive(void **state)
{
  const coverage error = run_campaigns(31, BY_ERROR, 1, 14.0);
  const coverage student = run_campaigns(32, BY_STUDENT, 1, 12.0);

  (void)state;
  expect(error.one < 0.63 && error.two < 0.925, "who stops at a small error bar is too sure");
  expect(student.one < 0.63 && student.two < 0.925, "Student's factor does not cure it");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_spread), cmocka_unit_test(test_series),
                                     cmocka_unit_test(test_naive)};

  return expect_main(argc, argv, help, tests);
}
