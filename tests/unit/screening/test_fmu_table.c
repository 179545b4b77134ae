/* tests/unit/screening/test_fmu_table.c - tables inside FMUs: values, derivatives, damaged texts */
#include "screening/fmu/fmu_table.h"

#include "tests/support/expect.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2 compositions, one pressure, 4 temperatures; one node of the second function is a hole. */
static const char body[] = "liquidus-fmu-table 1\ntoken {a}\n# a comment, axes 9\naxes 3\n"
                           "axis 2 0 0.5 x\n0 1\naxis 1 1e6 0 p\n1e5\naxis 4 0 1 T\n0 1 2 4\n"
                           "functions 2\n"
                           "function 1 1 f # [kg]\n1 0.1\n2 0.1\n4 0.1\n4 0.1\n"
                           "3 0.3\n4 0.3\n6 0.3\n5 0.3\n"
                           "function -1 0 k\n1e-9 -\n1e-9 -\n1e-9 -\n1e-9 -\n"
                           "1e-9 -\n1e-9 -\n- -\n1e-9 -\n";

/* With its checksum; to be freed. */
static char *sealed(const char *text)
{
  const size_t n = strlen(text);
  char *whole = malloc(n + 16);

  assert_non_null(whole);
  snprintf(whole, n + 16, "%scrc %08lx\n", text, (unsigned long)fmu_crc32(text, n));
  return whole;
}

static fmu_table *table_of(const char *text, char message[FMU_MESSAGE])
{
  char *whole = sealed(text);
  fmu_table *t = fmu_table_parse(whole, strlen(whole), message);

  free(whole);
  return t;
}

static void check_sum_of_the_standard(void **state)
{
  (void)state;
  assert_int_equal(fmu_crc32("123456789", 9), 0xcbf43926U);
}

/* By hand: slopes of 1, 2, 4, 4 at 0, 1, 2, 4 are (3 - 2)/2, 3/(2/1 + ... ), ..., 0. */
static void values_by_hand(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t = table_of(body, message);
  fmu_result r;
  const double at_node[] = {0.0, 1e5, 1.0}, middle[] = {0.0, 1e5, 1.5}, above[] = {0.0, 1e5, 5.0};
  const double slope = 6.0 / (3.0 / 1.0 + 3.0 / 2.0); /* widths 1, 1; slopes 1, 2 */

  (void)state;
  assert_non_null(t);
  fmu_table_at(t, 0, at_node, FMU_POLICY_ERROR, &r);
  assert_int_equal(r.has, 15);
  expect_abs(r.value, 2.0, 0.0, "r.value");
  expect_abs(r.error, 0.1, 1e-16, "r.error");
  expect_abs(r.dvalue[2], slope, 1e-15, "r.dvalue[2]");
  expect_abs(r.dvalue[0], 2.0, 1e-15, "r.dvalue[0]");
  fmu_table_at(t, 0, middle, FMU_POLICY_ERROR, &r);
  expect_abs(r.value, 3.0 + slope / 8.0, 1e-15,
             "r.value"); /* the slope at 2 is 0: the next cell is flat */
  fmu_table_at(t, 0, above, FMU_POLICY_LINEAR, &r);
  expect_abs(r.value, 4.0, 1e-15, "r.value");
  expect_abs(r.error, sqrt(1.5 * 1.5 + 0.5 * 0.5) * 0.1, 1e-15, "r.error");
  fmu_table_free(t);
}

static void errors_between(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t = table_of(body, message);
  fmu_result r;
  const double x[] = {0.25, 1e5, 0.0};

  (void)state;
  assert_non_null(t);
  fmu_table_at(t, 0, x, FMU_POLICY_ERROR, &r);
  expect_abs(r.error, sqrt(0.75 * 0.01 + 0.25 * 0.09), 1e-15, "r.error");
  expect_abs(r.derror[0], (0.09 - 0.01) / (2.0 * r.error), 1e-14, "r.derror[0]");
  fmu_table_at(t, 1, x, FMU_POLICY_ERROR, &r);
  assert_int_equal(r.has & (FMU_HAS_VALUE | FMU_HAS_ERROR), FMU_HAS_VALUE);
  fmu_table_free(t);
}

static void holes(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t = table_of(body, message);
  fmu_result r;
  const double in[] = {1.0, 1e5, 1.5}, beside[] = {1.0, 1e5, 1.0}, away[] = {0.0, 1e5, 1.5};

  (void)state;
  assert_non_null(t);
  fmu_table_at(t, 1, in, FMU_POLICY_LINEAR, &r);
  assert_int_equal(r.has & FMU_HAS_VALUE, 0);
  fmu_table_at(t, 1, beside, FMU_POLICY_ERROR, &r);
  assert_int_equal(r.has & FMU_HAS_VALUE, FMU_HAS_VALUE);
  fmu_table_at(t, 1, away, FMU_POLICY_ERROR, &r); /* the hole has no weight, but a derivative */
  assert_int_equal(r.has & (FMU_HAS_VALUE | FMU_HAS_DVALUE), FMU_HAS_VALUE);
  fmu_table_free(t);
}

static void pressure(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t = table_of(body, message);
  fmu_result r;
  const double x[] = {0.0, 6e5, 1.0}, far[] = {0.0, 3e6, 1.0};
  double low, high;

  (void)state;
  assert_non_null(t);
  fmu_table_at(t, 0, x, FMU_POLICY_ERROR, &r);
  expect_abs(r.value, 2.0 * (1.0 + 1e-9 * 5e5), 1e-15, "r.value");
  expect_abs(r.dvalue[1], 2e-9, 1e-24, "r.dvalue[1]");
  assert_int_equal(fmu_table_outside(t, x, &low, &high), -1);
  assert_int_equal(fmu_table_outside(t, far, &low, &high), 1);
  expect_abs(high, 1.1e6, 1e-9, "high");
  fmu_table_at(t, 0, far, FMU_POLICY_CLAMP, &r);
  expect_abs(r.value, 2.0 * (1.0 + 1e-9 * 1e6), 1e-15, "r.value");
  expect_abs(r.dvalue[1], 0.0, 0.0, "r.dvalue[1]");
  fmu_table_free(t);
}

/* Analytic derivatives against differences, everywhere and under each policy, errors included. */
static void derivatives(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t = table_of(body, message);
  const double h[] = {1e-6, 1e-1, 1e-6};

  (void)state;
  assert_non_null(t);
  for (int k = 0; k < 300; k++) {
    const double x[] = {-0.3 + 0.0053 * k, -2e6 + 17011.0 * k, -0.5 + 0.0183 * k};

    for (int policy = FMU_POLICY_CLAMP; policy <= FMU_POLICY_LINEAR; policy++) {
      fmu_result r, low, high;

      fmu_table_at(t, 0, x, (fmu_policy)policy, &r);
      for (int a = 0; a < 3 && (r.has & FMU_HAS_DERROR) && (r.has & FMU_HAS_DVALUE); a++) {
        double y[3];

        memcpy(y, x, sizeof(y));
        y[a] = x[a] - h[a];
        fmu_table_at(t, 0, y, (fmu_policy)policy, &low);
        y[a] = x[a] + h[a];
        fmu_table_at(t, 0, y, (fmu_policy)policy, &high);
        expect_abs(r.dvalue[a] * h[a], (high.value - low.value) / 2.0, 1e-9 * h[a] + 1e-11,
                   "r.dvalue[a] * h[a]");
        expect_abs(r.derror[a] * h[a], (high.error - low.error) / 2.0, 1e-9 * h[a] + 1e-11,
                   "r.derror[a] * h[a]");
      }
    }
  }
  fmu_table_free(t);
}

/* Anything cut or changed is refused; with a new checksum nothing else than an answer comes. */
static void damaged(void **state)
{
  char *whole = sealed(body), message[FMU_MESSAGE];
  const size_t n = strlen(whole);
  unsigned seed = 1;

  (void)state;
  for (size_t k = 0; k < n; k++) {
    assert_null(fmu_table_parse(whole, k, message));
    assert_true(message[0] != 0);
  }
  for (size_t k = 0; k < 8 * n; k++) {
    whole[k / 8] = (char)(whole[k / 8] ^ (1 << k % 8));
    assert_null(fmu_table_parse(whole, n, message));
    whole[k / 8] = (char)(whole[k / 8] ^ (1 << k % 8));
  }
  for (int k = 0; k < 3000; k++) {
    char *text = strdup(body);
    fmu_table *t;

    assert_non_null(text);
    for (int change = 0; change < 3; change++) {
      seed = seed * 1664525U + 1013904223U;
      text[(seed >> 8) % (sizeof(body) - 1)] = "0123456789.-+eEnaxf# \n"[(seed >> 3) % 22];
    }
    t = table_of(text, message);
    fmu_table_free(t);
    free(text);
  }
  free(whole);
}

static void refusal(const char *from, const char *to, const char *wanted)
{
  char text[sizeof(body) + 128], message[FMU_MESSAGE];
  const char *at = strstr(body, from);

  assert_non_null(at);
  snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - body), body, to, at + strlen(from));
  assert_null(table_of(text, message));
  if (!strstr(message, wanted))
    fail_msg("'%s' is refused with '%s', not '%s'", to, message, wanted);
}

static void words_of_refusals(void **state)
{
  char message[FMU_MESSAGE];

  (void)state;
  refusal("table 1", "table 2", "got '2', wanted '1'");
  refusal("0 1 2 4", "0 2 1 4", "axis T: its numbers do not rise");
  refusal("0 1 2 4", "0 1 nan 4", "got 'nan', wanted a number");
  refusal("0 1 2 4", "0 1 2e999 4", "got '2e999', wanted a number");
  refusal("axis 4 0 1 T", "axis 0 0 1 T", "got '0', wanted a whole number from 1 to");
  refusal("axes 3", "axes 99", "got '99', wanted a whole number from 2 to 8");
  refusal("axis 4 0 1 T", "axis 99999 0 1 T", "wanted a number");
  refusal("functions 2", "functions 90000", "more functions than the text can hold");
  refusal("function 1 1 f", "function 2 1 f", "got '2', wanted a whole number from -1 to 1");
  refusal("3 0.3", "3 -0.3", "function f: a negative error");
  refusal("functions 2\nfunction 1", "functions 1\nfunction -1", "text behind the last function");
  refusal("functions 2", "functions 3", "the text ends too early");
  assert_null(fmu_table_read("/nowhere/table.txt", message));
  assert_non_null(strstr(message, "/nowhere/table.txt cannot be opened"));
}

/* Numbers are read the same where a program has set another locale (if the system has one). */
static void decimal_comma(void **state)
{
  char message[FMU_MESSAGE];
  fmu_table *t;

  (void)state;
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) return;
  t = table_of(body, message);
  (void)setlocale(LC_NUMERIC, "C");
  assert_non_null(t);
  expect_abs(t->axis[0].start, 0.5, 0.0, "t->axis[0].start");
  fmu_table_free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(check_sum_of_the_standard),
      cmocka_unit_test(values_by_hand),
      cmocka_unit_test(errors_between),
      cmocka_unit_test(holes),
      cmocka_unit_test(pressure),
      cmocka_unit_test(derivatives),
      cmocka_unit_test(damaged),
      cmocka_unit_test(words_of_refusals),
      cmocka_unit_test(decimal_comma),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
