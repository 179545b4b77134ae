/* tests/support/expect.h - numeric checks and PETSc on top of cmocka
 *
 * Include this alone.  A test file defines cmocka tests and ends with
 *   int main(int argc, char **argv) { return expect_main(argc, argv, help, tests, n); }
 * A failed numeric check prints both values and the tolerance.
 */
#pragma once

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <petscsys.h>

#define EXPECT_SKIP 77

/* A PETSc error ends the test with its message. */
#define expect_ok(...)                                                                             \
  do {                                                                                             \
    PetscErrorCode expect_ierr_ = (__VA_ARGS__);                                                   \
    if (expect_ierr_) fail_msg("%s returned PETSc error %d", #__VA_ARGS__, (int)expect_ierr_);     \
  } while (0)

#define expect(cond, what)                                                                         \
  do {                                                                                             \
    if (!(cond)) fail_msg("%s", (what));                                                           \
  } while (0)

/* |got - want| <= tol */
#define expect_abs(got, want, tol, what)                                                           \
  do {                                                                                             \
    const double got_ = (got), want_ = (want), tol_ = (tol);                                       \
    if (!(fabs(got_ - want_) <= tol_))                                                             \
      fail_msg("%s: got %.17g, want %.17g, difference %.3g, allowed %.3g", (what), got_, want_,    \
               got_ - want_, tol_);                                                                \
  } while (0)

/* |got - want| <= tol |want| */
#define expect_near(got, want, tol, what)                                                          \
  expect_abs((got), (want), (double)(tol)*fabs((double)(want)), (what))

/* The call must return this PETSc error code; no traceback is printed. */
#define expect_error(code, ...)                                                                    \
  do {                                                                                             \
    PetscPushErrorHandler(PetscReturnErrorHandler, NULL);                                          \
    PetscErrorCode expect_ierr_ = (__VA_ARGS__);                                                   \
    PetscPopErrorHandler();                                                                        \
    if (expect_ierr_ != (code))                                                                    \
      fail_msg("%s returned %d, wanted error %d", #__VA_ARGS__, (int)expect_ierr_, (int)(code));   \
  } while (0)

/* Runs the group between PetscInitialize and PetscFinalize; the exit status is the number of
   failures. */
#define expect_main(argc, argv, help, tests)                                                       \
  expect_run(&(argc), &(argv), (help), #tests, (tests), sizeof(tests) / sizeof((tests)[0]))

static inline int expect_run(int *argc, char ***argv, const char *help, const char *name,
                             const struct CMUnitTest tests[], size_t n)
{
  int failed;

  if (PetscInitialize(argc, argv, NULL, help)) return 99;
  failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
  if (PetscFinalize()) return 98;
  return failed;
}
